internal import Glibc

/// Moments of the world's clock as texts, by the system's calendar.
public enum UTC {
  public static let secondsOfTenThousand = 253_402_300_800

  /// Seconds since 1970 as ISO 8601 writes them, for the years 1970 to 9999: `2026-11-20T12:00:00Z`.
  public static func text(_ seconds: Int) -> String {
    precondition((0..<secondsOfTenThousand).contains(seconds), "a moment outside the years 1970 to 9999")
    return formatted(seconds, iso8601)
  }

  /// Seconds since 1970, `nil` for any other text than the above would write.
  public static func seconds(_ text: String) -> Int? {
    let numbers = text.utf8.split { "-T:Z".utf8.contains($0) }.compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    guard numbers.count == 6, numbers.allSatisfy({ (0...9999).contains($0) }) else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
    let seconds = timegm(&parts)
    return (0..<secondsOfTenThousand).contains(seconds) && self.text(seconds) == text ? seconds : nil
  }

  /// As the headers of HTTP have it: `Fri, 20 Nov 2026 12:00:00 GMT`.
  public static func httpDate(_ seconds: Int) -> String { formatted(seconds, "%a, %d %b %Y %H:%M:%S GMT") }

  private static let iso8601 = "%Y-%m-%dT%H:%M:%SZ"

  private static func formatted(_ seconds: Int, _ format: String) -> String {
    var (moment, parts) = (time_t(seconds), tm())
    gmtime_r(&moment, &parts)
    return String(unsafeUninitializedCapacity: 40) { bytes in
      bytes.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress!, $0.count, format, &parts) }
    }
  }
}
