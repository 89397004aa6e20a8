import Base
import Insights
import Predictions
import TestKit
import Testing

@Suite("Shares of attention")
struct AttentionMapTests {
  private let map = AttentionMap(size: Size(width: 2, height: 2), cells: [200, 100, 0, 100])!

  @Test("shares of boxes that part the picture are one together, wherever they are cut")
  func parts() {
    var dice = SeededRandom(3)
    let cells = (0..<768).map { _ in UInt8.random(in: 0...255, using: &dice) }
    let map = AttentionMap(size: Size(width: 32, height: 24), cells: cells)!
    for _ in 0..<200 {
      let (x, y) = (Double.random(in: 0...1, using: &dice), Double.random(in: 0...1, using: &dice))
      let parts = [rect(0, 0, x, y), rect(x, 0, 1 - x, y), rect(0, y, x, 1 - y), rect(x, y, 1 - x, 1 - y)]
      #expect(near(parts.reduce(0) { $0 + map.share(of: $1) }, 1, 1e-9))
    }
  }

  @Test("a box takes of each cell the part that it covers; what lies outside the picture adds nothing")
  func share() {
    #expect(near(map.share(of: rect(0, 0, 0.5, 0.5)), 0.8))
    #expect(near(map.share(of: rect(0.25, 0, 0.25, 0.5)), 0.4))
    #expect(near(map.share(of: rect(0.25, 0.25, 0.5, 0.5)), 0.25))
    #expect(near(map.share(of: rect(-3, -3, 3.5, 3.5)), 0.8))
    #expect(map.share(of: rect(1, 0, 1, 1)) == 0 && map.share(of: rect(0.5, 0.5, 0, 1)) == 0)
    #expect(near(map.share(of: .unit), 1))
  }

  @Test("the centre is that of mass, the peak the middle of the fullest cell, inside what is looked at")
  func places() throws {
    let whole = try #require(map.places(in: .unit))
    #expect(near(whole.center.x, 0.25 * 0.8 + 0.75 * 0.2) && near(whole.center.y, 0.25 * 0.9 + 0.75 * 0.1))
    #expect(whole.peak.x == 0.25 && whole.peak.y == 0.25)
    let lower = try #require(map.places(in: rect(0, 0.5, 1, 0.5)))
    #expect(lower.center.x == 0.75 && lower.center.y == 0.75 && lower.peak.x == 0.75)
    #expect(map.places(in: rect(0, 0.5, 0.5, 0.5)) == nil)
  }

  @Test("a map of any resolution comes to the same shares", arguments: [(640, 480), (64, 48), (100, 37), (33, 25)])
  func resolution(_ width: Int, _ height: Int) throws {
    // One bright square in the left upper quarter on an even ground.
    let numbers = (0..<width * height).map { place -> Float in
      let (x, y) = (Double(place % width) / Double(width), Double(place / width) / Double(height))
      return (0.1..<0.4).contains(x) && (0.1..<0.4).contains(y) ? 9 : 1
    }
    let size = Size(width: width, height: height)
    let map = try #require(AttentionMap(numbers, size, of: Size(width: 800, height: 600)))
    #expect(map.cells.count <= AttentionMap.cellLimit)
    // Of 0.09 of the area nine times, of the rest once.
    #expect(near(map.share(of: rect(0, 0, 0.5, 0.5)), (0.09 * 9 + 0.16) / 1.72, 0.02))
  }

  @Test(
    "cells are squares of the picture, however the network was shown it",
    arguments: [
      ((800, 600), (32, 24)), ((1920, 1080), (36, 20)), ((1080, 1920), (20, 36)), ((500, 500), (27, 27)),
      ((4000, 10), (400, 1)),
    ])
  func grid(_ picture: (Int, Int), _ grid: (Int, Int)) throws {
    let map = try #require(
      AttentionMap(
        [Float](repeating: 1, count: 480 * 480), Size(width: 480, height: 480),
        of: Size(width: picture.0, height: picture.1)))
    #expect(map.size == Size(width: grid.0, height: grid.1))
  }

  @Test("a byte a cell costs less than a thousandth of a share, over maps as networks give them")
  func quantising() throws {
    var (dice, worst) = (SeededRandom(11), 0.0)
    for _ in 0..<20 {
      let (x, y) = (Double.random(in: 0.2...0.8, using: &dice), Double.random(in: 0.2...0.8, using: &dice))
      let numbers = (0..<160 * 120).map { place -> Float in
        let (dx, dy) = (Double(place % 160) / 160 - x, Double(place / 160) / 120 - y)
        return Float(0.02 + 1 / (1 + 40 * (dx * dx + dy * dy)))
      }
      let map = try #require(
        AttentionMap(numbers, Size(width: 160, height: 120), of: Size(width: 160, height: 120)))
      let exact = (0..<60).reduce(0.0) { sum, row in
        sum + (0..<80).reduce(0.0) { $0 + Double(numbers[row * 160 + $1]) }
      }
      worst = max(
        worst, abs(map.share(of: rect(0, 0, 0.5, 0.5)) - exact / numbers.reduce(0) { $0 + Double($1) }))
    }
    #expect(worst < 1e-3)
  }

  @Test("the centre prior gives the whole picture one, the middle more than its area and a corner less")
  func prior() {
    let prior = CenterPrior(sigma: 0.2)
    #expect(near(prior.share(of: .unit), 1) && near(prior.share(of: rect(0, 0, 0.5, 1)), 0.5))
    #expect(prior.share(of: rect(0.4, 0.4, 0.2, 0.2)) > 0.14 && prior.share(of: rect(0, 0, 0.2, 0.2)) < 0.01)
    // Summed over 800 by 600 pixels in NumPy, as exp of minus half the square of distance over 0.2.
    #expect(near(prior.share(of: rect(0.25, 0.5, 0.25, 0.2)), 0.138017, 1e-5))
  }

  @Test("nothing counts twice where boxes of a label overlap")
  func overlap() throws {
    var settings = AttentionSettings()
    settings.following = [.init(label: "logo")]
    var summary = try AttentionSummary(settings)
    summary.add(
      [
        looking(2, [1, 1, 1, 1]), box("logo", rect(0, 0, 0.5, 0.5)), box("logo", rect(0.25, 0.25, 0.5, 0.5)),
        box("logo", rect(0, 0, 0.5, 0.5)),
      ], at: 0)
    let report = summary.finish()
    #expect(near(report.boxes.first?.whole?.share, 0.4375) && near(report.boxes.first?.whole?.area, 0.4375))
  }
}
