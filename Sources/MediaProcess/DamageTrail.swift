/// Which pictures show what is not there: those that something is missing of, and those that are made from such.
///
/// Damage goes on from picture to picture until a whole one comes that stands alone, and over those that come behind that one and are
/// shown before it. A value; times are seconds as the pictures' own clock has them, tags rise.
struct DamageTrail: Sendable {
  /// Pictures that may come behind one that stands alone and be shown before it.
  private static let mostLeading = 16
  /// Seconds for which a whole picture that stands alone is waited for, where they came less than half as far apart.
  private static let patience = 30.0

  /// When what is damaged now began; `nil` where nothing is.
  private var began: Double?
  /// The last picture that stands alone, and how far it was from the one before, at most.
  private var (key, interval): ((tag: Int, time: Double)?, Double) = (nil, 0)
  /// The one that ended damage, and how many came since.
  private var mended: (time: Double, count: Int)?

  /// Takes in the next picture that is given to a decoder, and says whether what becomes of it is damaged.
  mutating func note(tag: Int, isKey: Bool, isWhole: Bool, time: Double) -> Bool {
    let isLeading = mended.map { time < $0.time && $0.count < Self.mostLeading } ?? false
    mended?.count += 1
    if isKey {
      interval = max(interval, key.map { time - $0.time } ?? 0)
      key = (tag, time)
      mended = began != nil && isWhole ? (time, 0) : nil
      if isWhole { began = nil }
    }
    if !isWhole { began = began ?? time }
    return began != nil || isLeading
  }

  /// The decoder guessed parts of a picture, or made nothing of it; whether those that came behind it are damaged by that.
  mutating func spoil(tag: Int, time: Double) -> Bool {
    guard tag >= key?.tag ?? 0 else { return false }
    began = began ?? time
    return true
  }

  /// Nothing that stands alone comes any more, though it once did.
  func isHopeless(at time: Double) -> Bool {
    guard let began, key != nil else { return false }
    return time - began > max(Self.patience, 2 * interval)
  }
}
