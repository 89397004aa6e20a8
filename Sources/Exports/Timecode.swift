internal import Base

/// Hours, minutes, seconds and frames of a film (SMPTE ST 12-1), of the rates that have them.
///
/// At 29.97 and 59.94 frames a second numbers are left out (drop-frame), so that the code keeps with the clock: the first 2 or 4 of each
/// minute, but for every tenth.
struct Timecode: Sendable {
  /// Frames a second by the clock.
  let rate: Ratio
  /// Frames that a second counts.
  let base: Int
  /// Numbers left out in a minute; 0 where none are.
  let dropped: Int

  private static let rates =
    [24, 25, 30, 48, 50, 60].map { Ratio($0, 1) } + [24, 30, 48, 60].map { Ratio($0 * 1000, 1001) }

  /// The rate of a film, which may be off by rounding (2997/100); `nil` where no timecode is of it.
  init?(_ rate: Ratio) {
    guard let own = Self.rates.first(where: { abs($0.value / rate.value - 1) < 2e-5 }) else { return nil }
    self.rate = own
    base = Int(own.value.rounded())
    dropped = own.denominator == 1001 && base % 30 == 0 ? base / 15 : 0
  }

  var framesPerDay: Int { (base * 600 - dropped * 9) * 144 }

  /// The frame that is shown at a time behind that of the first.
  func frame(at seconds: Double) -> Int { Frames.at(seconds, rate) }

  /// `01:00:00:00`, or `01:00:00;00` where numbers are left out; `frame` lies in the first day.
  func text(_ frame: Int) -> String {
    let (tens, rest) = frame.quotientAndRemainder(dividingBy: base * 600 - dropped * 9)
    let minutes = rest < dropped ? 0 : (rest - dropped) / (base * 60 - dropped)
    let number = frame + dropped * (9 * tens + minutes)
    let fields = [number / base / 3600, number / base / 60 % 60, number / base % 60].map { Digits.padded($0, 2) }
    return fields.joined(separator: ":") + (dropped > 0 ? ";" : ":") + Digits.padded(number % base, 2)
  }
}

/// Times as counts of frames.
enum Frames {
  /// The nearest; 0 for what lies before the first, and no more than a number that is exact.
  static func at(_ seconds: Double, _ rate: Ratio) -> Int {
    Int(max(0, min(seconds * Double(rate.numerator) / Double(rate.denominator), 1e15)).rounded())
  }
}
