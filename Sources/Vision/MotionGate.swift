/// Motion detection by background subtraction: tells frames in which something moves from others, by small planes.
///
/// Each plane (of luma) is compared with a background: a running mean of the planes before, which forgets within about
/// a second (a first-order lag, discretised as `dt / (lag + dt)`, so it does not depend on how often it is asked). A cell
/// has changed when it differs from the background by more than ``Settings/difference``. The gate opens when at least
/// ``Settings/motion`` of the cells have changed, stays open while at least half as many have, and for
/// ``Settings/hold`` after that. The first frame has nothing to be compared with, and passes.
public struct MotionGate: Sendable {
  public struct Settings: Sendable, Hashable {
    /// Share of the cells, 0 to 1.
    public var motion = 0.01
    /// Steps of luma, 0 to 255.
    public var difference = 12.0
    /// Seconds.
    public var hold = 2.0

    public init() {}
  }

  /// Seconds in which the background takes over two thirds of a lasting change.
  private static let lag = 1.0

  private let settings: Settings
  private let masked: [Bool]
  private var background: [Float] = []
  private var time = 0.0
  private var openUntil = -Double.infinity

  /// `masked` says of each cell whether its changes do not count; empty for none.
  public init(_ settings: Settings = Settings(), masked: [Bool] = []) {
    (self.settings, self.masked) = (settings, masked)
  }

  /// Does the frame pass? Ask once a frame, in order; `time` is in seconds.
  ///
  /// All planes have the same number of cells. Cost: a few operations a cell, no memory after the first frame.
  public mutating func passes(luma: Span<UInt8>, time: Double) -> Bool {
    guard !background.isEmpty else {
      background = luma.indices.map { Float(luma[$0]) }
      (self.time, openUntil) = (time, time + settings.hold)
      return true
    }
    precondition(luma.count == background.count, "every plane of a gate has the same size")
    let wasOpen = self.time <= openUntil
    let changed = Double(compare(luma, step: max(0, time - self.time)))
    self.time = max(time, self.time)
    let cells = Double(luma.count)
    if changed > 0, changed >= settings.motion * cells * (wasOpen ? 0.5 : 1) { openUntil = self.time + settings.hold }
    return self.time <= openUntil
  }

  /// Counts the cells that differ from the background, and lets the background follow.
  private mutating func compare(_ luma: Span<UInt8>, step: Double) -> Int {
    let (share, limit) = (Float(step / (Self.lag + step)), Float(settings.difference))
    var changed = 0
    for cell in luma.indices {
      let difference = Float(luma[cell]) - background[cell]
      if difference.magnitude > limit, masked.isEmpty || !masked[cell] { changed += 1 }
      background[cell] += difference * share
    }
    return changed
  }
}
