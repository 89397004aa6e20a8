import Edge
import Testing

@testable import Gateway

struct EdgeRulesTests {
  private func read(_ text: String) throws -> EdgeSettings {
    try ServeConfiguration.parse(Array(text.utf8), name: "ridley.yaml", folder: "/etc/r").edge
  }

  @Test("What a node forwards, its link's rate and its store are read with their units")
  func rules() throws {
    var expected = EdgeRules()
    #expect(try read("edge: {join: 'https://centre:8444'}").rules == expected)
    (expected.rate, expected.store) = (250_000, 2 << 30)
    (expected.forwardsPictures, expected.forwardsClips, expected.forwardsAnalyses) = (false, false, false)
    let all = "rate: 2Mbit/s, store: 2GiB, pictures: false, clips: false, analyses: false"
    let text = "edge: {join: 'https://centre:8444', \(all)}"
    #expect(try read(text).rules == expected)
    #expect(try read("edge: {rate: 64 kbit/s}").rules.rate == 8000)
  }

  @Test(
    "A rate or a store that is none is refused with its place",
    arguments: ["rate: 5", "rate: 5MB/s", "rate: 0kbit/s", "rate: 1kbit/s", "rate: nan kbit/s", "store: 1MiB"])
  func refused(words: String) {
    #expect(throws: (any Error).self) { try read("edge: {\(words)}") }
  }
}
