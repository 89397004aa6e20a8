public import Base

/// Fetches by http and https for a source that opens nothing itself; one body at a time.
public protocol WebSource: AnyObject {
  /// Begins to fetch what `address` means in a document at `base`; what was fetched before is given up.
  func open(_ address: String, at base: String, range: Range<Int>?) throws(Fault) -> WebBody
  /// The next bytes of it, at most so many, as soon as there are any; empty at its end.
  ///
  /// - Throws: why it did not come to its end.
  func read(upTo count: Int) throws(Fault) -> [UInt8]
}

/// What is fetched, from its first byte on.
public struct WebBody: Sendable, Hashable {
  /// Where it lies in the end.
  public var address: String
  /// `nil` where nobody says, as with what has no end.
  public var byteCount: Int?
  /// It is the part that was asked for, and not all of it.
  public var isPart: Bool

  public init(address: String, byteCount: Int?, isPart: Bool) {
    (self.address, self.byteCount, self.isPart) = (address, byteCount, isPart)
  }
}

extension WebSource {
  /// All of a body, where it is no longer than `limit`.
  func whole(_ address: String, at base: String, range: Range<Int>? = nil, limit: Int, what: String) throws(Fault)
    -> (body: WebBody, bytes: [UInt8])
  {
    let body = try open(address, at: base, range: range)
    return (body, try rest(after: [], limit: limit, what: what))
  }

  /// What comes behind the bytes that were read, and these.
  func rest(after start: [UInt8], limit: Int, what: String) throws(Fault) -> [UInt8] {
    var bytes = start
    while true {
      let more = try read(upTo: 1 << 16)
      guard !more.isEmpty else { return bytes }
      bytes += more
      guard bytes.count <= limit else { throw Fault(.tooLarge, "\(what) is longer than \(limit >> 10) KiB") }
    }
  }
}
