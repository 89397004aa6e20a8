import Base
import Foundation
import Predictions
import Testing
import Vision

@Suite("Points")
struct PointTests {
  private let wide = Placement(
    picture: Size(width: 200, height: 100), network: Size(width: 100, height: 100), recipe: letterbox())

  @Test("a map of attention has a centre of mass and a peak", arguments: [[1, 1, 2, 4], [1, 2, 4, 1], [2, 4]])
  func heatmap(shape: [Int]) throws {
    let map: [Float] = [0, 0, 0, 1, 0, 3, 0, -5]
    let tensors = Tensors(shape, map)
    let found = try decode(
      recipe(.heatmap) { $0.activation = OutputRecipe.Activation.none }, tensors, on: Size(width: 4, height: 2))
    // Landmarks and boxes are no attention.
    let fault = #expect(throws: Fault.self) { try decode(recipe(.heatmap), tensors, on: Size(width: 4, height: 2)) }
    #expect(fault?.message.contains("ranges from 0.0 to 3.0, not 0 to 1") == true)
    try #require(found.count == 1)
    #expect(found[0].kind == .saliency && found[0].score == 3)
    #expect(found[0].points.map(\.name) == ["center", "peak"])
    // Middles of the cells: 3.5,0.5 with weight 1 and 1.5,1.5 with weight 3.
    #expect(near(found[0].points[0].x, 0.5) && near(found[0].points[0].y, 0.625))
    #expect(found[0].points[1] == Keypoint(name: "peak", x: 1.5 / 4, y: 0.75, score: 3))
  }

