internal import Base
internal import Glibc
internal import Media

/// What stands in a recording's file, read from its fragments: finished or not, and however it was left.
struct FilmScan {
  let label: RecordingLabel
  /// `ftyp` and `moov`.
  let head: [UInt8]
  /// Where the box is that becomes `mdat`.
  let wrapper: Int
  /// The tables stand behind it already, and nothing of it is written any more.
  let isFinished: Bool
  /// Where the label's JSON is.
  let labelRange: Range<Int>
  /// In the order of decoding, with places in the file.
  let samples: [CodedSample]

  /// Bytes in which the head of a fragment stands.
  private static let window = 1024

  /// `nil` where the file is no recording, or has not even its beginning.
  init?(_ path: String) throws(Fault) {
    try self.init(try FilmBytes(path))
  }

  /// Of a file that is open, and may be written on.
  init?(_ file: FilmBytes) throws(Fault) {
    let start = try file.read(0, 1 << 16)
    let type = Self.length(of: start, at: 0)
    guard Self.name(of: start, at: 0) == "ftyp", ["free", "mdat"].contains(Self.name(of: start, at: type)),
      Self.name(of: start, at: type + 16) == "free"
    else { return nil }
    (wrapper, isFinished) = (type, Self.name(of: start, at: type) == "mdat")
    let movie = type + 16 + Self.length(of: start, at: type + 16)
    let end = movie + Self.length(of: start, at: movie)
    guard Self.name(of: start, at: movie) == "moov", end <= start.count,
      let label = try? RecordingLabel(Array(start[type + 24..<movie]))
    else { return nil }
    (self.label, labelRange) = (label, type + 24..<movie)
    head = Array(start[..<type] + start[movie..<end])
    let byteCount = try file.byteCount()
    var (samples, place) = ([CodedSample](), end)
    while var sample = CodedSample(fragment: try file.read(place, Self.window)[...]) {
      sample.place += place
      guard sample.end <= byteCount, sample.dts > samples.last?.dts ?? -1 else { break }
      samples.append(sample)
      place = sample.end
    }
    self.samples = samples
  }

  /// Of the box at a place; 0 where there is none.
  static func length(of bytes: [UInt8], at place: Int) -> Int {
    guard place >= 0, place + 8 <= bytes.count else { return 0 }
    var cursor = ByteCursor(bytes[place...])
    return cursor.number(4)
  }

  private static func name(of bytes: [UInt8], at place: Int) -> String {
    guard place >= 0, place + 8 <= bytes.count else { return "" }
    return String(decoding: bytes[place + 4..<place + 8], as: UTF8.self)
  }

  /// Those that are shown by a moment in ticks, and those that they are made of.
  func samples(until end: Int?) -> [CodedSample] {
    guard let end else { return samples }
    let last = samples.lastIndex { $0.pts <= end }
    return last.map { Array(samples[...$0]) } ?? []
  }
}
