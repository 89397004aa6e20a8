internal import Base

/// What was known of a box's motion while all of it was to be seen.
///
/// Something that slides behind something else, or into the picture, is boxed around its visible part, and the middle of
/// that moves against the object. A filter takes it for another speed, and foretells a wrong place for as long as nothing
/// is seen. So the place of the last whole sight is kept, and the mean speed from one whole sight to the next: those of
/// sure detections that touch no edge of the picture and are about as wide and high as the box has been of late. That mean
/// is also surer than the filter's speed of the moment, which matters when it has to carry over a second. (Cao et al.,
/// "Observation-Centric SORT", 2023, on the same trouble.)
struct SteadyMotion: Sendable {
  /// The last whole sight.
  private var whole: (motion: BoxMotion, x: Double, y: Double, time: Double)?
  /// Of the centre, in fractions of the picture in a second, and the seconds it was learnt from.
  private var velocity = (x: 0.0, y: 0.0)
  private var learnt = 0.0
  private var width: Double
  private var height: Double

  /// Seconds over which speed and usual size are averaged; what stays smaller is whole again as soon.
  private static let lag = 0.5
  /// Share of the usual width and height of a whole sight; boxes of good detectors vary by two or three percent.
  private static let share = 0.94
  /// What is nearer to an edge of the picture may reach beyond it; in fractions.
  private static let edge = 0.01
  /// Seconds for which a whole sight is worth more than what was seen since.
  private static let memory = 1.0

  init(_ box: Rect) { (width, height) = (box.width, box.height) }

  /// Takes the motion after a detection was taken into account; `step` is the time since the sight before.
  mutating func learn(_ motion: BoxMotion, _ box: Rect, isSure: Bool, time: Double, step: Double) {
    if isSure, isWhole(box) { see(motion, box, time) }
    width = Self.follow(width, box.width, step)
    height = Self.follow(height, box.height, step)
  }

  /// The motion as it would be at `now` if nothing had been seen since the last whole sight; `nil` where that tells nothing.
  func foretold(at now: Double) -> BoxMotion? {
    guard let whole, learnt > 0, now - whole.time <= Self.memory else { return nil }
    var motion = whole.motion
    motion.move(x: velocity.x, y: velocity.y)
    motion.predict(frames: max(0, now - whole.time) * BoxMotion.framesPerSecond, isSeen: false)
    return motion
  }

  private func isWhole(_ box: Rect) -> Bool {
    box.x > Self.edge && box.y > Self.edge && box.right < 1 - Self.edge && box.bottom < 1 - Self.edge
      && box.width >= Self.share * width && box.height >= Self.share * height
  }

  private mutating func see(_ motion: BoxMotion, _ box: Rect, _ time: Double) {
    let centre = (x: box.x + box.width / 2, y: box.y + box.height / 2)
    if let last = whole, time > last.time {
      let step = time - last.time
      let share = step / (min(learnt, Self.lag) + step)
      velocity.x += ((centre.x - last.x) / step - velocity.x) * share
      velocity.y += ((centre.y - last.y) / step - velocity.y) * share
      learnt += step
    }
    whole = (motion, centre.x, centre.y, time)
  }

  /// Grows with what comes into sight, and shrinks slowly.
  private static func follow(_ usual: Double, _ side: Double, _ step: Double) -> Double {
    usual + (side - usual) * (side > usual ? 0.5 : step / (lag + step))
  }
}
