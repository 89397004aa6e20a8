import Analysis
import Base
import Isolation

/// What one of several workers is to do with one file.
struct AnalyzeTask {
  var work: Agenda.Work
  /// Frames of the part.
  var frames = 0..<0
  /// Seconds since the first worker began with the file.
  var elapsed = 0.0
  /// The asset that the file is in a library, and where its bytes are.
  var kept: (asset: String, path: String)?

  init(_ work: Agenda.Work) { self.work = work }

  init(_ message: Message) throws(Fault) {
    var fields = FieldReader(message.bytes)
    let file = try fields.integer()
    switch message.kind {
    case 1: work = .whole(file: file)
    case 2: work = .plan(file: file)
    case 3:
      work = .part(file: file, part: try fields.integer())
      frames = try Self.range(&fields)
    case 4:
      work = .merge(file: file, parts: try fields.integer(), isStopped: try fields.flag())
      elapsed = try fields.number()
    default: throw FieldReader.nonsense
    }
    kept = try Self.kept(&fields)
    try fields.end()
  }

  var message: Message {
    var fields = FieldWriter()
    fields.add(work.file)
    var kind: UInt8
    switch work {
    case .whole: kind = 1
    case .plan: kind = 2
    case .part(_, let part):
      kind = 3
      fields.add(part)
      Self.write(frames, &fields)
    case .merge(_, let parts, let isStopped):
      kind = 4
      fields.add(parts)
      fields.add(isStopped)
      fields.add(elapsed)
    }
    Self.write(kept, &fields)
    return Message(kind: kind, bytes: fields.bytes)
  }

  static func write(_ range: Range<Int>, _ fields: inout FieldWriter) {
    fields.add(range.lowerBound)
    fields.add(range.upperBound)
  }

  static func range(_ fields: inout FieldReader) throws(Fault) -> Range<Int> {
    let (from, to) = (try fields.integer(), try fields.integer())
    guard from <= to else { throw FieldReader.nonsense }
    return from..<to
  }

  static func write(_ kept: (asset: String, path: String)?, _ fields: inout FieldWriter) {
    fields.add(kept) { fields, kept in
      fields.add(kept.asset)
      fields.add(kept.path)
    }
  }

  static func kept(_ fields: inout FieldReader) throws(Fault) -> (asset: String, path: String)? {
    try fields.optional { (fields) throws(Fault) in (try fields.text(), try fields.text()) }
  }
}

extension AnalyzeMessage {
  static func plan(_ fields: inout FieldReader) throws(Fault) -> AnalyzeMessage {
    let parts = try fields.list(upTo: 1 << 20) { (fields) throws(Fault) in try AnalyzeTask.range(&fields) }
    let kept = try AnalyzeTask.kept(&fields)
    try fields.end()
    return .planned(parts, kept: kept)
  }

  static func message(_ parts: [Range<Int>], _ kept: (asset: String, path: String)?) -> Message {
    var fields = FieldWriter()
    fields.add(list: parts) { AnalyzeTask.write($1, &$0) }
    AnalyzeTask.write(kept, &fields)
    return Message(kind: 10, bytes: fields.bytes)
  }
}
