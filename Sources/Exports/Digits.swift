/// Whole numbers with zeros in front.
public enum Digits {
  /// `00:01:02.003`; hours have two digits or more.
  static func clock(_ milliseconds: Int) -> String {
    let (hours, minutes) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60)
    let (seconds, rest) = (milliseconds / 1000 % 60, milliseconds % 1000)
    return
      "\(padded(hours, 2)):\(padded(minutes, 2)):\(padded(seconds, 2)).\(padded(rest, 3))"
  }

  /// Two columns of tables of shots, clock and seconds: `00:01:02.003,62.003`.
  public static func columns(_ milliseconds: Int) -> String {
    "\(clock(milliseconds)),\(milliseconds / 1000).\(padded(milliseconds % 1000, 3))"
  }

  /// Seconds behind the first frame's, in milliseconds: none below zero.
  public static func milliseconds(_ seconds: Double, from first: Double) -> Int {
    Int((max(0, min(seconds - first, 1e12)) * 1000).rounded())
  }

  static func padded(_ value: Int, _ count: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }
}
