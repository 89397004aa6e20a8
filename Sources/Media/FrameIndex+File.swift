public import Base

/// The index as a file: a head, numbers of one to ten bytes, and a sum over all.
///
/// Bound to its video by length and modification time, and to the libraries that read the video, because those decide
/// which frames there are. A file that does not fit is refused; making it anew costs reading the video once.
extension FrameIndex {
  /// Writes beside the target, then moves into place.
  public func write(to file: String) throws(Fault) { try packed.write(to: file) }

  /// What stands behind the head.
  package var body: [UInt8] { Array(packed.body) }

  /// As it stands in a file.
  public var packed: PackedFrameIndex {
    var (ordered, ordinals) = (Differences(), Differences())
    for timestamp in timestamps { ordered.add(timestamp) }
    for packet in packets { ordinals.add(Int(packet)) }
    return PackedFrameIndex(
      source, timeBase, timestamps: ordered, times: times, packetCount: frames.count, packets: ordinals, keys: keys,
      entries: entries)
  }

  /// Reads the index of the video at `path` from `file`.
  ///
  /// Faults: there is no such file; it is damaged; it was made of another state of the video, or by other libraries.
  public init(file: String, of path: String) throws(Fault) {
    try self.init(FileSystem.read(file, limit: 1 << 30), named: file, of: try SourceStamp(path))
  }

  /// Reads the index of a video that is open from bytes that a file held.
  ///
  /// Faults as above.
  public init(_ bytes: [UInt8], of file: MediaFile) throws(Fault) {
    try self.init(bytes, named: "the index", of: try SourceStamp(file))
  }

  /// The same of a video whose bytes are known to be those that the index was made of, whenever they were written.
  public init(_ bytes: [UInt8], ofSame file: MediaFile) throws(Fault) {
    var stamp = try SourceStamp(file)
    let state = stamp.modified
    stamp.modified = 0
    try self.init(bytes, named: "the index", of: stamp)
    source.modified = state
  }

  private init(_ bytes: [UInt8], named file: String, of source: SourceStamp) throws(Fault) {
    guard var input = NumberReader(bytes, magic: PackedFrameIndex.magic) else {
      throw Fault(.badInput, "\(file) is no index of frames, or it is damaged: delete it, it is made anew")
    }
    let maker = input.text()
    let stamp = SourceStamp(byteCount: input.number(), modified: input.number())
    guard source.fits(stamp), maker == MediaLibraries.version else {
      throw Fault(
        .badInput, "\(file) was made of another state of the video, or by other libraries: delete it, it is made anew")
    }
    self.init(source: stamp, timeBase: Ratio(input.number(), input.number()))
    read(&input)
    guard input.isWhole else {
      throw Fault(.badInput, "\(file) is damaged: delete it, it is made anew")
    }
  }

  /// Unpacks what was packed for the same state of the video.
  package init(_ packed: PackedFrameIndex, of source: SourceStamp) {
    guard var input = NumberReader(packed.bytes, magic: PackedFrameIndex.magic) else {
      preconditionFailure("an index that was just packed is whole")
    }
    _ = input.text()
    for _ in 0..<2 { _ = input.number() }
    self.init(source: source, timeBase: Ratio(input.number(), input.number()))
    read(&input)
  }

  /// Takes what stands behind a head that was found good.
  package init(body: [UInt8], source: SourceStamp, timeBase: Ratio) throws(Fault) {
    var input = NumberReader(body: body[...])
    self.init(source: source, timeBase: timeBase)
    read(&input)
    guard input.isWhole else { throw Fault(.badInput, "this is no index of frames, or it is damaged") }
  }

  private mutating func read(_ input: inout NumberReader) {
    let count = input.count()
    let timestamps = input.differences(count)
    let times =
      input.number() == 1 ? (0..<count).map { _ in Double(bitPattern: UInt64(UInt(bitPattern: input.number()))) } : []
    let packetCount = input.count()
    let packets = packetCount > 0 ? input.differences(count) : []
    let keys = input.differences(input.count())
    let entries = (0..<input.count()).map { _ in
      Entry(
        ordinal: input.number(), frame: input.number(), pts: input.known(), dts: input.known(),
        byteCount: input.number())
    }
    let areInOrder = zip(entries, entries.dropFirst()).allSatisfy { $0.ordinal < $1.ordinal }
    guard input.isWhole, entries.isEmpty == packets.isEmpty, areInOrder,
      packets.allSatisfy({ (0..<packetCount).contains($0) }),
      entries.allSatisfy({ (0..<packetCount).contains($0.ordinal) && (0...count).contains($0.frame) })
    else { return input.spoil() }
    restore(timestamps, times, packets.map(UInt32.init), keys.map { UInt32(clamping: $0) }, entries, packetCount)
  }
}

/// An index as it stands in a file: about three bytes a frame, where ``FrameIndex`` takes sixteen.
public struct PackedFrameIndex: Sendable {
  static let magic = Array("RIDLEY-FRAMES-1\n".utf8)
  /// As a file holds them.
  public let bytes: [UInt8]
  /// Frames of the video.
  public let frameCount: Int
  private let headCount: Int
  /// What stands between head and sum.
  var body: ArraySlice<UInt8> { bytes[headCount..<(bytes.count - 8)] }

