import Base
import Inference
import TestKit
import Testing

/// Networks on other devices than the processor, as far as a machine without them can tell.
struct DeviceTests {
  private let lab: Lab

  init() throws { lab = try Lab() }

  private var network: ONNXNetwork {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(2)])
    network.output("y", .float, [.fixed(1), .fixed(2)])
    network.node("Add", ["x", "x"], ["y"])
    return network
  }

  @Test("A device of NVIDIA is ONNX Runtime's, and where it is not to be had the refusal says what it takes")
  func cuda() throws {
    let fault = try #require(throws: Fault.self) { try lab.compile(network) { $0.device = "cuda:0" } }
    #expect(fault.kind == .unavailable && fault.message.contains("does not run on cuda:0 here"), "\(fault.message)")
    let lite = Checkout.path + "/Tests/Fixtures/networks/lite.tflite"
    let other = try #require(throws: Fault.self) { try lab.compile(lite, by: .litert) { $0.device = "cuda:0" } }
    #expect(other.kind == .unsupported && other.message.contains("runs on the CPU here"))
  }

  @Test("Several networks run as one: each of their copies answers, and the notes of all are told once")
  func together() throws {
    let one = try lab.compile(network, by: .openvino) { ($0.streams, $0.threads) = (2, 2) }
    let other = try lab.compile(network) { ($0.streams, $0.threads) = (1, 1) }
    let both = CompiledNetwork(together: [one, other], notes: ["a", "b"])
    #expect(both.streams == 3 && both.readyCopies == 3 && both.notes == ["a", "b"])
    #expect(both.engine == "\(one.engine), \(other.engine)" && both.runtime == .openvino)
    try both.warmUp()
    let unit = try InferenceUnit(both)
    for number in 0..<40 {
      let wanted = [Float(number), -1].map { $0 * 2 }
      #expect(try run(unit, [bytes([Float(number), -1])]).values(as: Float.self) == wanted)
    }
    #expect(CompiledNetwork(together: [one], notes: []).engine == one.engine)
  }
}
