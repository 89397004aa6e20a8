public import Base

/// Decides, frame by frame in order of time, which ones are looked at.
///
/// Time is cut into slots counted from the first frame, and the first frame in each slot is taken: there is no drift,
/// and gaps and variable frame rates neither repeat nor shift anything. A slot without a frame gives none. Times may
/// stand half a millisecond too early, because some containers round to whole milliseconds. Where time jumps back, slots go
/// on behind those before (see ``Timeline``).
public struct Sampler: Sendable {
  private let sampling: Sampling
  private var start: Double?
  private var last = -1.0
  private var timeline = Timeline()

  /// Steps and rates must be above zero.
  public init(_ sampling: Sampling) {
    switch sampling {
    case .every(let seconds): precondition(seconds > 0 && seconds.isFinite, "a step of time must be above zero")
    case .fps(let rate): precondition(rate > 0 && rate.isFinite, "a frame rate must be above zero")
    case .all, .keyFrames: break
    }
    self.sampling = sampling
  }

  /// True where it passes frames over that come at this rate.
  func skips(at frameRate: Ratio) -> Bool {
    switch sampling {
    case .all: false
    case .keyFrames: true
    case .every(let seconds): !frameRate.isKnown || seconds * frameRate.value > 1.5
    case .fps(let rate): !frameRate.isKnown || frameRate.value / rate > 1.5
    }
  }

  /// Whether a frame is wanted depends on the decoder's word alone.
  var asksForKeys: Bool { sampling == .keyFrames }

  /// Is this frame looked at? Ask once for every frame; `time` is in seconds.
  public mutating func wants(time: Double, isKeyFrame: Bool = true) -> Bool {
    switch sampling {
    case .all: true
    case .keyFrames: isKeyFrame
    case .every(let seconds): opensSlot(at: time, step: seconds)
    case .fps(let rate): opensSlot(at: time, step: 1 / rate)
    }
  }

  private mutating func opensSlot(at told: Double, step: Double) -> Bool {
    let time = timeline.place(told)
    let first = start ?? time
    start = first
    let tolerance = min(0.000_51, step / 4)
    let slot = ((time - first + tolerance) / step).rounded(.down)
    guard slot > last else { return false }
    last = slot
    return true
  }
}
