import Base
import Predictions
import Testing

@testable import Vision

/// Inputs and recipes that ask for more anchors than memory holds.
@Suite("Sizes that are too much")
struct HugeTests {
  /// The greatest that a manifest may say.
  private static let network = Size(width: 16384, height: 16384)

  static let recipes: [(Recipe, [[Int]])] = [
    (recipe(.yolox), [[1, 21, 85]]), (recipe(.retinaface), [[1, 42, 4], [1, 42, 2], [1, 42, 10]]),
    (recipe(.ssd) { ($0.sizes, $0.clip) = ([[8, 16]], true) }, [[1, 8, 2], [1, 8, 4]]),
    (recipe(.scrfd), [[8, 1], [8, 4]]), (recipe(.mediapipe), [[1, 56, 16], [1, 56, 1]]),
    (recipe(.nanodet) { $0.origin = .middle }, [[1, 21, 34]]),
    (recipe(.nanodet) { $0.origin = .middle }, [[1, 16, 2], [1, 16, 32]]),
  ]

  @Test("Counts are compared before anything is made for each anchor", arguments: recipes.indices)
  func refused(index: Int) throws {
    let (said, shapes) = Self.recipes[index]
    var recipe = said
    recipe.output.strides = [1]
    let outputs = shapes.enumerated().map { TensorSpec(name: "out\($0)", shape: $1, element: .f32) }
    let time = ContinuousClock().measure {
      let fault = #expect(throws: Fault.self) { try Head(recipe, outputs: outputs, network: Self.network) }
      #expect(fault?.kind == .badInput, "\(fault?.message ?? "")")
    }
    // 268 million anchors are not made in a second.
    #expect(time < .seconds(1), "\(time)")
  }

  @Test("Sides whose product has no room are more than any output has, and no trap")
  func overflow() {
    let size = Size(width: .max, height: .max)
    let grid = AnchorGrid(strides: [1, 2], repeats: [3, 3], origin: 0, isSpread: false, on: size)
    #expect(grid.count == .max && grid.levels[1].cells.width == .max / 2 + 1)
    #expect(throws: Fault.self) {
      try Head(recipe(.yolox), outputs: [TensorSpec(name: "out", shape: [1, 21, 85], element: .f32)], network: size)
    }
  }

  @Test("An anchor is where its number says, level by level, and a prior has the shape of its turn")
  func places() {
    let size = Size(width: 20, height: 9)
    let grid = AnchorGrid(strides: [8, 16], repeats: [2, 1], origin: 0.5, isSpread: false, on: size)
    // 3 by 2 cells of two, then 2 by 1 of one.
    #expect(grid.count == 14 && grid.parts.map(\.count) == [12, 2])
    #expect(grid[7] == AnchorGrid.Anchor(x: 4, y: 12, stride: 8) && grid[6] == grid[7])
    #expect(grid[13] == AnchorGrid.Anchor(x: 24, y: 8, stride: 16) && grid.parts[1][1] == grid[13])
    let spread = AnchorGrid(strides: [8], repeats: [1], origin: 0.5, isSpread: true, on: size)
    #expect(spread[1].x == 10 && spread[3].y == 6.75)
  }

  @Test("ssd: an answer about another number of boxes than there are priors is an error")
  func otherRows() throws {
    let said = recipe(.ssd) { ($0.strides, $0.sizes) = ([16], [[8, 9]]) }
    let open = [2, 4].map { (width: Int) in TensorSpec(name: "out\(width)", shape: [1, nil, width], element: .f32) }
    let size = Size(width: 32, height: 32)
    let head = try Head(said, outputs: open, network: size)
    var tensors = Tensors([1, 6, 2], name: "out2")
    tensors.add("out4", [1, 6, 4])
    let fault = #expect(throws: Fault.self) {
      try head.decode(tensors, at: Placement(picture: size, network: size, recipe: InputRecipe()))
    }
    #expect(fault?.kind == .unsupported && fault?.message.contains("6 boxes") == true)
  }
}
