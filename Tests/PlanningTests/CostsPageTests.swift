import Base
import Foundation
import Planning
import TestKit
import Testing

/// The numbers of docs/costs.md are those of pricing/sample.yaml.
struct CostsPageTests {
  private static let page = Checkout.path + "/docs/costs.md"
  private static let prices = Checkout.path + "/pricing/sample.yaml"

  private func file() throws -> PriceFile {
    try PriceFile(bytes: FileSystem.read(Self.prices, limit: 1 << 20), name: "sample.yaml")
  }

  @Test func `the tables of the page are what the price file gives`() throws {
    let file = try file()
    var text = String(decoding: try FileSystem.read(Self.page, limit: 1 << 20), as: UTF8.self)
    let before = text
    for (mark, table) in [("images", file.imageTable), ("break-even", file.breakEvenTable)] {
      let (opening, closing) = ("<!-- \(mark) -->\n", "<!-- end of \(mark) -->")
      let start = try #require(text.firstRange(of: opening)).upperBound
      let end = try #require(text.firstRange(of: closing)).lowerBound
      text.replaceSubrange(start..<end, with: "\n" + table + "\n")
    }
    if ProcessInfo.processInfo.environment["RIDLEY_WRITE_COSTS"] != nil {
      try FileSystem.write(Array(text.utf8), to: Self.page)
    }
    #expect(before == text, "RIDLEY_WRITE_COSTS=1 swift test --filter CostsPageTests writes it anew")
  }

  @Test func `the old comparison comes out as it always did`() throws {
    let costs = try file().comparisons
    // By hand: 0.90 / 3600 * 0.8; 50 and 100 steps of 0.000002501.
    #expect((costs[0].money() - 0.0002).magnitude < 1e-12)
    #expect((costs[1].money() - 0.000_125_05).magnitude < 1e-12)
    #expect((costs[2].money() - 0.000_250_1).magnitude < 1e-12)
    #expect(costs[0].breakEven(with: costs[1]) > 1, "the quick function is always cheaper")
    #expect((costs[0].breakEven(with: costs[2]) - 0.79968).magnitude < 1e-5)
    #expect((costs[6].money() - 0.000_002_501).magnitude < 1e-12, "a step that was begun")
  }
}
