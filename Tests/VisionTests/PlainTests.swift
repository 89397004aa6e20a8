import Base
import Predictions
import Testing
import Vision

@Suite("Numbers, vectors and tensors")
struct PlainTests {
  @Test("one number is a score, under the first label", arguments: [[1, 1], [1], [], [1, 1, 1, 1]])
  func number(shape: [Int]) throws {
    let found = try decode(recipe(.number, labels: ["beauty"]), Tensors(shape, [5.25]))
    #expect(found == [Prediction(kind: .score, label: "beauty", score: 5.25)])
  }

  @Test("a number that is none is no score", arguments: [[Float.nan], [.infinity], []])
  func noNumber(values: [Float]) throws {
    let head = try Head(
      recipe(.number), outputs: [TensorSpec(name: "out", shape: [1, nil], element: .f32)],
      network: Size(width: 1, height: 1))
    let same = Placement(picture: Size(width: 1, height: 1), network: Size(width: 1, height: 1), recipe: InputRecipe())
    #expect(try head.decode(Tensors([1, values.count], values), at: same).isEmpty)
  }

  @Test("a vector is given whole, in its unit")
  func vector() throws {
    #expect(try decode(recipe(.vector), Tensors([1, 1, 1, 3], [1, -2, 3])).map(\.vector) == [[1, -2, 3]])
    #expect(try decode(recipe(.vector) { $0.unit = 0.5 }, Tensors([1, 2], [1, 3])).map(\.vector) == [[0.5, 1.5]])
    // Bytes are left as they are.
    #expect(try decode(recipe(.vector), Tensors([1, 2], [7, 255], element: .u8)).first?.vector == [7, 255])
  }

  @Test("tensors are described one by one; long ones without their values")
  func raw() throws {
    var tensors = Tensors([1, 4], [1, -3, .nan, 4], name: "a")
    tensors.add("b", [1, 257], [Float](repeating: 2, count: 257))
    tensors.add("c", [1, 0], [])
    let found = try decode(recipe(.raw), tensors)
    #expect(found.map(\.label) == ["a", "b", "c"])
    #expect(found.map { $0.tensor?.spec } == tensors.specs)
    #expect(found[0].tensor?.minimum == -3 && found[0].tensor?.maximum == 4)
    #expect(found[0].vector.count == 4)
    #expect(found[1].tensor?.mean == 2 && found[1].vector.isEmpty)
    #expect(found[2].tensor?.mean == 0 && found[2].vector.isEmpty)
  }

  @Test("the mean of a tensor is that of its values")
  func mean() throws {
    #expect(try decode(recipe(.raw), Tensors([4], [1, 2, 3, 6])).first?.tensor?.mean == 3)
  }
}
