public import Base
internal import Catalog
internal import Items
public import JSON

/// A range of the past of a node's stream that somebody asked for.
public struct FetchOrder: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// The node does not know of it yet.
    case waiting
    /// What the node has of it is among what it forwards.
    case taken
  }

  /// A ULID.
  public let id: String
  /// As the node calls it.
  public let stream: String
  /// Milliseconds since 1970, by the centre's clock.
  public let from: Int
  public let to: Int
  public var state = State.waiting
  /// How many recordings the node had of it.
  public var count: Int?

  /// Milliseconds of one order, at most.
  public static let longest = 6 * 3_600_000

  /// The fault is `badInput` for what no stream is called, and for a range that is none or is too long.
  public init(id: String, stream: String, from: Int, to: Int) throws(Fault) {
    guard PlainName.isValid(stream) else {
      throw Fault(.badInput, "'\(stream.prefix(64))' is no name of a stream as its node calls it, such as 'dock'")
    }
    guard from < to, to - from <= Self.longest else {
      throw Fault(.badInput, "a range that is fetched ends behind its beginning, and has at most six hours")
    }
    (self.id, self.stream, self.from, self.to) = (id, stream, from, to)
  }

  private enum Key: String, CaseIterable { case fetch, stream, begins, ends, state, count }

  public func write(into json: inout JSONWriter) {
    json.field("fetch", id)
    json.field("stream", stream)
    json.field("begins", CompositeKey.time(milliseconds: from))
    json.field("ends", CompositeKey.time(milliseconds: to))
    json.field("state", state.rawValue)
    json.field("count", ifKnown: count)
  }

  var json: [UInt8] { JSONWriter.object(capacity: 256, write) }

  /// Reads what ``write(into:)`` wrote.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let (begins, ends) = (try fields.required(.begins), try fields.required(.ends))
    guard let from = CompositeKey.milliseconds(of: try begins.string()),
      let to = CompositeKey.milliseconds(of: try ends.string())
    else { throw begins.fault("this is no moment") }
    try self.init(
      id: try LedgerEntry.word(fields.required(.fetch)), stream: try fields.required(.stream).string(), from: from,
      to: to)
    state = try fields.required(.state).choice()
    count = try fields[.count]?.integer(in: 0 ... .max)
  }
}

/// What a centre wants of a node's ledger, and what the node has done of it.
public struct FetchOrders: Sendable, Hashable {
  public var orders: [FetchOrder]
  /// The life of which the centre has less than it said: it was restored from a backup.
  public var lost: String?

  public init(_ orders: [FetchOrder], lost: String? = nil) { (self.orders, self.lost) = (orders, lost) }

  private enum Key: String, CaseIterable { case fetches, lost }

  public var json: [UInt8] {
    JSONWriter.object { json in
      json.array("fetches") { json in for order in orders { json.object(order.write) } }
      json.field("lost", ifKnown: lost)
    }
  }

  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    orders = []
    for value in try fields.required(.fetches).elements() { orders.append(try FetchOrder(value)) }
    lost = try fields[.lost]?.string()
  }
}
