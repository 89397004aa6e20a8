public import Base
internal import Isolation

/// What the process of a live source gives those that look on: the source's own pictures as a film, piece by piece.
public enum ViewPiece: Sendable, Hashable {
  /// A film begins; `codecs` says what is in it, as RFC 6381 does.
  case head(codecs: String, size: Size, bytes: [UInt8])
  /// A picture of the film that began last.
  case fragment(Fragment)
  /// A picture that was decoded, as JPEG, small, and when it is shown in ticks.
  case still(pts: Int, bytes: [UInt8])

  public struct Fragment: Sendable, Hashable {
    /// When it is shown, in ticks since 1970 by this machine's clock.
    public let pts: Int
    /// In ticks.
    public let duration: Int
    /// Players may begin with it.
    public let isKey: Bool
    /// MP4: `moof` and `mdat`.
    public let bytes: [UInt8]

    public init(pts: Int, duration: Int, isKey: Bool, bytes: [UInt8]) {
      (self.pts, self.duration, self.isKey, self.bytes) = (pts, duration, isKey, bytes)
    }
  }

  /// Ticks a second of all times here.
  public static let timescale = 90_000
  /// Bytes of a piece, at most: pictures of hundreds of megapixels are no live source's.
  static let mostBytes = 32 << 20
}

/// How pieces stand on the line: their fields' length and the length of their bytes, then both.
enum ViewLine {
  static let headCount = 8

  static func write(_ piece: ViewPiece) -> [UInt8] {
    var fields = FieldWriter()
    let content: [UInt8]
    switch piece {
    case .head(let codecs, let size, let bytes):
      fields.add(UInt8(1))
      fields.add(codecs)
      fields.add(size.width)
      fields.add(size.height)
      content = bytes
    case .fragment(let fragment):
      fields.add(UInt8(2))
      fields.add(fragment.pts)
      fields.add(fragment.duration)
      fields.add(fragment.isKey)
      content = fragment.bytes
    case .still(let pts, let bytes):
      fields.add(UInt8(3))
      fields.add(pts)
      content = bytes
    }
    return lengths(fields.bytes.count, content.count) + fields.bytes + content
  }

  private static func lengths(_ fields: Int, _ content: Int) -> [UInt8] {
    [fields, content].flatMap { count in (0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } }
  }

  /// How long the two parts are, of a piece that begins so.
  static func read(head: [UInt8]) throws(Fault) -> (fields: Int, content: Int) {
    let counts = [0, 4].map { start in (0..<4).reduce(0) { $0 | Int(head[start + $1]) << ($1 * 8) } }
    guard counts[0] <= 4096, counts[1] <= ViewPiece.mostBytes else { throw FieldReader.nonsense }
    return (counts[0], counts[1])
  }

  static func read(fields bytes: [UInt8], content: [UInt8]) throws(Fault) -> ViewPiece {
    var fields = FieldReader(bytes)
    let ticks = 0...Int.max / 2
    let piece: ViewPiece
    switch try fields.byte() {
    case 1:
      let codecs = try fields.text()
      guard codecs.utf8.count <= 64, codecs.utf8.allSatisfy(Self.standsInCodecs) else { throw FieldReader.nonsense }
      let sides = 0...1 << 20
      let size = Size(width: try fields.integer(in: sides), height: try fields.integer(in: sides))
      guard content.count <= 1 << 16 else { throw FieldReader.nonsense }
      piece = .head(codecs: codecs, size: size, bytes: content)
    case 2:
      piece = .fragment(
        ViewPiece.Fragment(
          pts: try fields.integer(in: ticks), duration: try fields.integer(in: 0...1 << 32),
          isKey: try fields.flag(), bytes: content))
    case 3:
      guard content.count <= 1 << 20 else { throw FieldReader.nonsense }
      piece = .still(pts: try fields.integer(in: ticks), bytes: content)
    default: throw FieldReader.nonsense
    }
    try fields.end()
    return piece
  }

  private static func standsInCodecs(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
      || (0x61...0x7a).contains(byte)
  }
}