  /// `times` is empty where every frame has a timestamp.
  init(
    _ source: SourceStamp, _ timeBase: Ratio, timestamps: Differences, times: [Double], packetCount: Int,
    packets: Differences, keys: [UInt32] = [], entries: [FrameIndex.Entry]
  ) {
    var out = NumberWriter(Self.magic)
    out.put(text: MediaLibraries.version)
    for number in [source.byteCount, source.modified, timeBase.numerator, timeBase.denominator] { out.put(number) }
    (headCount, frameCount) = (out.bytes.count, timestamps.count)
    out.put(timestamps.count)
    out.put(timestamps)
    out.put(times.isEmpty ? 0 : 1)
    for time in times { out.put(Int(bitPattern: UInt(time.bitPattern))) }
    out.put(packetCount)
    out.put(packets)
    var rising = Differences()
    for key in keys { rising.add(Int(key)) }
    out.put(rising.count)
    out.put(rising)
    out.put(entries.count)
    for entry in entries {
      for number in [entry.ordinal, entry.frame, entry.pts ?? .min, entry.dts ?? .min, entry.byteCount] {
        out.put(number)
      }
    }
    bytes = out.finished()
  }

  /// As it was packed before; `nil` where the bytes are none, or damaged.
  init?(bytes: [UInt8]) {
    guard var input = NumberReader(bytes, magic: Self.magic) else { return nil }
    _ = input.text()
    for _ in 0..<4 { _ = input.number() }
    headCount = input.place
    frameCount = input.count()
    guard input.isWhole else { return nil }
    self.bytes = bytes
  }

  /// Writes beside the target, then moves into place.
  public func write(to file: String) throws(Fault) { try FileSystem.write(bytes, to: file) }
}

/// A list of numbers as bytes: each as its difference from the one before.
struct Differences {
  private(set) var count = 0
  fileprivate var writer = NumberWriter([])
  private var last = 0

  mutating func add(_ number: Int) {
    writer.put(number &- last)
    (last, count) = (number, count + 1)
  }

  /// The numbers again.
  var numbers: [Int] {
    var reader = NumberReader(body: writer.bytes[...])
    return reader.differences(count)
  }
}

/// Numbers as bytes: zigzag, seven bits a byte, the low ones first.
struct NumberWriter {
  private(set) var bytes: [UInt8]

  init(_ magic: [UInt8]) { bytes = magic }

  mutating func put(_ number: Int) {
    var rest = UInt(bitPattern: number << 1 ^ number >> 63)
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F | 0x80))
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func put(text: String) {
    put(text.utf8.count)
    bytes += Array(text.utf8)
  }

  mutating func put(bytes list: [UInt8]) {
    put(list.count)
    bytes += list
  }

  mutating func put(_ list: Differences) { bytes += list.writer.bytes }

  /// With a sum at the end by which damage shows.
  consuming func finished() -> [UInt8] {
    let sum = Sum.of(bytes[...])
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: sum >> (8 * UInt64(shift)))) }
    return bytes
  }
}

/// Reads what a ``NumberWriter`` wrote; behind the end, and after nonsense, it gives zeros and is no longer whole.
struct NumberReader {
  private(set) var isWhole = true
  private let bytes: ArraySlice<UInt8>
  private(set) var place: Int

  init?(_ all: [UInt8], magic: [UInt8]) {
    guard all.count >= magic.count + 8, all.starts(with: magic) else { return nil }
    bytes = all[..<(all.count - 8)]
    let sum = Sum.of(bytes)
    guard (0..<8).allSatisfy({ all[all.count - 8 + $0] == UInt8(truncatingIfNeeded: sum >> (8 * UInt64($0))) }) else {
      return nil
    }
    place = magic.count
  }

  init(body: ArraySlice<UInt8>) { (bytes, place) = (body, body.startIndex) }

  mutating func spoil() { isWhole = false }

  mutating func number() -> Int {
    var (value, shift) = (UInt(0), 0)
    while place < bytes.endIndex, shift < 64 {
      let byte = bytes[place]
      place += 1
      value |= UInt(byte & 0x7F) << UInt(shift)
      if byte & 0x80 == 0 { return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1) }
      shift += 7
    }
    isWhole = false
    return 0
  }

  mutating func known() -> Int? {
    let value = number()
    return value == .min ? nil : value
  }

  /// How many of something follow: never more than there are bytes.
  mutating func count() -> Int {
    let value = number()
    guard (0...bytes.count * 8).contains(value) else {
      isWhole = false
      return 0
    }
    return value
  }

  mutating func text() -> String { String(decoding: slice(), as: UTF8.self) }

  mutating func slice() -> ArraySlice<UInt8> {
    let length = min(count(), bytes.endIndex - place)
    defer { place += length }
    return bytes[place..<place + length]
  }

  mutating func differences(_ count: Int) -> [Int] {
    var (numbers, last) = ([Int](), 0)
    for _ in 0..<count where isWhole {
      last = last &+ number()
      numbers.append(last)
    }
    return numbers
  }
}

/// FNV-1a over bytes, 64 bits (draft-eastlake-fnv).
private enum Sum {
  static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
