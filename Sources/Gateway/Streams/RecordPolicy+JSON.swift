internal import Base
internal import Catalog
internal import JSON

/// How clips are cut and streams recorded, as bodies of requests and answers have it.
extension ClipPolicy {
  private enum Key: String, CaseIterable {
    case before = "before_ms"
    case after = "after_ms"
    case most = "most_ms"
    case keep = "keep_s"
    case space = "most_bytes"
  }

  /// `true`, or what is other than usual.
  init?(_ value: JSONValue) throws(Fault) {
    self.init()
    if value.kind == .bool {
      guard try value.bool() else { return nil }
      return
    }
    let fields = try value.fields(Key.self)
    if let value = fields[.before] { before = try value.amount(in: Self.rolls, by: 1000) }
    if let value = fields[.after] { after = try value.amount(in: Self.rolls, by: 1000) }
    if let value = fields[.most] { most = try value.amount(in: Self.lengths, by: 1000) }
    keep = try fields[.keep]?.amount(in: RecordPolicy.ages, by: 1)
    space = try fields[.space]?.integer(in: RecordPolicy.spaces)
  }

  func write(into json: inout JSONWriter) {
    json.field("before_ms", before * 1000)
    json.field("after_ms", after * 1000)
    json.field("most_ms", most * 1000)
    json.field("keep_s", ifKnown: keep)
    json.field("most_bytes", ifKnown: space)
  }
}

extension RecordPolicy {
  private enum Key: String, CaseIterable {
    case segment = "segment_s"
    case keep = "keep_s"
    case space = "most_bytes"
  }

  /// `true`, or what is other than usual.
  init?(_ value: JSONValue) throws(Fault) {
    self.init()
    if value.kind == .bool {
      guard try value.bool() else { return nil }
      return
    }
    let fields = try value.fields(Key.self)
    if let value = fields[.segment] { segment = try value.amount(in: Self.segments, by: 1) }
    keep = try fields[.keep]?.amount(in: Self.ages, by: 1)
    space = try fields[.space]?.integer(in: Self.spaces)
  }

  func write(into json: inout JSONWriter) {
    json.field("segment_s", segment)
    json.field("keep_s", ifKnown: keep)
    json.field("most_bytes", ifKnown: space)
  }
}

extension JSONValue {
  /// A number of a range, counted in so many parts of its unit.
  fileprivate func amount(in range: ClosedRange<Double>, by scale: Double) throws(Fault) -> Double {
    let value = try number() / scale
    guard range.contains(value) else {
      let ends = [range.lowerBound, range.upperBound].map { NumberFormat.short($0 * scale, 3) }
      throw fault("this is from \(ends[0]) to \(ends[1])")
    }
    return value
  }
}

extension RecordingFigures {
  func write(into json: inout JSONWriter) {
    json.field("continuous", isContinuous)
    json.field("open", open)
    json.field("waiting", waiting)
    json.field("clips", clips)
    json.field("segments", segments)
    json.field("bytes", byteCount)
    json.field("lost", lost)
    json.field("failed", failed)
    json.field("stopped", isStopped)
    json.field("reason", ifKnown: reason)
    json.field("at", ifKnown: at, digits: 3)
  }
}
