import Base
import JSON
import Testing

@testable import Edge

/// What a centre that is not in its senses, or whose key was stolen, may answer.
@Suite struct BeatAnswerTests {
  private func answer(
    pins: Int = 1, every: String = "10", had: String = "1774000000000", answered: String = "1774000000001"
  ) throws -> BeatAnswer {
    let digests = (0..<pins).map { _ in "\"\(String(repeating: "a", count: 64))\"" }.joined(separator: ",")
    let text = #"{"every":\#(every),"pins":[\#(digests)],"had":\#(had),"answered":\#(answered)}"#
    return try BeatAnswer(try JSONDocument(parsing: Array(text.utf8).span.bytes, name: "the answer").root)
  }

  @Test func `no more pins are taken than the node's file holds, and not none`() throws {
    #expect(try answer(pins: 64).pins.count == 64)
    for count in [0, 65, 2000] { #expect(throws: Fault.self) { try answer(pins: count) } }
  }

  @Test(arguments: ["9223372036854775807", "-9223372036854775808", "-1", "1e300", "\"now\""])
  func `moments with which nobody can reckon are refused`(_ moment: String) {
    #expect(throws: Fault.self) { try answer(had: moment) }
    #expect(throws: Fault.self) { try answer(answered: moment) }
  }
}
