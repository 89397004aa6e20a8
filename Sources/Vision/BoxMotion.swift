internal import Base

/// Where a box is and how it moves: a Kalman filter with constant velocity.
///
/// The state is that of SORT (Bewley et al. 2016) in the form of DeepSORT (Wojke et al. 2017) and ByteTrack: centre,
/// aspect and height, and the velocity of each. Transition, noise and measurement touch each of the four by itself, so the
/// filter of eight dimensions falls apart, exactly, into four of two. Lengths are in heights of the picture, so that a
/// deviation is the same length across and down. Time is in frames of 1/30 s, for which the papers' noise is meant; longer
/// and shorter steps take more or less of it in proportion.
struct BoxMotion: Sendable {
  private var x: Coordinate
  private var y: Coordinate
  private var aspect: Coordinate
  private var height: Coordinate
  /// Width of the picture divided by its height.
  private let picture: Double

  /// Deviations as shares of the box's height (1/20 for positions, 1/160 for velocities), and those of the aspect.
  private enum Deviation {
    static let position = 1.0 / 20
    static let velocity = 1.0 / 160
    static let aspect = 0.01
    static let aspectVelocity = 0.000_01
    static let measuredAspect = 0.1
  }

  static let framesPerSecond = 30.0

  /// Begins at a box in fractions of the picture, at rest, with wide doubt.
  init(_ box: Rect, picture: Double) {
    self.picture = picture
    let seen = Self.measure(box, picture)
    let (position, velocity) = (2 * Deviation.position * seen.height, 10 * Deviation.velocity * seen.height)
    x = Coordinate(seen.x, position, velocity)
    y = Coordinate(seen.y, position, velocity)
    aspect = Coordinate(seen.aspect, Deviation.aspect, Deviation.aspectVelocity)
    height = Coordinate(seen.height, position, velocity)
  }

  /// Moves on by `frames` of 1/30 s; something that is not seen keeps its size.
  mutating func predict(frames: Double, isSeen: Bool) {
    if !isSeen { height.velocity = 0 }
    let (position, velocity) = (Deviation.position * height.value, Deviation.velocity * height.value)
    x.predict(frames, position, velocity)
    y.predict(frames, position, velocity)
    aspect.predict(frames, Deviation.aspect, Deviation.aspectVelocity)
    height.predict(frames, position, velocity)
    height.value = max(height.value, 1e-6)
    aspect.value = max(aspect.value, 1e-6)
  }

  /// Sets the speed of the centre, in fractions of the picture in a second.
  mutating func move(x speed: Double, y fall: Double) {
    (x.velocity, y.velocity) = (speed * picture / Self.framesPerSecond, fall / Self.framesPerSecond)
  }

  /// Takes a box that was seen into account.
  mutating func correct(_ box: Rect) {
    let seen = Self.measure(box, picture)
    let deviation = Deviation.position * height.value
    x.correct(seen.x, deviation)
    y.correct(seen.y, deviation)
    aspect.correct(seen.aspect, Deviation.measuredAspect)
    height.correct(seen.height, deviation)
  }

  /// In fractions of the picture; may reach outside.
  var box: Rect {
    let width = aspect.value * height.value / picture
    return Rect(
      x: x.value / picture - width / 2, y: y.value - height.value / 2, width: width, height: height.value)
  }

  private static func measure(
    _ box: Rect, _ picture: Double
  ) -> (x: Double, y: Double, aspect: Double, height: Double) {
    let (width, height) = (max(box.width, 1e-6) * picture, max(box.height, 1e-6))
    return ((box.x + box.width / 2) * picture, box.y + box.height / 2, width / height, height)
  }
}

/// One number that moves with constant velocity, and the covariance of the two.
private struct Coordinate: Sendable {
  var value: Double
  var velocity = 0.0
  private var valueVariance: Double
  private var covariance = 0.0
  private var velocityVariance: Double

  init(_ value: Double, _ deviation: Double, _ velocityDeviation: Double) {
    self.value = value
    (valueVariance, velocityVariance) = (deviation * deviation, velocityDeviation * velocityDeviation)
  }

  /// x ← F x, P ← F P Fᵀ + Q with F = [1 t; 0 1].
  mutating func predict(_ t: Double, _ deviation: Double, _ velocityDeviation: Double) {
    value += velocity * t
    valueVariance += t * (2 * covariance + t * velocityVariance) + t * deviation * deviation
    covariance += t * velocityVariance
    velocityVariance += t * velocityDeviation * velocityDeviation
  }

  /// K = P Hᵀ / (H P Hᵀ + R) with H = [1 0]; x ← x + K (z − H x), P ← (I − K H) P.
  mutating func correct(_ measured: Double, _ deviation: Double) {
    let total = valueVariance + deviation * deviation
    let (gain, velocityGain) = (valueVariance / total, covariance / total)
    let surprise = measured - value
    value += gain * surprise
    velocity += velocityGain * surprise
    velocityVariance -= velocityGain * covariance
    covariance *= 1 - gain
    valueVariance *= 1 - gain
  }
}
