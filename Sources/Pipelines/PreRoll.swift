/// A pre-roll: frames before the gate that may yet pass, because something moves shortly after them.
///
/// Bounded by time and by number, so that waiting frames hold little memory: what comes first is passed over.
public struct PreRoll<Frame> {
  /// Decoded pictures kept waiting, at most.
  public static var limit: Int { 32 }

  private let seconds: Double
  private var waiting: [(frame: Frame, time: Double)] = []
  /// Frames that the gate let go.
  public private(set) var passedOver = 0

  public init(seconds: Double) { self.seconds = seconds }

  /// Takes the next frame and the gate's word on it; gives the frames that go on now, in order.
  public mutating func add(_ frame: Frame, time: Double, passes: Bool) -> [Frame] {
    waiting.append((frame, time))
    let outdated = waiting.prefix { time - $0.time > seconds }.count
    let tooMany = max(0, waiting.count - outdated - Self.limit)
    let count = passes ? min(outdated + tooMany, waiting.count - 1) : outdated + tooMany
    waiting.removeFirst(count)
    passedOver += count
    guard passes else {
      if seconds == 0 { dismiss() }
      return []
    }
    defer { waiting.removeAll(keepingCapacity: true) }
    return waiting.map(\.frame)
  }

  /// Lets go of what still waits.
  public mutating func dismiss() {
    passedOver += waiting.count
    waiting.removeAll(keepingCapacity: true)
  }
}
