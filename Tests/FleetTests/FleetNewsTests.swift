import Testing

@testable import Fleet

struct FleetNewsTests {
  private func node(_ name: String, _ enrolled: Int = 1) throws -> FleetNode {
    FleetNode(
      name: try NodeName(name), client: "local", groups: [], tags: [],
      fingerprint: String(repeating: "a", count: 64), enrolled: enrolled)
  }

  @Test func `who comes in, leaves, is silent and is back is told once`() throws {
    let (dock, gate) = (try node("dock"), try node("gate"))
    var news = FleetNews(patience: 90)
    #expect(news.look([dock], silent: [], at: 0).isEmpty, "what was there before is no news")
    #expect(news.look([dock, gate], silent: [], at: 10) == ["the node gate came in"])
    #expect(news.look([dock, gate], silent: [dock.name], at: 20).isEmpty)
    #expect(news.look([dock, gate], silent: [dock.name], at: 100).isEmpty)
    #expect(news.look([dock, gate], silent: [dock.name], at: 110) == ["the node dock is silent"])
    #expect(news.look([dock, gate], silent: [dock.name], at: 120).isEmpty)
    #expect(news.look([dock, gate], silent: [], at: 130) == ["the node dock is back"])
    #expect(news.look([dock, gate], silent: [], at: 140).isEmpty)
    #expect(news.look([gate], silent: [], at: 150) == ["the node dock was revoked"])
    let again = try node("gate", 2)
    #expect(news.look([again], silent: [], at: 160) == ["the node gate came in"])
  }

  @Test func `nodes that look for a centre that was away are not silent yet`() throws {
    let dock = try node("dock")
    var news = FleetNews(patience: 90)
    #expect(news.look([dock], silent: [dock.name], at: 0).isEmpty)
    #expect(news.look([dock], silent: [], at: 80).isEmpty)
  }
}
