internal import Base

/// What was known of a box's motion while all of it was to be seen.
///
/// Something that slides behind something else is boxed around its visible part, and the middle of that moves against the
/// object. A filter takes it for a loss of speed, and foretells a wrong place for as long as nothing is seen. So the motion
/// of the last whole sight is kept: of a sure detection that is hardly narrower or lower than the box has been of late.
struct SteadyMotion: Sendable {
  private var motion: BoxMotion
  private var time: Double
  private var width: Double
  private var height: Double

  /// Seconds over which the usual size is averaged, so what stays smaller is whole again soon.
  private static let lag = 0.5
  /// Share of the usual width and height that counts as whole; boxes of good detectors vary by two or three percent.
  private static let whole = 0.95

  init(_ motion: BoxMotion, _ box: Rect, time: Double) {
    (self.motion, self.time, width, height) = (motion, time, box.width, box.height)
  }

  /// Takes the motion after a detection was taken into account.
  mutating func learn(_ now: BoxMotion, _ box: Rect, isSure: Bool, time: Double, step: Double) {
    if isSure, box.width >= Self.whole * width, box.height >= Self.whole * height { (motion, self.time) = (now, time) }
    let share = step / (Self.lag + step)
    width += (box.width - width) * share
    height += (box.height - height) * share
  }

  /// The motion as it would be at `now` if nothing had been seen since the last whole sight.
  func foretold(at now: Double) -> BoxMotion {
    var motion = motion
    motion.predict(frames: max(0, now - time) * BoxMotion.framesPerSecond, isSeen: false)
    return motion
  }
}
