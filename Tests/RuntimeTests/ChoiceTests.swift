import Base
import Inference
import TestKit
import Testing

/// Who runs a network where nobody says it.
struct ChoiceTests {
  /// What OpenVINO computes wrongly.
  private var quantized: ONNXNetwork {
    var network = ONNXNetwork()
    network.input("x", .uint8, [.fixed(1), .fixed(4)])
    network.output("y", .uint8, [.fixed(1), .fixed(4)])
    network.constant(ONNXNetwork.tensor("s", .float, [], [0.1 as Float]))
    network.constant(ONNXNetwork.tensor("z", .uint8, [], [128 as UInt8]))
    let port = ["x", "s", "z"]
    network.node("QLinearAdd", port + port + ["s", "z"], ["y"], domain: "com.microsoft")
    return network
  }

  @Test("What OpenVINO computes wrongly is run by ONNX Runtime, with a note that says why")
  func defect() throws {
    let lab = try Lab()
    let network = try lab.compile(quantized, by: .auto)
    #expect(network.runtime == .onnxruntime)
    let note = try #require(network.notes.first)
    #expect(note.contains("runs it, and not OpenVINO: the network uses QLinearAdd, which OpenVINO computes wrongly"))
    // (q - 128) / 10 twice, and cut off at both ends.
    #expect(try run(network, [[128, 130, 255, 0]]).bytes[0] == [128, 132, 255, 0])
  }

  @Test("What OpenVINO has no operator for is run by ONNX Runtime")
  func unknownOperator() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(2), .fixed(2)])
    network.output("y", .float, [.fixed(2), .fixed(2)])
    network.node("Inverse", ["x"], ["y"], domain: "com.microsoft")
    let made = try Lab().compile(network, by: .auto)
    #expect(made.runtime == .onnxruntime && made.notes.count == 1)
    #expect(try run(made, [bytes([2, 0, 0, 4] as [Float])]).values(as: Float.self) == [0.5, 0, 0, 0.25])
  }

  @Test("What OpenVINO runs stays with it, unless another is wanted")
  func usual() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(2)])
    network.output("y", .float, [.fixed(1), .fixed(2)])
    network.node("Relu", ["x"], ["y"])
    let lab = try Lab()
    for (choice, runtime) in [(.auto, .openvino), (.openvino, .openvino), (.onnxruntime, .onnxruntime)]
      as [(EngineChoice, EngineChoice)]
    {
      let made = try lab.compile(network, by: choice)
      #expect(made.runtime == runtime && made.notes == [])
    }
  }

  @Test("Where OpenVINO alone is wanted, or no other is installed, it refuses, and says what would run it")
  func alone() throws {
    let lab = try Lab()
    let wanted = try #require(throws: Fault.self) { try lab.compile(quantized, by: .openvino) }
    #expect(wanted.kind == .unsupported && !wanted.message.contains("ONNX Runtime"))
    let bare = try Lab(isInstalled: false)
    let fault = try #require(throws: Fault.self) { try bare.compile(quantized, by: .auto) }
    #expect(fault.kind == .unsupported && fault.message.hasSuffix("ONNX Runtime may run it, and is not installed here"))
    let asked = try #require(throws: Fault.self) { try bare.compile(quantized) }
    #expect(asked.kind == .unavailable && asked.message.hasPrefix("ONNX Runtime is not installed"))
  }
}
