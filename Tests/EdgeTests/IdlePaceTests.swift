import Testing

@testable import Edge

@Suite struct IdlePaceTests {
  @Test func `every turn is looked at while there is something, and every fifth once there was nothing for ten`() {
    var pace = IdlePace()
    let first = (1...25).map { _ in pace.isDue() }
    #expect(first == [Bool](repeating: true, count: 10) + (11...25).map { $0.isMultiple(of: 5) })
    pace.wake()
    let second = (1...11).map { _ in pace.isDue() }
    #expect(second == [Bool](repeating: true, count: 10) + [false])
  }
}
