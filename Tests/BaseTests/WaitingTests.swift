import Base
import TestKit
import Testing

@Suite("Waiting in tests", .timeLimit(.minutes(20)))
struct WaitingTests {
  @Test("What does not come fails the test, with what was waited for and where")
  func bounded() throws {
    let never = Monitor(0)
    let fault = #expect(throws: NotInTime.self) {
      try never.wait(for: "a number", seconds: 0.05) { $0 > 0 ? $0 : nil }
    }
    let words = fault?.description ?? ""
    #expect(words.hasPrefix("BaseTests/WaitingTests.swift:") && words.hasSuffix(" waited 1 s for a number"), "\(words)")
    let other = #expect(throws: NotInTime.self) { try waitUntil("rain", seconds: 0.05) { false } }
    #expect(other?.description.hasSuffix("waited 1 s for rain") == true)
  }

  @Test("What comes is taken at once")
  func taken() throws {
    let number = Monitor(0)
    let worker = NativeThread { number.update { $0 = 7 } }
    #expect(try number.wait(for: "a number") { $0 > 0 ? $0 : nil } == 7)
    try waitUntil("nothing") { true }
    worker.join()
  }
}
