/// How long to wait before the next attempt at a source: twice as long each time, up to half a minute, by chance a quarter more or less.
struct Backoff {
  private static let (first, most) = (0.5, 30.0)
  /// Seconds of pictures after which a source counts as well again.
  static let recovery = 10.0

  private var attempts = 0

  /// Seconds; `chance` is from 0 to 1.
  mutating func next(chance: Double) -> Double {
    defer { attempts += 1 }
    let base = min(Self.most / 1.25, Self.first * Double(1 << min(attempts, 10)))
    return base * (0.75 + 0.5 * chance)
  }

  mutating func reset() { attempts = 0 }
}
