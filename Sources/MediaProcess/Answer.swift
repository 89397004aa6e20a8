internal import Base
internal import Isolation
internal import Media

/// What a child answers.
///
/// In the parent nothing in it is believed: sizes, counts and numbers are checked as they are read.
enum Answer {
  /// To the set-up: what was closed.
  case ready(Sandbox.Report)
  case opened(MediaInfo)
  case frame(FrameFacts, Progress)
  case ended(Progress)
  case rendered
  /// The newest frame of a live source, where there is one that was not told, and when it was taken in monotonic nanoseconds.
  case live(LiveProgress, newest: (facts: FrameFacts, captured: Int)?)
  /// To the file whose sound is wanted; `nil` where it has none.
  case sound(SoundInfo?)
  /// So many samples stand where they were wanted, the first of them with this number; none at the end.
  case heard(start: Int, count: Int, SoundTally)
  case failed(Fault)
  /// To a probe: what was possible.
  case openDoors([String])

  private enum Kind: UInt8 { case ready = 1, opened, frame, ended, rendered, failed, openDoors, live, sound, heard }

  var message: Message {
    var fields = FieldWriter()
    let kind: Kind
    switch self {
    case .ready(let report):
      kind = .ready
      fields.add(report.filtersCalls)
      fields.add(report.landlock)
    case .opened(let info):
      kind = .opened
      info.write(&fields)
    case .frame(let facts, let progress):
      kind = .frame
      facts.write(&fields)
      progress.write(&fields)
    case .ended(let progress):
      kind = .ended
      progress.write(&fields)
    case .rendered: kind = .rendered
    case .live(let progress, let newest):
      kind = .live
      progress.write(&fields)
      fields.add(newest) {
        $1.facts.write(&$0)
        $0.add($1.captured)
      }
    case .sound(let info):
      kind = .sound
      fields.add(info) { $1.write(&$0) }
    case .heard(let start, let count, let tally):
      kind = .heard
      for value in [start, count] { fields.add(value) }
      tally.write(&fields)
    case .failed(let fault):
      kind = .failed
      fields.add(fault)
    case .openDoors(let doors):
      kind = .openDoors
      fields.add(list: doors) { $0.add($1) }
    }
    return Message(kind: kind.rawValue, bytes: fields.bytes)
  }

  init(_ message: Message) throws(Fault) {
    var fields = FieldReader(message.bytes)
    switch Kind(rawValue: message.kind) {
    case .ready:
      self = .ready(Sandbox.Report(filtersCalls: try fields.flag(), landlock: try fields.integer(in: 0...1 << 16)))
    case .opened: self = .opened(try MediaInfo(&fields))
    case .frame: self = .frame(try FrameFacts(&fields), try Progress(&fields))
    case .ended: self = .ended(try Progress(&fields))
    case .rendered: self = .rendered
    case .live:
      self = .live(
        try LiveProgress(&fields),
        newest: try fields.optional { (fields) throws(Fault) in
          (facts: try FrameFacts(&fields), captured: try fields.integer(in: 0...Int.max))
        })
    case .sound: self = .sound(try fields.optional { (fields) throws(Fault) in try SoundInfo(&fields) })
    case .heard:
      self = .heard(
        start: try fields.integer(in: FieldReader.sampleNumbers),
        count: try fields.integer(in: 0...SoundReader.blockLength), try SoundTally(&fields))
    case .failed: self = .failed(try fields.fault())
    case .openDoors: self = .openDoors(try fields.list(upTo: 64) { (fields) throws(Fault) in try fields.text() })
    case nil: throw FieldReader.nonsense
    }
    try fields.end()
  }
}

/// What a frame is, without its picture.
struct FrameFacts: Hashable {
  var index: Int
  var pts: Int?
  var time: Double
  var isKeyFrame: Bool
  var isCorrupt: Bool
  var size: Size
  var cell = 0
}

extension FrameFacts {
  init(_ frame: Frame) {
    self.init(
      index: frame.index, pts: frame.pts, time: frame.time, isKeyFrame: frame.isKeyFrame, isCorrupt: frame.isCorrupt,
      size: frame.size, cell: frame.cell)
  }

  func write(_ fields: inout FieldWriter) {
    fields.add(index)
    fields.add(pts) { $0.add($1) }
    fields.add(time)
    fields.add(isKeyFrame)
    fields.add(isCorrupt)
    size.write(&fields)
    fields.add(cell)
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    index = try fields.integer(in: FieldReader.counts)
    pts = try fields.optional { (fields) throws(Fault) in try fields.integer() }
    time = try fields.number()
    guard abs(time) <= 1e10 else { throw FieldReader.nonsense }
    isKeyFrame = try fields.flag()
    isCorrupt = try fields.flag()
    size = try Size(&fields)
    cell = try fields.integer(in: FieldReader.counts)
  }
}

/// How far decoding got.
struct Progress: Hashable {
  var framesDecoded = 0
  var corrupt = CorruptFrames()
  var first: Double?
  var last = 0.0

  var covered: (first: Double, last: Double)? { first.map { ($0, last) } }
}

extension Progress {
  init(_ reader: MediaReader) {
    (framesDecoded, corrupt) = (reader.framesDecoded, reader.corrupt)
    if let covered = reader.covered { (first, last) = (covered.first, covered.last) }
  }

  func write(_ fields: inout FieldWriter) {
    fields.add(framesDecoded)
    corrupt.write(&fields)
    fields.add(first) { $0.add($1) }
    fields.add(last)
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    framesDecoded = try fields.integer(in: FieldReader.counts)
    corrupt = try CorruptFrames(&fields)
    first = try fields.optional { (fields) throws(Fault) in try fields.number() }
    last = try fields.number()
  }
}

extension CorruptFrames {
  func write(_ fields: inout FieldWriter) {
    fields.add(count)
    fields.add(list: samples) { fields, sample in
      fields.add(sample.pts) { $0.add($1) }
      fields.add(sample.time) { $0.add($1) }
      fields.add(sample.reason)
    }
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    let count = try fields.integer(in: FieldReader.counts)
    let samples = try fields.list(upTo: 8) { (fields) throws(Fault) in
      Sample(
        pts: try fields.optional { (fields) throws(Fault) in try fields.integer() },
        time: try fields.optional { (fields) throws(Fault) in try fields.number() }, reason: try fields.text())
    }
    self.init(count: count, samples: samples)
  }
}

extension FieldReader {
  /// Of frames and bytes: far more than there can be, and far from where sums overflow.
  static let counts = 0...1 << 48
  /// Of pictures, stretched to square pixels too.
  static let sides = 1...1 << 20
}

extension Size {
  func write(_ fields: inout FieldWriter) {
    fields.add(width)
    fields.add(height)
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    self.init(width: try fields.integer(in: FieldReader.sides), height: try fields.integer(in: FieldReader.sides))
  }
}

extension Ratio {
  func write(_ fields: inout FieldWriter) {
    fields.add(numerator)
    fields.add(denominator)
  }

  /// FFmpeg's are of 32 bits.
  init(_ fields: inout FieldReader) throws(Fault) {
    let whole = Int(Int32.min)...Int(Int32.max)
    self.init(try fields.integer(in: whole), try fields.integer(in: whole))
  }
}
