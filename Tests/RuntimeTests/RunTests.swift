import Base
import Inference
import TestKit
import Testing

/// Networks on ONNX Runtime, from the file to the answer.
struct RunTests {
  let lab: Lab

  init() throws { lab = try Lab() }

  /// `y = x + x` in some type.
  private func double(_ element: ONNXNetwork.Element, _ sides: [ONNXNetwork.Side]) -> ONNXNetwork {
    var network = ONNXNetwork()
    network.input("x", element, sides)
    network.output("y", element, sides)
    network.node("Add", ["x", "x"], ["y"])
    return network
  }

  @Test("A network runs, and says by whom")
  func runs() throws {
    let network = try lab.compile(double(.float, [.fixed(1), .fixed(3)]))
    #expect(network.runtime == .onnxruntime && network.engine.hasPrefix("ONNX Runtime 1."))
    #expect(
      network.inputs.map(\.description) == ["x FP32 [1,3]"] && network.outputs.map(\.description) == ["y FP32 [1,3]"])
    #expect(network.notes == [] && network.limits == [] && network.precision == "f32" && !network.isFromCache)
    try network.warmUp()
    #expect(try run(network, [bytes([1, 2, -3] as [Float])]).values(as: Float.self) == [2, 4, -6])
  }

  @Test("Whole numbers and doubles keep all their bits")
  func wide() throws {
    let large: [Int64] = [1 << 40, -(1 << 50) - 1]
    let whole = try lab.compile(double(.int64, [.fixed(1), .fixed(2)]))
    #expect(try run(whole, [bytes(large)]).values(as: Int64.self) == large.map { $0 * 2 })
    let fine = [1e300, 0.1]
    let network = try lab.compile(double(.double, [.fixed(1), .fixed(2)]))
    #expect(try run(network, [bytes(fine)]).values(as: Double.self) == fine.map { $0 * 2 })
    var narrow = double(.int8, [.fixed(1), .fixed(2)])
    narrow.opset = 14
    let small = try lab.compile(narrow)
    #expect(try run(small, [bytes([100, -100] as [Int8])]).values(as: Int8.self) == [-56, 56], "ONNX wraps")
  }

  @Test("One number without sides goes in and comes out")
  func scalar() throws {
    let network = try lab.compile(double(.float, []))
    let answer = try run(network, [bytes([21 as Float])])
    #expect(answer.specs[0].shape == [] && answer.values(as: Float.self) == [42])
  }

  @Test("Batches of all sizes are run together, on one thread or several", arguments: [1, 2])
  func batches(threads: Int) throws {
    let network = try lab.compile(double(.float, [.open("N"), .fixed(2)])) { options in
      (options.batch, options.streams, options.threads) = (3, 2, 2 * threads)
    }
    #expect(network.inputs[0].shape == [nil, 2] && network.streams == 2 && network.readyCopies == 2)
    try network.checkRows()
    try network.warmUp()
    let unit = try InferenceUnit(network)
    for rows in 1...7 {
      let numbers = (0..<2 * rows).map { Float($0) }
      let answer = try run(unit, [bytes(numbers)], rows: rows)
      #expect(answer.specs[0].shape == [rows, 2] && answer.values(as: Float.self) == numbers.map { $0 * 2 })
    }
  }

  @Test("With one at a time, an open side that has a name is settled, and so is what follows from it")
  func settled() throws {
    let network = try lab.compile(double(.float, [.open("N"), .fixed(2)]))
    #expect(network.inputs[0].shape == [1, 2] && network.outputs[0].shape == [1, 2])
  }

  @Test("Batches need a first side that is open")
  func fixed() throws {
    let fault = try #require(throws: Fault.self) {
      try lab.compile(double(.float, [.fixed(1), .fixed(2)])) { $0.batch = 2 }
    }
    #expect(
      fault.kind == .unsupported && fault.message.contains("takes 'x' as the file has it, [1,2], and not as [?,2]"))
  }

  @Test("Values that the network refuses are the caller's, and the next ones run")
  func badValues() throws {
    var network = ONNXNetwork()
    network.input("x", .int64, [.fixed(1)])
    network.output("y", .float, [.fixed(1)])
    network.constant(ONNXNetwork.tensor("table", .float, [3], [10, 20, 30] as [Float]))
    network.node("Gather", ["table", "x"], ["y"])
    let unit = try InferenceUnit(try lab.compile(network))
    let fault = try #require(throws: Fault.self) { try run(unit, [bytes([7 as Int64])]) }
    #expect(fault.kind == .badInput && fault.message.hasPrefix("the network does not take these values"))
    #expect(try run(unit, [bytes([2 as Int64])]).values(as: Float.self) == [30])
  }

  @Test("An operator that it does not have is named")
  func missingOperator() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1)])
    network.output("y", .float, [.fixed(1)])
    network.node("Wonder", ["x"], ["y"], domain: "com.microsoft")
    let fault = try #require(throws: Fault.self) { try lab.compile(network) }
    #expect(fault.kind == .unsupported && fault.message.contains("does not have its operator com.microsoft:Wonder"))
    let both = try #require(throws: Fault.self) { try lab.compile(network, by: .auto) }
    #expect(both.message.contains("; ONNX Runtime 1."))
  }

  @Test("What ONNX Runtime does not offer is refused in a sentence")
  func refusals() throws {
    let network = double(.float, [.fixed(1)])
    let precise = try #require(throws: Fault.self) { try lab.compile(network) { $0.precision = .bf16 } }
    #expect(precise.kind == .unsupported && precise.message.contains("bf16 is for OpenVINO"))
    let device = try #require(throws: Fault.self) { try lab.compile(network) { $0.device = "GPU" } }
    #expect(device.kind == .unsupported && device.message.contains("not on 'GPU'"))
    let lite = Checkout.path + "/Tests/Fixtures/networks/lite.tflite"
    let format = try #require(throws: Fault.self) { try lab.compile(lite) }
    #expect(format.kind == .unsupported && format.message.contains("does not run networks of this format"))
  }
}
