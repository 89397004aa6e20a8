/// Moments of the world's clock as ISO 8601 writes them: `2026-11-20T12:00:00Z`.
public enum UTC {
  /// Seconds since 1970 as text, for the years 1970 to 9999.
  public static func text(_ seconds: Int) -> String {
    precondition((0..<secondsOfTenThousand).contains(seconds), "a moment outside the years 1970 to 9999")
    let (year, month, day) = civil(seconds / 86_400)
    let clock = seconds % 86_400
    return "\(year)-\(two(month))-\(two(day))T\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))Z"
  }

  /// Seconds since 1970, `nil` for any other text than the above would write.
  public static func seconds(_ text: String) -> Int? {
    let parts = text.utf8.split { "-T:Z".utf8.contains($0) }.map { Int(String(decoding: $0, as: UTF8.self)) ?? -1 }
    guard parts.count == 6, (1970...9999).contains(parts[0]), (1...12).contains(parts[1]), (1...31).contains(parts[2]),
      (0..<24).contains(parts[3]), (0..<60).contains(parts[4]), (0..<60).contains(parts[5])
    else { return nil }
    let seconds = days(parts[0], parts[1], parts[2]) * 86_400 + parts[3] * 3600 + parts[4] * 60 + parts[5]
    return self.text(seconds) == text ? seconds : nil
  }

  public static let secondsOfTenThousand = 253_402_300_800

  // Both ways after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": years that begin in March, in eras of 400.

  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let (era, ofEra) = shifted.quotientAndRemainder(dividingBy: 400)
    let ofYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }

  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, ofEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
    let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let month = (5 * ofYear + 2) / 153
    let shifted = month < 10 ? month + 3 : month - 9
    return (era * 400 + year + (shifted <= 2 ? 1 : 0), shifted, ofYear - (153 * month + 2) / 5 + 1)
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
