import Base
import TestKit
import Testing

@Suite("Trace context")
struct TraceTests {
  private static let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test("a good header is read, and written as it was")
  func read() throws {
    let trace = try #require(Trace(Self.good))
    #expect(trace.id == 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736)
    #expect(trace.parent == 0x00f0_67aa_0ba9_02b7)
    #expect(trace.isSampled)
    #expect(trace.idText == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(trace.header == Self.good)
  }

  @Test(
    "what the recommendation does not allow is refused",
    arguments: [
      "", "00", good + "-", good + "-00", good + " ", " " + good, String(good.dropLast()), good.uppercased(),
      "ff" + good.dropFirst(2), "0x" + good.dropFirst(2), "00_" + good.dropFirst(3),
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902B7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
      "00-4bf92f3577b34da6a3ce929d0e0e4736.00f067aa0ba902b7-01",
      "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", "01" + good.dropFirst(2) + "x",
      "00-4bf92f3577b34da6a3ce929d0e0e473\u{e9}-00f067aa0ba902b7-1",
    ])
  func bad(header: String) { #expect(Trace(header) == nil) }

  @Test("a later version is read as far as this one goes, and answered in this one")
  func later() throws {
    for header in ["01" + Self.good.dropFirst(2), "cc" + Self.good.dropFirst(2) + "-what-the-future-holds"] {
      #expect(try #require(Trace(String(header))).header == Self.good)
    }
  }

  @Test("only the flag that is known is passed on")
  func flags() throws {
    #expect(try #require(Trace(Self.good.dropLast(2) + "fe")).header.hasSuffix("-00"))
    #expect(try #require(Trace(Self.good.dropLast(2) + "ff")).header.hasSuffix("-01"))
  }

  @Test("what is made is read again, and a child stays in its trace")
  func made() throws {
    var dice = SeededRandom(1)
    for _ in 0..<100 {
      let trace = Trace(using: &dice, isSampled: Bool.random(using: &dice))
      #expect(Trace(trace.header) == trace && trace.header.utf8.count == 55)
      let child = trace.child(using: &dice)
      #expect(child.id == trace.id && child.parent != trace.parent && child.isSampled == trace.isSampled)
    }
  }

  @Test("a header with any byte changed is refused or another good one")
  func damage() {
    var dice = SeededRandom(2)
    for _ in 0..<2000 {
      var bytes = Array(Self.good.utf8)
      bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...127, using: &dice)
      if let trace = Trace(String(decoding: bytes, as: UTF8.self)) { #expect(Trace(trace.header) == trace) }
    }
  }
}
