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

  private init(_ fingerprint: UInt64, _ place: [UInt8]) {
    var bytes = [Self.version] + Fingerprint.bytes(of: fingerprint) + place
    bytes += Fingerprint.bytes(of: Fingerprint.of(bytes))
    text = Hex.text(bytes)
  }

  private func place(_ fingerprint: UInt64) throws(Fault) -> [UInt8] {
    guard let bytes = Hex.bytes(text), bytes.count > 17,
      bytes.suffix(8).elementsEqual(Fingerprint.bytes(of: Fingerprint.of(bytes.dropLast(8))))
    else { throw Fault(.badInput, "the page token is not one that was given out: leave it away to begin anew") }
    guard bytes[0] == Self.version else {
      throw Fault(.badInput, "the page token is of another version of Ridley: leave it away to begin anew")
    }
    guard bytes[1..<9].elementsEqual(Fingerprint.bytes(of: fingerprint)) else { throw Self.foreign }
    return Array(bytes[9..<(bytes.count - 8)])
  }

  private static let foreign = Fault(
    .badInput, "the page token came from another query: leave it away to begin this one")
}

extension PageToken {
  /// Behind `place` in the order of a query.
  public init(_ query: Query, index: String?, behind place: [UInt8]) {
    self.init(Self.fingerprint(query, index), place)
  }

  /// The place that it was made with.
  ///
  /// Faults are `badInput`: the text was cut or changed, is of another version, or came from another query.
  public func place(in query: Query, index: String?) throws(Fault) -> [UInt8] {
    let place = try place(Self.fingerprint(query, index))
    guard query.bounds(after: nil).contains(place) else { throw Self.foreign }
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
    return Fingerprint.of(words)
  }
}

extension PageToken {
  /// Behind the item that was the `row`-th to be put, among those that a search finds.
  public init(_ query: TextQuery, index: String, behind row: Int) {
    self.init(Self.fingerprint(query, index), Fingerprint.bytes(of: UInt64(row)))
  }

  /// The row that it was made with; faults as with other queries.
  public func row(in query: TextQuery, index: String) throws(Fault) -> Int {
    let place = try place(Self.fingerprint(query, index))
    guard place.count == 8, let row = Int(exactly: place.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) else {
      throw Self.foreign
    }
    return row
  }

  /// Two ways to write the same words are one query.
  private static func fingerprint(_ query: TextQuery, _ index: String) -> UInt64 {
    let filters = query.filters.flatMap { [$0.attribute, $0.value] }
    return Fingerprint.of(["text \(index)", query.partition, String(filters.count)] + filters + query.words)
  }
}
