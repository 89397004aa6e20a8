import Base
import TestKit
import Testing

@testable import Inference

/// Whether the first side of an input is a batch is found by running it.
struct RowTests {
  let folder = TemporaryFolder()

  private func network(_ kind: String, _ attributes: [ONNXNetwork.Message] = [], constant: [Int64] = []) throws
    -> String
  {
    var network = ONNXNetwork()
    network.input("x", .float, [.open("n"), .fixed(4)])
    network.output("y", .float, [.open("n"), .fixed(4)])
    var inputs = ["x"]
    if !constant.isEmpty {
      network.constant(ONNXNetwork.tensor("c", .int64, [constant.count], constant))
      inputs.append("c")
    }
    network.node(kind, inputs, ["y"], attributes: attributes)
    try network.write(to: folder.file("n.onnx"))
    return folder.file("n.onnx")
  }

  private func load(_ path: String, batch: Int) throws -> CompiledNetwork {
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    (options.batch, options.streams) = (batch, 1)
    return try CompiledNetwork.load(
      nil, with: options, on: engine, read: { (_) throws(Fault) in try engine.read(path) })
  }

  @Test("Rows that are summed or normalised with others are no batch; each for itself they are")
  func mixing() throws {
    let axis = { (value: Int) in [ONNXNetwork.attribute("axis", integer: value)] }
    for (kind, attributes, constant) in [("Softmax", axis(0), []), ("CumSum", [], [0])]
      as [(String, [ONNXNetwork.Message], [Int64])]
    {
      let path = try network(kind, attributes, constant: constant)
      let fault = #expect(throws: Fault.self) { _ = try load(path, batch: 4) }
      #expect(fault?.message.contains("the rows of a batch change each other's answers in output 'y'") == true)
      _ = try load(path, batch: 1)
    }
    _ = try load(try network("Softmax", axis(1)), batch: 4)
    _ = try load(try network("CumSum", constant: [1]), batch: 4)
    _ = try load(try network("Relu"), batch: 4)
  }
}
