internal import Glibc

/// Sound measured in windows of equal length.
///
/// A window lies on the film's own axis: number `n` holds samples `n * length` up to `(n + 1) * length` counted from second 0, so
/// the same sound gives the same windows whatever blocks it comes in. Windows that the sound only begins or ends in are measured
/// over what there is of it.
struct SoundWindows: Sendable {
  struct Window: Hashable {
    /// Sample numbers, at 16 kHz from the film's second 0.
    var samples: Range<Int>
    /// Mean of the squares.
    var power: Double
    /// The largest distance from zero.
    var peak: Float
  }

  let length: Int
  private var next: Int?
  private var start = 0
  private var sum = 0.0
  private var peak: Float = 0

  init(length: Int) {
    precondition(length > 0, "a window holds samples")
    self.length = length
  }

  /// Takes the samples that follow, from number `first` on; each window that is full goes to `body`.
  mutating func add(_ samples: Span<Float>, at first: Int, _ body: (Window) -> Void) {
    precondition(next == nil || next == first, "sound comes without holes")
    if next == nil { start = first }
    var (place, index) = (first, 0)
    while index < samples.count {
      let end = (place.flooredDivision(by: length) + 1) * length
      let count = min(end - place, samples.count - index)
      for sample in index..<index + count {
        let value = samples[sample].isFinite ? samples[sample] : 0
        sum += Double(value) * Double(value)
        peak = max(peak, abs(value))
      }
      (place, index) = (place + count, index + count)
      next = place
      if place == end { close(body) }
    }
    next = place
  }

  /// Gives the window that the sound ended in.
  mutating func finish(_ body: (Window) -> Void) {
    if let next, next > start { close(body) }
  }

  private mutating func close(_ body: (Window) -> Void) {
    guard let end = next else { return }
    body(Window(samples: start..<end, power: sum / Double(end - start), peak: peak))
    (start, sum, peak) = (end, 0, 0)
  }
}

extension Int {
  /// Towards smaller numbers, also below zero.
  fileprivate func flooredDivision(by divisor: Int) -> Int {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

/// Numbers that stand behind all sound here.
public enum SoundScale {
  /// Samples a second.
  public static let rate = 16_000
  /// What stands for silence without end, in decibels below full scale: less than one step of 20 bits.
  public static let floor = -120.0

  /// Seconds of a sample number.
  public static func seconds(_ sample: Int) -> Double { Double(sample) / Double(rate) }

  /// Decibels below full scale of a mean square; a sine that just fits has -3.01.
  static func decibels(power: Double) -> Double { power > 0 ? max(floor, 10 * log10(power)) : floor }

  /// The same of a distance from zero.
  static func decibels(peak: Float) -> Double { decibels(power: Double(peak) * Double(peak)) }
}
