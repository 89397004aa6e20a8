import Base
import TestKit
import Testing

@testable import Inference

/// Names and shapes of ports as a network's file has them.
struct PortTests {
  let folder = TemporaryFolder()

  /// Compiled twice: by reading the network, and from the cache.
  private func compile(_ network: ONNXNetwork) throws -> [CompiledNetwork] {
    try network.write(to: folder.file("n.onnx"))
    var options = CompileOptions()
    (options.streams, options.threads) = (1, 1)
    let engine = try Engine(cacheFolder: folder.file("cache"))
    return try (0..<2).map { index in
      var wasRead = false
      let made = try CompiledNetwork.load("n", with: options, on: engine) { _ throws(Fault) in
        wasRead = true
        return try engine.read(folder.file("n.onnx"))
      }
      #expect(wasRead == (index == 0))
      return made
    }
  }

  @Test(
    "An input has the name of the graph, whatever node comes first and does nothing",
    arguments: ["Dropout", "Identity"])
  func passThrough(kind: String) throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(2)])
    network.output("y", .float, [.fixed(1), .fixed(2)])
    network.node(kind, ["x"], ["after"])
    network.node("Neg", ["after"], ["inner"])
    network.node("Identity", ["inner"], ["y"])
    for made in try compile(network) {
      #expect(made.inputs.map(\.name) == ["x"] && made.outputs.map(\.name) == ["y"])
      #expect(try infer(try InferenceUnit(made), tensors: [[1, -2] as [Float]]).values[0] == [-1, 2])
    }
  }

  @Test("Several inputs and outputs keep their names, in the order of the graph")
  func several() throws {
    var network = ONNXNetwork()
    for name in ["b", "a"] { network.input(name, .float, [.fixed(1)]) }
    for name in ["d", "c"] { network.output(name, .float, [.fixed(1)]) }
    network.node("Dropout", ["a"], ["a1"])
    network.node("Sub", ["b", "a1"], ["c"])
    network.node("Add", ["b", "a1"], ["d"])
    for made in try compile(network) {
      #expect(made.inputs.map(\.name) == ["b", "a"] && made.outputs.map(\.name) == ["d", "c"])
      #expect(try infer(try InferenceUnit(made), tensors: [[5], [3]] as [[Float]]).values == [[8], [2]])
    }
  }

  @Test("Names that are not those of the file in its order change nothing")
  func names() {
    let specs = ["p", "q"].map { TensorSpec(name: $0, shape: [], element: .f32) }
    func named(_ names: [String]?) -> [String] { PortNames.apply(names, to: specs).map(\.name) }
    #expect(named(["p", "x"]) == ["p", "x"] && named(["x", "y"]) == ["x", "y"])
    for names in [nil, ["p"], ["q", "p"], ["x", "x"], ["x", ""], ["x", "p"]] as [[String]?] {
      #expect(named(names) == ["p", "q"], "\(names ?? [])")
    }
  }

  @Test("Ports without dimensions take and give one number")
  func scalars() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(2)])
    network.input("s", .float, [])
    network.output("y", .float, [.fixed(1), .fixed(2)])
    network.output("sum", .float, [])
    network.node("Mul", ["x", "s"], ["y"])
    network.node("ReduceSum", ["y"], ["sum"], attributes: [ONNXNetwork.attribute("keepdims", integer: 0)])
    for made in try compile(network) {
      #expect(made.inputs.map(\.shape) == [[1, 2], []] && made.outputs.map(\.shape) == [[1, 2], []])
      let unit = try InferenceUnit(made)
      #expect(try infer(unit, tensors: [[1, 2], [3]] as [[Float]]).values == [[3, 6], [9]])
      #expect(try infer(unit, tensors: [[1, 2], [-1]] as [[Float]]).values == [[-1, -2], [-3]])
      try made.warmUp()
    }
  }

  @Test("A network with nothing but a number runs")
  func onlyScalar() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [])
    network.output("y", .float, [])
    network.node("Neg", ["x"], ["y"])
    for made in try compile(network) {
      #expect(try infer(try InferenceUnit(made), tensors: [[3]] as [[Float]]).values == [[-3]])
    }
  }

  @Test("A plain tensor with more open sides than the first is refused in a sentence that says so")
  func openSides() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.open("n"), .open("m")])
    network.output("y", .float, [.open("n"), .open("m")])
    network.node("Neg", ["x"], ["y"])
    let fault = try #require(throws: Fault.self) { try compile(network) }
    #expect(fault.kind == .badInput && fault.message.contains("only the first side may be"), "\(fault.message)")
  }

  @Test("Weights of another file are read; what is wrong with that file is told before the engine sees it")
  func external() throws {
    try FileSystem.write(ONNXNetwork.weights(3, 3), to: folder.file("w.bin"))
    let made = try compile(ONNXNetwork.external("w.bin", offset: "0", length: "8"))[0]
    #expect(try infer(try InferenceUnit(made), tensors: [[1, 2] as [Float]]).values[0] == [3, 6])
    let engine = try Engine(cacheFolder: nil)
    for (network, words) in [
      (ONNXNetwork.external("w.bin", offset: "4", length: "8"), "lie outside w.bin"),
      (ONNXNetwork.external("none.bin"), "the weights none.bin of n.onnx are missing"),
      (ONNXNetwork.external("../w.bin"), "leads out of its folder"),
    ] {
      try network.write(to: folder.file("n.onnx"))
      let fault = try #require(throws: Fault.self) { _ = try engine.read(folder.file("n.onnx")) }
      #expect(fault.message.contains(words) && fault.cause == nil, "\(fault.message)")
    }
  }
}
