internal import Base

/// Numbers frames and gives each its time, also where the file gives none.
struct FrameClock {
  private let timeBase: Double
  /// Seconds of a frame that does not say.
  private let usual: Double
  private var index = 0
  private var expected = 0.0

  init(timeBase: Ratio, frameRate: Ratio) {
    self.timeBase = timeBase.value
    usual = frameRate.isKnown ? 1 / frameRate.value : 0.04
  }

  /// `duration` is in the time base; 0 is unknown.
  mutating func next(pts: Int?, duration: Int) -> FramePlace {
    let time = pts.map { Double($0) * timeBase } ?? expected
    expected = time + (duration > 0 ? Double(duration) * timeBase : usual)
    defer { index += 1 }
    return FramePlace(index: index, pts: pts, time: time)
  }
}
