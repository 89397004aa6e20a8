import Base
import Testing

@Suite("Number format")
struct NumberFormatTests {
  @Test("numbers read as a person writes them")
  func numbers() {
    #expect(
      NumberFormat.fixed(2.345, 2) == "2.35" && NumberFormat.fixed(-0.001, 2) == "0.00"
        && NumberFormat.fixed(7, 0) == "7")
    #expect(
      NumberFormat.short(1.5, 4) == "1.5" && NumberFormat.short(100, 2) == "100" && NumberFormat.fixed(.nan, 2) == "–")
    #expect(NumberFormat.grouped(1_234_567) == "1\u{202F}234\u{202F}567" && NumberFormat.grouped(-12) == "-12")
    #expect(
      NumberFormat.measure(0.416) == "0.42" && NumberFormat.measure(3.74) == "3.7"
        && NumberFormat.measure(112.9) == "113")
  }

  @Test("times read as clocks")
  func clocks() {
    #expect(NumberFormat.clock(7.96) == "0:07" && NumberFormat.clock(7.96, tenths: true) == "0:08.0")
    #expect(
      NumberFormat.clock(754) == "12:34" && NumberFormat.clock(3723) == "1:02:03"
        && NumberFormat.clock(.infinity) == "–")
    #expect(
      NumberFormat.span(0.84) == "840 ns" && NumberFormat.span(84) == "84 µs" && NumberFormat.span(8400) == "8.4 ms")
    #expect(
      NumberFormat.round(100) == "100 µs" && NumberFormat.round(1000) == "1 ms" && NumberFormat.round(1e6) == "1 s")
  }
}
