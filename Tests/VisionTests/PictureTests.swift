import Base
import Predictions
import Testing
import Vision

/// Maps of numbers that are told as they are.
struct PictureTests {
  private let size = Size(width: 6, height: 4)
  private let depth = (0..<24).map { Float($0) * 10 }

  @Test(
    "A map is told row by row over the whole picture, from channels first, last and none",
    arguments: [[1, 1, 4, 6], [1, 4, 6, 1], [1, 4, 6]])
  func whole(shape: [Int]) throws {
    let found = try decode(
      recipe(.picture) { $0.activation = OutputRecipe.Activation.none }, Tensors(shape, depth, name: "depth"), on: size)
    #expect(found.count == 1 && found[0].kind == .tensor && found[0].label == "depth" && found[0].score == nil)
    #expect(found[0].vector == depth && found[0].mapSize == size && near(found[0].box, [0, 0, 1, 1]))
    let tensor = try #require(found[0].tensor)
    #expect(tensor.spec.shape == [4, 6] && tensor.minimum == 0 && tensor.maximum == 230 && tensor.mean == 115)
  }

  @Test("The padding of a letterboxed picture is left out, and of a cropped one the box says what was seen")
  func parts() throws {
    let said = recipe(.picture, labels: ["far"]) { $0.activation = OutputRecipe.Activation.none }
    let flat = Placement(picture: Size(width: 12, height: 4), network: size, recipe: letterbox())
    let seen = try decode(said, Tensors([1, 1, 4, 6], depth), on: size, at: flat)
    #expect(seen[0].vector == Array(depth[6..<18]) && seen[0].label == "far" && near(seen[0].box, [0, 0, 1, 1]))
    let cut = Placement(picture: Size(width: 12, height: 4), network: size, recipe: crop())
    let part = try decode(said, Tensors([1, 1, 4, 6], depth), on: size, at: cut)
    #expect(part[0].vector == depth && near(part[0].box, [0.25, 0, 0.75, 1]))
  }

  @Test("Numbers of 0 to 1 are held to that, and what makes them so is obeyed")
  func range() throws {
    let map = Tensors([1, 1, 4, 6], depth)
    let fault = #expect(throws: Fault.self) { try decode(recipe(.picture), map, on: size) }
    #expect(fault?.message.contains("activation none") == true && fault?.message.contains("230") == true)
    let scaled = try decode(recipe(.picture) { $0.unit = 1 / 255 }, map, on: size)
    #expect(near(Double(scaled[0].vector[23]), 230 / 255, 1e-6))
    let sigmoid = try decode(recipe(.picture) { $0.activation = .sigmoid }, Tensors([1, 1, 4, 6]), on: size)
    #expect(sigmoid[0].vector == [Float](repeating: 0.5, count: 24))
  }

  @Test(
    "A number that is infinite or none is an error that says how many there are, and under the padding it is nothing",
    arguments: [Float.infinity, -.infinity, .nan])
  func unsound(number: Float) throws {
    var map = depth
    map[7] = number
    for activation in [OutputRecipe.Activation.none, nil] {
      let said = recipe(.picture) { $0.activation = activation }
      let fault = #expect(throws: Fault.self) {
        try decode(said, Tensors([1, 1, 4, 6], map.map { $0 / 255 }, name: "depth"), on: size)
      }
      #expect(fault?.kind == .unsupported)
      #expect(fault?.message.contains("1 of 24 numbers of output 'depth'") == true, "\(fault?.message ?? "")")
    }
    (map[7], map[23]) = (0, number)
    let flat = Placement(picture: Size(width: 12, height: 4), network: size, recipe: letterbox())
    let said = recipe(.picture) { $0.activation = OutputRecipe.Activation.none }
    #expect(try decode(said, Tensors([1, 1, 4, 6], map), on: size, at: flat).count == 1)
  }

  @Test("Sides that were open and turn out to be no map of the input are an error, for lines of text too")
  func open() throws {
    for decoder in [OutputRecipe.Decoder.picture, .textLines] {
      let spec = TensorSpec(name: "map", shape: [1, 1, nil, nil], element: .f32)
      let head = try Head(recipe(decoder), outputs: [spec], network: size)
      let placement = Placement(picture: size, network: size, recipe: InputRecipe())
      #expect(throws: Never.self) { try head.decode(Tensors([1, 1, 4, 6], name: "map"), at: placement) }
      for shape in [[1, 1, 0, 0], [1, 1, 40, 6], [1, 3, 4, 6]] {
        let fault = #expect(throws: Fault.self) { try head.decode(Tensors(shape, name: "map"), at: placement) }
        #expect(fault?.kind == .unsupported && fault?.message.contains("'map'") == true, "\(shape)")
      }
    }
  }

  @Test("Of a large map a number is the mean of a square of cells, and the range is that of all")
  func large() throws {
    let (size, side) = (Size(width: 259, height: 130), 3)
    let values = (0..<size.area).map { Float($0 % 259 % side) }
    let found = try decode(
      recipe(.picture) { $0.activation = OutputRecipe.Activation.none }, Tensors([1, 1, 130, 259], values), on: size)
    // Two to a side leave 130 by 65, which is few enough.
    #expect(found[0].mapSize == Size(width: 130, height: 65) && found[0].tensor?.maximum == 2)
    #expect(found[0].vector[0] == 0.5 && found[0].vector[1] == 1 && found[0].vector[2] == 1.5)
    // The last column has one cell alone: 258 is a multiple of 3.
    #expect(found[0].vector[129] == 0)
  }

  @Test("A picture of three channels is refused in words that say what is read")
  func colours() {
    for shape in [[1, 3, 8, 12], [1, 8, 12, 3]] {
      let fault = #expect(throws: Fault.self) { try decode(recipe(.picture), Tensors(shape), on: size) }
      #expect(fault?.kind == .badInput && fault?.message.contains("three channels") == true)
    }
    let odd = #expect(throws: Fault.self) { try decode(recipe(.picture), Tensors([1, 1, 9, 3]), on: size) }
    #expect(odd?.message.contains("one map of the input") == true)
  }

  @Test("A network whose file says that it is for depth is read as a map of numbers")
  func words() {
    var facts = NetworkFacts()
    (facts.exporter, facts.task) = ("OpenVINO Model API", "Depth")
    let picture = TensorSpec(name: "x", shape: [1, 3, 64, 96], element: .f32)
    let map = TensorSpec(name: "depth", shape: [1, 64, 96], element: .f32)
    let guess = Guess.make(inputs: [picture], outputs: [map], facts: facts, labels: 0)
    #expect(guess?.output.decoder == .picture && guess?.output.activation == OutputRecipe.Activation.none)
    let doubt = #expect(throws: GuessDoubt.self) { try Guess.read(inputs: [picture], outputs: [map], labels: 0) }
    let offered = doubt?.choices.filter { $0.output.decoder == .picture }.map(\.output.activation)
    #expect(offered == [OutputRecipe.Activation.none, nil])
  }
}
