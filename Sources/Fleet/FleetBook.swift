public import Base
internal import Catalog
internal import Crypto
internal import Items
internal import JSON
public import Library
internal import Store

/// The fleet of a centre, in its library: nodes, tokens by which they come in, and what they said last.
///
/// For any thread that may block, and for several processes at a time.
public struct FleetBook: Sendable {
  public let library: Library

  public init(_ library: Library) { self.library = library }

  private var table: any Table { library.table }

  /// All nodes, also those that were revoked, by name.
  public func nodes() throws(Fault) -> [FleetNode] {
    var nodes: [FleetNode] = []
    try table.forEach(Query(LibraryKeys.fleet, limit: ItemLimits.pageCount)) { (item) throws(Fault) in
      nodes.append(try FleetNode(item))
    }
    return nodes
  }

  public func node(_ name: NodeName) throws(Fault) -> FleetNode? {
    try table.get(LibraryKeys.fleetNode(name.text)).map { (item) throws(Fault) in try FleetNode(item) }
  }

  /// Whose a name is: of a token for it that nobody has used yet, else of the node; `nil` where there is neither.
  public func client(of name: NodeName) throws(Fault) -> String? {
    let found = try table.get([LibraryKeys.fleetNode(name.text), LibraryKeys.fleetToken(name.text)])
    if let item = found[1] {
      let token = try EnrolmentToken(item)
      if token.usedBy == nil { return token.client }
    }
    return try found[0].map { (item) throws(Fault) in try FleetNode(item).client }
  }

  /// Another text after every change of the nodes, but for what they say themselves.
  public func revision() throws(Fault) -> String {
    try table.get(LibraryKeys.fleetRevision)?.version.text ?? "none"
  }

  // MARK: what nodes say

  /// Keeps what a node said now; `report` is one JSON object of at most ``reportByteCount``.
  public func note(_ report: [UInt8], of name: NodeName) throws(Fault) {
    guard report.count <= Self.reportByteCount else {
      throw Fault(
        .tooLarge, "a node's report of \(report.count) bytes, of which it has at most \(Self.reportByteCount)")
    }
    let outcome = try table.write([
      .put(LibraryKeys.fleetStatus(name.text), NodeStatus(seen: library.now, report: report).json),
      .check(LibraryKeys.fleetNode(name.text), if: .present),
    ])
    guard case .committed = outcome else { throw Self.none(name) }
  }

  public static let reportByteCount = 48 << 10

  public func status(of name: NodeName) throws(Fault) -> NodeStatus? {
    try table.get(LibraryKeys.fleetStatus(name.text)).map { (item) throws(Fault) in try NodeStatus(item) }
  }

  /// When each node said something last, in milliseconds since 1970, by its name.
  public func seen() throws(Fault) -> [String: Int] {
    var seen: [String: Int] = [:]
    try table.forEach(Query(LibraryKeys.fleetStatuses)) { (item) throws(Fault) in
      seen[item.key.sort] = try NodeStatus(item).seen
    }
    return seen
  }

  /// When a node said something last, in milliseconds since 1970, and what of it is shown in a list.
  public typealias Heard = (seen: Int, summary: NodeSummary)

  /// By the node's name; one report is in memory at a time.
  public func heard() throws(Fault) -> [String: Heard] {
    var heard: [String: Heard] = [:]
    let copied = try copied()
    try table.forEach(Query(LibraryKeys.fleetStatuses)) { (item) throws(Fault) in
      let status = try NodeStatus(item)
      heard[item.key.sort] = Self.heard(status, isCopied: copied.contains(item.key.sort))
    }
    return heard
  }

  public func heard(_ status: NodeStatus, of name: NodeName) throws(Fault) -> Heard {
    Self.heard(status, isCopied: try isCopied(name))
  }

  private static func heard(_ status: NodeStatus, isCopied: Bool) -> Heard {
    var summary = NodeSummary(report: status.report)
    if isCopied { summary.troubles.append("a copy of it speaks too") }
    return (status.seen, summary)
  }

  /// By the node's name; all reports of the fleet are in memory then.
  public func statuses() throws(Fault) -> [String: NodeStatus] {
    var statuses: [String: NodeStatus] = [:]
    try table.forEach(Query(LibraryKeys.fleetStatuses)) { (item) throws(Fault) in
      statuses[item.key.sort] = try NodeStatus(item)
    }
    return statuses
  }

  // MARK: the door

  private enum DoorKey: String, CaseIterable { case pin }

  /// The pin of the door that nodes come to: SHA-256 of its public key, 32 bytes.
  ///
  /// - Throws: `notFound` where no server has opened one over this library.
  public func doorPin() throws(Fault) -> [UInt8] {
    guard let item = try table.get(LibraryKeys.fleetDoor) else {
      throw Fault(
        .notFound,
        "no server has opened a door for nodes over this library: start it once with 'edge: {listen: HOST:PORT}' in its configuration"
      )
    }
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let value = try document.root.fields(DoorKey.self, others: .ignored).required(.pin)
    guard let pin = SHA256.bytes(ofHex: try value.string()) else { throw value.fault("this is no pin of a key") }
    return pin
  }

  /// Writes down the door's pin, and gives the one that stood there before, where it is another.
  public func setDoorPin(_ pin: [UInt8]) throws(Fault) -> [UInt8]? {
    let known = try? doorPin()
    guard known != pin else { return nil }
    let body = JSONWriter.object(capacity: 128) { $0.field("pin", Hex.text(pin)) }
    _ = try table.write([.put(LibraryKeys.fleetDoor, body)])
    return known
  }
}
