public import Base

/// A playlist of HLS (RFC 8216): of variants of one stream, or of the segments of one.
public struct HLSPlaylist: Sendable, Hashable {
  /// One way in which the stream is coded.
  public struct Variant: Sendable, Hashable {
    public var address: String
    public var bandwidth = 0
    /// 0 where it is not told.
    public var height = 0
    /// Empty where they are not told.
    public var codecs = ""
  }

  public struct Key: Sendable, Hashable {
    public var address: String
    /// 16 bytes; `nil` for the number of the segment.
    public var start: [UInt8]?
  }

  /// What comes before segments of fragmented MP4.
  public struct Map: Sendable, Hashable {
    public var address: String
    public var range: Range<Int>?
    public var key: Key?
  }

  public struct Segment: Sendable, Hashable {
    public var address: String
    public var number: Int
    /// Seconds.
    public var duration = 0.0
    public var range: Range<Int>?
    public var key: Key?
    public var map: Map?
    /// Its times do not go on from those of the one before.
    public var isNewBeginning = false
    /// There is nothing at its address.
    public var isGap = false
  }

  public private(set) var variants: [Variant] = []
  public private(set) var segments: [Segment] = []
  /// Seconds that a segment lasts at most.
  public private(set) var targetDuration = 0.0
  /// Nothing more comes behind the last segment.
  public private(set) var isWhole = false
  /// It is a recording, as it says itself.
  public private(set) var isRecording = false

  public static let mostBytes = 8 << 20
  private static let mostSegments = 50_000

  /// Whether something begins as a playlist does.
  public static func isBegun(by bytes: [UInt8]) -> Bool {
    let mark: [UInt8] = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    return mark.starts(with: Array("#EXTM3U".utf8))
  }

