import Base
import Testing

@Suite("Units")
struct UnitsTests {
  @Test(
    "times are a number and its unit",
    arguments: [
      ("500ms", 0.5), ("1.5s", 1.5), ("2m", 120), ("0.5m", 30), ("1h", 3600), ("30d", 2_592_000), ("0s", 0),
      (".5s", 0.5), ("1e3ms", 1), ("0.0000004s", 0),
    ])
  func times(text: String, seconds: Double) { #expect(Units.seconds(text) == seconds) }

  @Test(
    "anything else is no time",
    arguments: ["", "s", "2", "-1s", "+1s", "1 s", "1S", "infs", "0x1s", "nans", "1e999s", "1.2.3s", "1w", "e1s"])
  func noTimes(text: String) { #expect(Units.seconds(text) == nil) }

  @Test("a number alone is seconds where that is allowed")
  func plain() {
    #expect(Units.seconds("2.5", orPlain: true) == 2.5)
    #expect(Units.seconds("250ms", orPlain: true) == 0.25)
    #expect(Units.seconds("-2", orPlain: true) == nil)
    #expect(Units.seconds("", orPlain: true) == nil)
  }

  @Test(
    "sizes are a number and its unit",
    arguments: [
      ("64MiB", 64 << 20), ("1.5GB", 1_500_000_000), ("4096B", 4096), ("0.5KiB", 512), ("2GiB", 2 << 30), ("1KB", 1000),
    ])
  func sizes(text: String, bytes: Int) { #expect(Units.bytes(text) == bytes) }

  @Test("anything else is no size", arguments: ["", "B", "16", "-1B", "1 MiB", "1mib", "1e16B", "10000000GiB"])
  func noSizes(text: String) { #expect(Units.bytes(text) == nil) }

  @Test("limits are told in the unit that people would take")
  func limits() {
    #expect([0.001, 1, 90, 86_400].map { Units.text(seconds: $0) } == ["1ms", "1s", "90s", "24h"])
    #expect([1, 1024, 3 << 20, 1 << 40].map { Units.text(bytes: $0) } == ["1B", "1KiB", "3MiB", "1024GiB"])
  }
}
