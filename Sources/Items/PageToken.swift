public import Base

/// Where the next page of a query begins, as text that only the table reads.
///
/// It holds the last place that was given out, not a count of elements: what is written or deleted meanwhile neither hides an element that
/// was there all along nor shows it twice. It fits the query that it came from, with any limit, and no other.
public struct PageToken: Sendable, Hashable {
  public let text: String

  /// From outside; what it is worth is found when it is used.
  public init(text: String) { self.text = text }

  private static let version: UInt8 = 1

  /// Behind `place` in the order of a query.
  public init(_ query: Query, index: String?, behind place: [UInt8]) {
    var bytes = [Self.version] + Self.bytes(of: Self.fingerprint(query, index)) + place
    bytes += Self.bytes(of: Self.hash(bytes))
    text = Hex.text(bytes)
  }

  /// The place that it was made with.
  ///
  /// Faults are `badInput`: the text was cut or changed, is of another version, or came from another query.
  public func place(in query: Query, index: String?) throws(Fault) -> [UInt8] {
    guard let bytes = Hex.bytes(text), bytes.count > 17,
      bytes.suffix(8).elementsEqual(Self.bytes(of: Self.hash(bytes.dropLast(8))))
    else { throw Fault(.badInput, "the page token is not one that was given out: leave it away to begin anew") }
    guard bytes[0] == Self.version else {
      throw Fault(.badInput, "the page token is of another version of Ridley: leave it away to begin anew")
    }
    let place = Array(bytes[9..<(bytes.count - 8)])
    guard bytes[1..<9].elementsEqual(Self.bytes(of: Self.fingerprint(query, index))),
      query.bounds(after: nil).contains(place)
    else { throw Fault(.badInput, "the page token came from another query: leave it away to begin this one") }
    return place
  }

  /// What the query asks for, without how much at a time.
  private static func fingerprint(_ query: Query, _ index: String?) -> UInt64 {
    var words = [index.map { "index \($0)" } ?? "items", query.partition]
    switch query.range {
    case .all: words.append("all")
    case .prefix(let text): words += ["prefix", text]
    case .between(let lower, let upper): words += ["between", lower, upper]
    }
    words.append(query.order == .ascending ? "ascending" : "descending")
    return hash(words.flatMap { Array($0.utf8) + [0] })
  }

  /// FNV-1a, 64 bits (Fowler, Noll, Vo): against accidents and mixed-up queries; a token gives no rights.
  private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private static func bytes(of number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
