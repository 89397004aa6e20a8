/// Numbers as a person or a spreadsheet reads them.
public enum NumberFormat {
  /// Rounded half away from zero to exactly `digits` decimals; `–` for what is no number.
  public static func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e15 else { return value.isNaN ? "–" : value.isInfinite ? "∞" : String(value) }
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let (whole, fraction) = UInt64(scaled).quotientAndRemainder(dividingBy: UInt64(scale))
    guard digits > 0 else { return "\(sign)\(whole)" }
    let text = String(fraction)
    return "\(sign)\(whole)." + String(repeating: "0", count: digits - text.utf8.count) + text
  }

  /// At most `digits` decimals, without zeros at the end.
  public static func short(_ value: Double, _ digits: Int) -> String {
    var text = fixed(value, digits)
    guard text.contains("."), !text.contains("e") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// About three digits that say something: `0.42`, `3.7`, `41`, `1 204`.
  public static func measure(_ value: Double) -> String {
    switch value.magnitude {
    case ..<1: fixed(value, 2)
    case ..<20: fixed(value, 1)
    case ..<9e15: grouped(Int(value.rounded()))
    default: fixed(value, 0)
    }
  }

  /// Thousands set apart by a narrow space that does not break.
  public static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position) % 3 == 0 { text += "\u{202F}" }
      text.append(digit)
    }
    return text
  }

  /// `0:07`, `12:34`, `1:02:03`; below ten seconds in all a clip shows tenths by `tenths`.
  public static func clock(_ seconds: Double, tenths: Bool = false) -> String {
    guard seconds.isFinite, seconds.magnitude < 1e12 else { return "–" }
    let ticks = Int((seconds.magnitude * (tenths ? 10 : 1)).rounded(tenths ? .toNearestOrAwayFromZero : .down))
    let whole = tenths ? ticks / 10 : ticks
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    let tail = (rest < 10 ? "0" : "") + "\(rest)" + (tenths ? ".\(ticks % 10)" : "")
    let sign = seconds < 0 && ticks > 0 ? "-" : ""
    guard hours > 0 else { return "\(sign)\(minutes):\(tail)" }
    return "\(sign)\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes):\(tail)"
  }

  /// A power of ten of microseconds, for an axis: `100 µs`, `1 ms`.
  public static func round(_ microseconds: Double) -> String {
    switch microseconds {
    case ..<0.999: "\(short(microseconds * 1000, 0)) ns"
    case ..<999: "\(short(microseconds, 0)) µs"
    case ..<999_000: "\(short(microseconds / 1000, 0)) ms"
    default: "\(short(microseconds / 1e6, 0)) s"
    }
  }

  /// Microseconds in the unit that fits: `840 ns`, `84 µs`, `8.4 ms`, `1.2 s`.
  public static func span(_ microseconds: Double) -> String {
    switch microseconds {
    case ..<1: "\(fixed(microseconds * 1000, 0)) ns"
    case ..<1000: "\(fixed(microseconds, microseconds < 10 ? 1 : 0)) µs"
    case ..<1e6: "\(fixed(microseconds / 1000, microseconds < 1e5 ? 1 : 0)) ms"
    default: "\(fixed(microseconds / 1e6, microseconds < 1e8 ? 2 : 0)) s"
    }
  }
}
