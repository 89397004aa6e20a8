import Base
import TestKit
import Testing

@testable import Inference

/// Whole numbers that a network would take for others.
struct IntegerRangeTests {
  let folder = TemporaryFolder()

  @Test("Numbers that an input looks up in a table are places that the table has")
  func places() throws {
    var network = ONNXNetwork()
    network.input("x", .int64, [.fixed(1), .fixed(3)])
    network.output("y", .float, [])
    network.constant(ONNXNetwork.tensor("w", .float, [5, 2], [Float](repeating: 0, count: 10)))
    network.node("Gather", ["w", "x"], ["y"], attributes: [ONNXNetwork.attribute("axis", integer: -1)])
    network.node("Gather", ["w", "x"], ["z"])
    try network.write(to: folder.file("n.onnx"))
    let spec = TensorSpec(name: "x", shape: [1, 3], element: .i64)
    let places = IntegerRange(ofNetwork: folder.file("n.onnx"), inputs: [spec])
    func message(_ values: [Int64], _ name: String = "x") -> String? {
      do {
        try places.check(
          SharedBytes(values.withUnsafeBytes { Array($0) }), of: TensorSpec(name: name, shape: [1, 3], element: .i64))
        return nil
      } catch { return error.message }
    }
    #expect(message([0, 1, -2]) == nil && message([9, 9, 9], "other") == nil)
    #expect(message([0, 2, 0])?.contains("'x' has 2, which is no place in the table of 2") == true)
    #expect(message([0, -3, 0]) != nil)
  }

  @Test("Whole numbers that the engine would round are refused where the network computes with them")
  func coarse() throws {
    let spec = TensorSpec(name: "x", shape: [1, 3], element: .i32)
    func message(_ kind: String, _ value: Int32) throws -> String? {
      var network = ONNXNetwork()
      network.input("x", .int32, [.fixed(1), .fixed(3)])
      network.output("y", .int32, [])
      network.node(kind, kind == "Identity" ? ["x"] : ["x", "x"], ["y"])
      try network.write(to: folder.file("n.onnx"))
      let range = IntegerRange(ofNetwork: folder.file("n.onnx"), inputs: [spec])
      do {
        try range.check(SharedBytes([0, value, 0].withUnsafeBytes { Array($0) }), of: spec)
        return nil
      } catch { return error.message }
    }
    #expect(try message("Mod", 1 << 24) == nil && message("Identity", 1 << 30) == nil)
    #expect(
      try message("Mod", 1 << 24 + 1)?.contains("'x' has 16777217: whole numbers beyond 16777216 do not survive Mod")
        == true)
  }
}
