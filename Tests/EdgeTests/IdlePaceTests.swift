import Testing

@testable import Edge

@Suite struct IdlePaceTests {
  @Test func `every turn is looked at while there is something, and every fifth once there was nothing for ten`() {
    var pace = IdlePace()
    #expect((1...10).allSatisfy { _ in pace.isDue() })
    #expect((11...25).map { _ in pace.isDue() }.filter { $0 }.count == 3)
    pace.wake()
    #expect((1...10).allSatisfy { _ in pace.isDue() })
    #expect(!pace.isDue())
  }
}