  @Test("a map of attention is told in cells of a byte, the greatest 255, whatever the network's numbers are")
  func cells() throws {
    let numbers = (0..<480 * 640).map { Float($0 % 640) - 64 }
    let found = try decode(
      recipe(.heatmap) { $0.activation = OutputRecipe.Activation.none }, Tensors([1, 480, 640], numbers),
      on: Size(width: 640, height: 480),
      at: Placement(
        picture: Size(width: 1920, height: 1080), network: Size(width: 640, height: 480), recipe: InputRecipe()))
    let map = try #require(found.first?.attention)
    #expect(map.size == Size(width: 36, height: 20) && found.first?.box == nil)
    #expect(found.first?.tensor?.minimum == -64 && found.first?.tensor?.maximum == 575)
    #expect(found.first?.tensor?.spec.shape == [20, 36] && found.first?.tensor?.spec.element == .u8)
    // A slope, cut off at 0: each row is the same, and a cell 640/36 numbers wide.
    for row in 0..<20 { #expect(Array(map.cells[row * 36..<row * 36 + 36]) == Array(map.cells[..<36])) }
    #expect(map.cells[35] == 255 && map.cells[0] == 0)
    let part = (18.5 / 36 * 640 - 0.5 - 64) / (35.5 / 36 * 640 - 0.5 - 64)
    #expect(abs(map.weight(at: 18) / map.weight(at: 35) - part) < 0.01)
  }

  @Test(
    "a bright spot stands in the same place of the picture, letterboxed or not, to half a cell of the network's map")
  func padded() throws {
    let picture = Size(width: 1001, height: 563)
    for (resize, anchor) in [
      (InputRecipe.Resize.stretch, InputRecipe.Anchor.center), (.letterbox, .center), (.letterbox, .topLeft),
    ] {
      var recipe = recipe(.heatmap)
      (recipe.input.resize, recipe.input.anchor) = (resize, anchor)
      let network = Size(width: 224, height: 224)
      let placement = Placement(picture: picture, network: network, recipe: recipe.input)
      // A square around three tenths of the picture, each way.
      let scale = (x: placement.target.width, y: placement.target.height)
      let numbers = (0..<network.area).map { place -> Float in
        let x = (Double(place % 224) + 0.5 - placement.target.x) / scale.x
        let y = (Double(place / 224) + 0.5 - placement.target.y) / scale.y
        return abs(x - 0.3) < 0.1 && abs(y - 0.3) < 0.1 ? 1 : 0
      }
      let found = try decode(recipe, Tensors([1, 1, 224, 224], numbers), on: network, at: placement)
      let map = try #require(found.first?.attention)
      #expect(map.cells.count <= AttentionMap.cellLimit && map.size == Size(width: 36, height: 20))
      let center = (0..<map.size.area).reduce((0.0, 0.0)) { sum, place in
        let part = map.weight(at: place) / map.sum
        return (
          sum.0 + part * (Double(place % 36) + 0.5) / 36, sum.1 + part * (Double(place / 36) + 0.5) / 20
        )
      }
      #expect(abs(center.0 - 0.3) < 0.5 / scale.x + 0.002 && abs(center.1 - 0.3) < 0.5 / scale.y + 0.004)
    }
  }

  @Test("what the network was not shown has no attention to tell: a cropped picture gives no map")
  func cropped() throws {
    var recipe = recipe(.heatmap)
    recipe.input.resize = .crop
    let found = try decode(
      recipe, Tensors([1, 1, 2, 2], [0, 1, 0.5, 0]), on: Size(width: 100, height: 100),
      at: Placement(
        picture: Size(width: 200, height: 100), network: Size(width: 100, height: 100), recipe: recipe.input))
    #expect(found.first?.points.count == 2 && found.first?.attention == nil && found.first?.vector.isEmpty == true)
  }

  @Test("attention in the padding does not count")
  func padding() throws {
    // Rows 1 and 2 of four are the picture.
    var map = [Float](repeating: 0, count: 16)
    (map[0], map[15], map[9]) = (9, 9, 0.5)
    let found = try decode(recipe(.heatmap), Tensors([1, 1, 4, 4], map), on: Size(width: 100, height: 100), at: wide)
    #expect(found.first?.points.last == Keypoint(name: "peak", x: 1.5 / 4, y: 0.75, score: 0.5))
    #expect(found.first?.points.first == Keypoint(name: "center", x: 1.5 / 4, y: 0.75))
    #expect(found.first?.attention?.cells == [0, 0, 0, 0, 0, 255, 0, 0])
  }

  @Test("a map of nothing has a peak and no centre; one of no numbers has neither")
  func empty() throws {
    let zeros = try decode(recipe(.heatmap), Tensors([1, 1, 2, 2]), on: Size(width: 2, height: 2))
    #expect(zeros.first?.points.map(\.name) == ["peak"] && zeros.first?.attention == nil)
    let nothing = Tensors([1, 1, 2, 2], [.nan, .nan, .nan, .nan])
    #expect(try decode(recipe(.heatmap), nothing, on: Size(width: 2, height: 2)).isEmpty)
    let endless = Tensors([1, 1, 2, 2], [.infinity, 0, 0, 0])
    #expect(try decode(recipe(.heatmap), endless, on: Size(width: 2, height: 2)).isEmpty)
  }

  @Test("sigmoid is taken before the centre of mass")
  func sigmoid() throws {
    let found = try decode(
      recipe(.heatmap) { $0.activation = .sigmoid }, Tensors([1, 1, 1, 2], [0, -50]), on: Size(width: 2, height: 1))
    #expect(found.first?.score == 0.5)
    #expect(near(found.first?.points.first?.x ?? 0, 0.25))
  }

  @Test("a point in input pixels goes back through the letterbox")
  func point() throws {
    let found = try decode(recipe(.point), Tensors([1, 2], [25, 50]), on: Size(width: 100, height: 100), at: wide)
    #expect(found.map(\.points) == [[Keypoint(name: "center", x: 0.25, y: 0.5)]])
    #expect(try decode(recipe(.point), Tensors([1, 2], [.nan, 50]), on: Size(width: 100, height: 100)).isEmpty)
  }

  @Test("a pose is y, x, score of each joint, the box around them and the mean of the scores")
  func keypoints() throws {
    let values: [Float] = [0.25, 0.1, 0.9, 0.5, 0.4, 0.7, 0.75, 1, 0.5]
    let recipe = recipe(.keypoints, labels: ["head", "hand", "foot"]) { $0.threshold = 0.6 }
    let found = try decode(recipe, Tensors([1, 1, 3, 3], values), on: Size(width: 100, height: 100), at: wide)
    try #require(found.count == 1)
    #expect(found[0].kind == .pose && found[0].label == "person" && near(Double(found[0].score!), 0.7))
    #expect(found[0].points.map(\.name) == ["head", "hand", "foot"])
    for (point, (x, y)) in zip(found[0].points, [(0.1, 0.0), (0.4, 0.5), (1.0, 1.0)]) {
      #expect(near(point.x, x) && near(point.y, y))
    }
    #expect(found[0].points.map(\.score) == [0.9, 0.7, 0.5])
    #expect(near(found[0].box, [0.1, 0, 1, 1]))
  }

  @Test("seventeen joints have COCO's names; a weak pose is none")
  func coco() throws {
    let tensors = Tensors([1, 1, 17, 3], [Float](repeating: 0.5, count: 51))
    let found = try decode(recipe(.keypoints), tensors, on: Size(width: 10, height: 10))
    #expect(found.first?.points.first?.name == "nose" && found.first?.points.last?.name == "right-ankle")
    #expect(try decode(recipe(.keypoints) { $0.threshold = 0.51 }, tensors, on: Size(width: 10, height: 10)).isEmpty)
    var broken = tensors
    broken.values[0][20] = .nan
    #expect(try decode(recipe(.keypoints), broken, on: Size(width: 10, height: 10)).isEmpty)
  }
}
