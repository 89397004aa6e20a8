internal import Base
internal import Isolation
internal import Media

/// What a live source's decoder passes over to save work.
public enum LiveThrift: Sendable, Hashable {
  case none
  /// Pictures that no other one is made from.
  case unreferenced
  /// All but those that stand alone.
  case keysOnly
  /// What is not needed for the first picture of each so many seconds.
  case every(seconds: Double)

  func write(_ fields: inout FieldWriter) {
    switch self {
    case .none: fields.add(UInt8(0))
    case .unreferenced: fields.add(UInt8(1))
    case .keysOnly: fields.add(UInt8(2))
    case .every(let seconds):
      fields.add(UInt8(3))
      fields.add(seconds)
    }
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    switch try fields.byte() {
    case 0: self = .none
    case 1: self = .unreferenced
    case 2: self = .keysOnly
    case 3:
      let seconds = try fields.number()
      guard seconds > 0, seconds < 1e9 else { throw FieldReader.nonsense }
      self = .every(seconds: seconds)
    default: throw FieldReader.nonsense
    }
  }
}

/// Decides picture by picture, in the order of decoding, what is decoded.
///
/// Time is cut into slots as ``Sampler`` cuts it. Between two that are wanted all is passed over up to the last key frame before the second, where key
/// frames come often enough, and else what no other picture is made from.
struct LivePicker {
  let thrift: LiveThrift
  private var start: Double?
  private var slot = -1.0
  private var lastKey: Double?
  /// Seconds between the last two key frames.
  private var group: Double?
  private var isResting = false
  /// The key frame that was gone on with; what is shown before it lacks what it is made of.
  private var resumed = -Double.infinity

  enum Choice: Hashable {
    case decode
    /// Only where others are made of it.
    case decodeIfReferenced
    case pass
  }

  /// Where pictures were passed over that others are made of, decoding goes on with a key frame alone.
  private var waitsForKey = false

  init(_ thrift: LiveThrift, after other: LivePicker? = nil) {
    self.thrift = thrift
    if let other { waitsForKey = other.waitsForKey || other.isResting || other.thrift == .keysOnly }
  }

  mutating func choose(time: Double, isKey: Bool) -> Choice {
    if waitsForKey, isKey { (waitsForKey, resumed) = (false, time) }
    if waitsForKey || time < resumed { return .pass }
    switch thrift {
    case .none: return .decode
    case .unreferenced: return isKey ? .decode : .decodeIfReferenced
    case .keysOnly: return isKey ? .decode : .pass
    case .every(let step): return choose(time, isKey, step)
    }
  }

  private mutating func choose(_ time: Double, _ isKey: Bool, _ step: Double) -> Choice {
    let first = start ?? time
    start = first
    let here = ((time - first + min(0.000_51, step / 4)) / step).rounded(.down)
    if isKey {
      if let lastKey, time > lastKey { group = time - lastKey }
      lastKey = time
    }
    let isWanted = here > slot
    if isKey, isResting, isWanted || !comesAgain(before: first + (slot + 1) * step) {
      (isResting, resumed) = (false, time)
    }
    guard !isResting, time >= resumed else { return .pass }
    guard isWanted else { return isKey ? .decode : .decodeIfReferenced }
    slot = here
    isResting = comesAgain(before: first + (slot + 1) * step)
    return .decode
  }

  /// Another key frame is to be expected by then.
  private func comesAgain(before wanted: Double) -> Bool {
    guard let lastKey, let group else { return false }
    return lastKey + group <= wanted + 0.001
  }
}
