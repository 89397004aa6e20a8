/// Time that only goes forward, made of times that may jump back: a counter that wrapped, a camera that began anew, films
/// put one behind the other.
///
/// A jump back of more than `tolerance` begins anew one step behind the latest time; smaller ones are disorder, and stay as
/// they are.
struct Timeline {
  private let tolerance: Double
  private var shift = 0.0
  private var latest: Double?
  private var step = 0.0

  /// In units of `1 / perSecond` seconds.
  init(perSecond: Double = 1) { tolerance = 0.5 * perSecond }

  /// Where a time stands; ask once for every frame, in the order in which they are shown.
  mutating func place(_ time: Double) -> Double {
    guard let last = latest else {
      latest = time
      return time
    }
    if time + shift < last - tolerance { shift = last + step - time }
    let placed = time + shift
    if placed > last { step = placed - last }
    latest = max(last, placed)
    return placed
  }
}
