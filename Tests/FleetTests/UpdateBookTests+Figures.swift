import Library
import Testing
import Updates

@testable import Fleet

/// The fleet in numbers.
extension UpdateBookTests {
  @Test func `figures say how each node is with the newest updates and those that are running`() throws {
    let long = try begin("a: 0\n", for: .node("roof"))
    for number in 1...7 { _ = try begin("a: \(number)\n", for: .group("west")) }
    try say("dock") { ($0.highest, $0.serving) = (8, 8) }
    let figures = try book.figures()
    #expect(figures.updates == [long.version, 4, 5, 6, 7, 8])
    #expect(figures.nodes.map(\.name) == ["dock", "gate", "roof"])
    #expect(figures.nodes[0].standings == [4: .past, 5: .past, 6: .past, 7: .past, 8: .has])
    #expect(figures.nodes[1].standings[8] == .due && figures.nodes[1].standings[7] == .later)
    #expect(figures.nodes[2].standings == [1: .due] && figures.nodes[2].seen == nil)
    #expect(figures.nodes[0].seen == library.now)
  }
}