  /// - Throws: `badInput` for what is no playlist, `unsupported` for what is encrypted in another way than AES-128, `tooLarge`.
  public init(_ bytes: [UInt8]) throws(Fault) {
    guard Self.isBegun(by: bytes) else { throw Fault(.badInput, "a playlist of HLS begins with #EXTM3U") }
    var state = State()
    for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("#EXT") {
        try note(text, &state)
      } else if !text.hasPrefix("#"), !text.allSatisfy({ $0 == " " || $0 == "\t" }) {
        try add(text, &state)
      }
    }
    guard variants.isEmpty != segments.isEmpty || segments.isEmpty else {
      throw Fault(.badInput, "the playlist names variants and segments at once")
    }
  }

  private struct State {
    var variant: Variant?
    var next = Segment(address: "", number: 0)
    var (key, map) = (Key?.none, Map?.none)
    var range: (count: Int, start: Int?)?
    /// Where the last range ended, and in what.
    var last: (address: String, end: Int)?
  }

  private mutating func add(_ address: String, _ state: inout State) throws(Fault) {
    guard address.utf8.count <= 4000 else { throw Fault(.badInput, "the playlist names an address of over 4000 bytes") }
    if var variant = state.variant {
      variant.address = address
      if variants.count < 1000 { variants.append(variant) }
      state.variant = nil
      return
    }
    guard segments.count < Self.mostSegments else {
      throw Fault(.tooLarge, "the playlist names more than \(Self.mostSegments) segments")
    }
    var segment = state.next
    (segment.address, segment.key, segment.map) = (address, state.key, state.map)
    if let (count, start) = state.range {
      let place = start ?? (state.last?.address == address ? state.last?.end ?? 0 : 0)
      guard place <= 1 << 51 else { throw Fault(.badInput, "the playlist names a part of a file beyond all files") }
      segment.range = place..<place + count
      state.last = (address, place + count)
    }
    segments.append(segment)
    state.range = nil
    state.next = Segment(address: "", number: segment.number &+ 1)
  }

  private mutating func note(_ line: String, _ state: inout State) throws(Fault) {
    let (name, value) = Self.halves(line[...], at: ":")
    switch name {
    case "#EXT-X-STREAM-INF":
      let told = Self.attributes(value)
      let height = told["RESOLUTION"].flatMap { $0.split(separator: "x").last }.flatMap { Int($0) } ?? 0
      state.variant = Variant(
        address: "", bandwidth: told["BANDWIDTH"].flatMap { Int($0) } ?? 0, height: height,
        codecs: told["CODECS"] ?? "")
    case "#EXTINF": state.next.duration = Self.seconds(Self.halves(value, at: ",").0)
    case "#EXT-X-TARGETDURATION": targetDuration = Self.seconds(value)
    case "#EXT-X-MEDIA-SEQUENCE": state.next.number = max(0, min(Int(value) ?? 0, 1 << 53))
    case "#EXT-X-DISCONTINUITY": state.next.isNewBeginning = true
    case "#EXT-X-GAP": state.next.isGap = true
    case "#EXT-X-ENDLIST": isWhole = true
    case "#EXT-X-PLAYLIST-TYPE": isRecording = value == "VOD"
    case "#EXT-X-BYTERANGE": state.range = try Self.range(value)
    case "#EXT-X-KEY": state.key = try Self.key(value)
    case "#EXT-X-MAP":
      let told = Self.attributes(value)
      let range = try told["BYTERANGE"].map { (text) throws(Fault) in try Self.range(text[...]) }
      state.map = told["URI"].map { address in
        Map(address: address, range: range.map { ($0.start ?? 0)..<($0.start ?? 0) + $0.count }, key: state.key)
      }
    default: return
    }
  }

  private static func key(_ value: Substring) throws(Fault) -> Key? {
    let told = attributes(value)
    switch told["METHOD"] {
    case "NONE", nil: return nil
    case "AES-128" where told["KEYFORMAT", default: "identity"] == "identity":
      guard let address = told["URI"] else { throw Fault(.badInput, "the playlist has a key without an address") }
      guard let text = told["IV"] else { return Key(address: address) }
      let digits = text.lowercased().drop { $0 == "0" }.dropFirst(text.lowercased().hasPrefix("0x") ? 1 : 0)
      let whole = String(repeating: "0", count: max(0, 32 - digits.count)) + digits
      guard text.lowercased().hasPrefix("0x"), whole.utf8.count == 32, let start = Hex.bytes(whole) else {
        throw Fault(.badInput, "the playlist has a key whose IV is no number of 16 bytes")
      }
      return Key(address: address, start: start)
    case let method?:
      let format = told["KEYFORMAT"].map { " by \($0.prefix(40))" } ?? ""
      throw Fault(
        .unsupported,
        "the stream is encrypted by \(method.prefix(20))\(format): only plain streams and AES-128 are read")
    }
  }

  /// `COUNT@START`.
  private static func range(_ value: Substring) throws(Fault) -> (count: Int, start: Int?) {
    let (count, start) = halves(value, at: "@")
    let most = 1 << 50
    guard let count = Int(count), (1...most).contains(count), start.isEmpty || (0...most).contains(Int(start) ?? -1)
    else {
      throw Fault(.badInput, "the playlist names a range of bytes that is none")
    }
    return (count, Int(start))
  }

  private static func seconds(_ text: Substring) -> Double {
    let value = Double(text.filter { $0 != " " }) ?? 0
    return value.isFinite ? min(max(0, value), 86_400) : 0
  }

  /// `NAME=value,NAME="value, with commas"`.
  private static func attributes(_ text: Substring) -> [String: String] {
    var (found, rest) = ([String: String](), text)
    while !rest.isEmpty, found.count < 64 {
      let (name, behind) = halves(rest, at: "=")
      let isQuoted = behind.first == "\""
      let value = isQuoted ? behind.dropFirst().prefix { $0 != "\"" } : behind.prefix { $0 != "," }
      found[name.filter { $0 != " " }] = String(value)
      let end = isQuoted ? behind.dropFirst(value.count + 2) : behind.dropFirst(value.count)
      rest = end.drop { $0 == "," || $0 == " " }
    }
    return found
  }

  private static func halves(_ text: Substring, at separator: Character) -> (Substring, Substring) {
    guard let place = text.firstIndex(of: separator) else { return (text, "") }
    return (text[..<place], text[text.index(after: place)...])
  }
}

extension HLSPlaylist {
  /// The variant to watch: the one with the most bytes whose pictures are at most 1080 lines high, else the one with the fewest; `nil` where all are sound.
  public var best: Variant? {
    let pictures = variants.filter { variant in
      let codecs = variant.codecs.split(separator: ",").map { $0.drop { $0 == " " } }
      return codecs.isEmpty
        || codecs.contains { code in ["avc", "hvc", "hev", "av01", "mp4v", "jpeg"].contains { code.hasPrefix($0) } }
    }
    let fitting = pictures.filter { $0.height <= 1080 }
    return fitting.max { $0.bandwidth < $1.bandwidth } ?? pictures.min { $0.bandwidth < $1.bandwidth }
  }
}
