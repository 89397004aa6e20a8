import Base
import Foundation
import TestKit
import Testing

struct UTCTests {
  @Test("Moments are written as Foundation writes them, and read back", arguments: 0..<4)
  func oracle(_ seed: UInt64) {
    var dice = SeededRandom(seed)
    let formatter = ISO8601DateFormatter()
    for _ in 0..<200 {
      let seconds = Int.random(in: 0..<UTC.secondsOfTenThousand, using: &dice)
      #expect(UTC.text(seconds) == formatter.string(from: Date(timeIntervalSince1970: Double(seconds))))
      #expect(UTC.seconds(UTC.text(seconds)) == seconds)
    }
  }

  @Test("The edges of years and months hold")
  func edges() {
    #expect(UTC.text(0) == "1970-01-01T00:00:00Z")
    #expect(UTC.text(UTC.secondsOfTenThousand - 1) == "9999-12-31T23:59:59Z")
    #expect(UTC.seconds("2000-02-29T23:59:59Z") == 951_868_799)
    #expect(UTC.seconds("2100-02-28T00:00:00Z").map { UTC.text($0 + 86_400) } == "2100-03-01T00:00:00Z")
  }

  @Test("The date of HTTP is that of RFC 9110")
  func http() {
    #expect(UTC.httpDate(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test(
    "Any other text is refused",
    arguments: [
      "", "2026-11-20", "2026-11-20 12:00:00Z", "2026-11-20T12:00:00", "2026-11-20T24:00:00Z", "2026-02-30T00:00:00Z",
      "2026-13-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-1-2T00:00:00Z", "2026-11-20T12:00:60Z", "x-11-20T12:00:00Z",
      "2026-11-20T12:00:00Z ", "2026-11-20T12:00:00+00:00",
    ])
  func refused(_ text: String) { #expect(UTC.seconds(text) == nil) }
}
