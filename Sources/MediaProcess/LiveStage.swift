internal import Base
internal import Ingest
internal import Media

/// From a picture as it came to the pictures that it makes, with the moments at which they were taken.
struct LiveStage {
  let codec: LiveDecoder.Codec
  private let decoder: LiveDecoder
  private let parameters: [UInt8]
  private var clock: CaptureClock
  private var tag = 0
  private var picker = LivePicker(.none)
  /// Pictures that were passed over to save work, and those of which nothing came.
  private(set) var passed = 0
  private(set) var undecoded = 0
  /// Those that show what is not there.
  private(set) var damaged = 0
  private var trail = DamageTrail()
  /// Those that the decoder has; what lies so many behind comes no more.
  private var inside: [Inside] = []

  private struct Inside {
    let tag: Int
    let moment: CaptureClock.Moment
    let isSpared: Bool
    var isDamaged: Bool
  }

  private static let mostInside = 32
  /// Of the last picture that came, in monotonic nanoseconds.
  private(set) var captured: UInt64 = 0

  init(_ format: VideoFormat) throws(Fault) {
    codec =
      switch format.codec {
      case .h264: .h264
      case .hevc: .hevc
      case .av1: .av1
      case .mjpeg: .mjpeg
      }
    decoder = try LiveDecoder(codec, clockRate: format.clockRate)
    (parameters, clock) = (format.parameters, CaptureClock(clockRate: format.clockRate))
  }

  var jumps: Int { clock.jumps }
  mutating func place(_ unit: AccessUnit) -> CaptureClock.Moment {
    let moment = clock.place(unit.time, arrival: unit.arrival.upperBound)
    captured = moment.captured
    return moment
  }

  mutating func decode(
    _ unit: AccessUnit, _ moment: CaptureClock.Moment, _ thrift: LiveThrift
  ) throws(Fault) -> [LiveSource.Newest] {
    if picker.thrift != thrift { picker = LivePicker(thrift, after: picker) }
    let choice = picker.choose(time: moment.time, isKey: unit.isKey)
    // The first one brings the parameter sets.
    if choice == .pass, tag > 0 {
      passed += 1
      return []
    }
    decoder.passesUnreferenced = choice == .decodeIfReferenced
    let bytes = tag == 0 ? parameters + unit.bytes : unit.bytes
    tag += 1
    let isDamaged = trail.note(tag: tag, isKey: unit.isKey, isWhole: unit.isWhole, time: moment.time)
    inside.append(
      Inside(tag: tag, moment: moment, isSpared: choice == .decodeIfReferenced, isDamaged: isDamaged))
    let decoded = try decoder.decode(bytes, time: unit.time, seconds: moment.time, tag: tag)
    if decoder.hasFailed { spoil(tag, moment.time) }
    guard !trail.isHopeless(at: moment.time) else {
      throw Fault(.unavailable, "something was lost, and no picture came for long that stands alone")
    }
    var found: [LiveSource.Newest] = []
    for one in decoded { if let picture = sound(one) { found.append(picture) } }
    while let first = inside.first, first.tag + Self.mostInside < tag {
      inside.removeFirst()
      if first.isSpared { passed += 1 } else { undecoded += 1 }
    }
    return found
  }

  /// A picture that left the decoder, unless it shows what is not there.
  private mutating func sound(_ one: LiveDecoder.Decoded) -> LiveSource.Newest? {
    guard let place = inside.firstIndex(where: { $0.tag == one.tag }) else { return nil }
    if one.isDamaged { spoil(one.tag, inside[place].moment.time) }
    let known = inside.remove(at: place)
    guard !known.isDamaged else {
      damaged += 1
      return nil
    }
    return LiveSource.Newest(frame: one.frame, captured: known.moment.captured)
  }

  private mutating func spoil(_ tag: Int, _ time: Double) {
    let spreads = trail.spoil(tag: tag, time: time)
    for place in inside.indices where inside[place].tag == tag || spreads && inside[place].tag > tag {
      inside[place].isDamaged = true
    }
  }
}
