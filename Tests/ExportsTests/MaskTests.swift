import Base
import Predictions
import TestKit
import Testing

@testable import Exports

struct MaskTests {
  private func mask(_ width: Int, _ height: Int, _ counts: [Int]) -> Mask {
    Mask(size: Size(width: width, height: height), counts: counts, share: 0)
  }

  @Test func `a mask of the picture's size keeps its runs`() throws {
    let found = try #require(PixelMask(mask(3, 4, [1, 2, 5, 1, 3]), size: Size(width: 3, height: 4)))
    #expect(found.counts == [1, 2, 5, 1, 3])
    #expect(found.area == 3)
    #expect(found.extent == Rect(x: 0, y: 0, width: 3, height: 3))
  }

  @Test func `a coarser mask is drawn as squares`() throws {
    let found = try #require(PixelMask(mask(2, 2, [1, 1, 2]), size: Size(width: 4, height: 4)))
    #expect(found.counts == [2, 2, 2, 2, 8])
    #expect(found.extent == Rect(x: 0, y: 2, width: 2, height: 2))
  }

  @Test func `every pixel is the cell that its centre lies in`() throws {
    var random = SeededRandom(7)
    for _ in 0..<200 {
      let grid = Size(width: .random(in: 1...9, using: &random), height: .random(in: 1...9, using: &random))
      let size = Size(width: .random(in: 1...23, using: &random), height: .random(in: 1...23, using: &random))
      let cells = (0..<grid.area).map { _ in Int.random(in: 0...2, using: &random) == 0 }
      var counts = [0]
      for (place, cell) in cells.enumerated() {
        if cell != (counts.count % 2 == 0) { counts.append(0) }
        counts[counts.count - 1] += 1
        _ = place
      }
      let found = try #require(PixelMask(Mask(size: grid, counts: counts, share: 0), size: size))
      let expected = (0..<size.area).map { pixel in
        let (x, y) = (Double(pixel / size.height) + 0.5, Double(pixel % size.height) + 0.5)
        let column = Int(x * Double(grid.width) / Double(size.width))
        return cells[column * grid.height + Int(y * Double(grid.height) / Double(size.height))]
      }
      let drawn = found.counts.enumerated().flatMap { Array(repeating: $0.offset % 2 == 1, count: $0.element) }
      #expect(drawn == expected)
      #expect(found.area == expected.count { $0 })
    }
  }

  @Test(arguments: [[12, 1], [11], [], [3, -1, 10], [Int.max, Int.max]])
  func `runs that do not fill the grid are no mask`(counts: [Int]) {
    #expect(PixelMask(mask(3, 4, counts), size: Size(width: 3, height: 4)) == nil)
  }
}
