public import Base
public import MediaProcess

/// The latest packets of a stream as a film in parts, bounded by time and by bytes.
public struct PacketRing: Sendable {
  /// From one key frame up to the next.
  public struct Part: Sendable {
    /// Counts up from 1, over all films of the stream.
    public let number: Int
    /// When its first picture is shown, in seconds since 1970.
    public let shown: Double
    public let seconds: Double
  }

  private struct Group {
    let number: Int
    var fragments: [ViewPiece.Fragment] = []
    var byteCount = 0
    /// The earliest time in it.
    var start = Int.max
    /// Ticks up to the end of what is shown last.
    var end: Int { fragments.map { $0.pts + $0.duration }.max() ?? 0 }
  }

  /// Bytes that a picture takes beside its own.
  private static let overhead = 256

  private let limits: StreamView.Limits
  private var head: (codecs: String, size: Size, bytes: [UInt8])?
  private var films = 0
  private var groups: [Group] = []
  private var lastGroup = 0
  private var byteCount = 0

  public init(_ limits: StreamView.Limits) { self.limits = limits }

  /// Another film begins: what is kept of the one before goes.
  public mutating func begin(codecs: String, size: Size, head: [UInt8]) {
    films += 1
    self.head = (codecs, size, head)
    (groups, byteCount) = ([], 0)
  }

  /// Nothing more comes.
  public mutating func end() { (head, groups, byteCount) = (nil, [], 0) }

  public mutating func add(_ fragment: ViewPiece.Fragment) {
    guard head != nil else { return }
    if fragment.isKey {
      lastGroup += 1
      groups.append(Group(number: lastGroup))
    }
    // Nothing can be begun with the middle of a group.
    guard let last = groups.indices.last else { return }
    groups[last].fragments.append(fragment)
    groups[last].start = min(groups[last].start, fragment.pts)
    let cost = fragment.bytes.count + Self.overhead
    groups[last].byteCount += cost
    byteCount += cost
    trim(now: fragment.pts)
  }

  /// The oldest groups go; of the newest, where it alone is too large, all but that it began.
  private mutating func trim(now: Int) {
    let span = Int(limits.seconds * Double(ViewPiece.timescale))
    while let first = groups.first, byteCount > limits.byteCount || groups.count > 1 && groups[1].start < now - span {
      byteCount -= first.byteCount
      groups.removeFirst()
    }
  }

  public var film: (codecs: String, number: Int)? { head.map { ($0.codecs, films) } }

  /// The head, and all from the newest key frame on.
  public var beginning: StreamView.Beginning? {
    guard let head, let group = groups.last else { return nil }
    return StreamView.Beginning(
      codecs: head.codecs, size: head.size, film: films,
      bytes: group.fragments.reduce(into: head.bytes) { $0 += $1.bytes })
  }

  /// All whole groups.
  public func parts() -> [Part] {
    zip(groups, groups.dropFirst()).map { group, next in
      let scale = Double(ViewPiece.timescale)
      return Part(
        number: group.number, shown: Double(group.start) / scale,
        seconds: Double(max(1, next.start - group.start)) / scale)
    }
  }

  public func part(_ number: Int, ofFilm film: Int) -> [UInt8]? {
    guard let head, film == films else { return nil }
    if number == 0 { return head.bytes }
    return groups.dropLast().first { $0.number == number }
      .map { $0.fragments.reduce(into: []) { $0 += $1.bytes } }
  }

  /// The numbers of bytes and pictures that are kept.
  public var counts: (bytes: Int, pictures: Int) { (byteCount, groups.reduce(0) { $0 + $1.fragments.count }) }
}
