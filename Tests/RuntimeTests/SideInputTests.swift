import Base
import Inference
import TestKit
import Testing

/// Inputs beside the picture that always get the same numbers, by each engine.
struct SideInputTests {
  /// A picture between two others, each given back, one of them doubled.
  private var network: ONNXNetwork {
    var network = ONNXNetwork()
    network.input("im_shape", .float, [.open("N"), .fixed(2)])
    network.input("x", .float, [.open("N"), .fixed(3), .fixed(2), .fixed(2)])
    network.input("orig_target_sizes", .int64, [.open("N"), .fixed(2)])
    network.output("y", .float, [.open("N"), .fixed(3), .fixed(2), .fixed(2)])
    network.output("shape", .float, [.open("N"), .fixed(2)])
    network.output("sizes", .int64, [.open("N"), .fixed(2)])
    network.node("Identity", ["x"], ["y"])
    network.node("Add", ["im_shape", "im_shape"], ["shape"])
    network.node("Add", ["orig_target_sizes", "orig_target_sizes"], ["sizes"])
    return network
  }

  private var picture: PictureInput {
    var picture = PictureInput(width: 2, height: 2, channels: 3, channelsFirst: true)
    picture.place = 1
    picture.constants = [
      PictureInput.Constant(sides: [1, 2], values: [5, 7]), nil,
      PictureInput.Constant(sides: [1, 2], values: [640, 480]),
    ]
    return picture
  }

  @Test("They are filled in, and the picture alone is asked for", arguments: [EngineChoice.openvino, .onnxruntime])
  func filled(by engine: EngineChoice) throws {
    let lab = try Lab()
    let made = try lab.compile(network, by: engine) { $0.picture = picture }
    #expect(made.inputs.map(\.description) == ["x UINT8 [1,2,2,3]"])
    let answer = try run(made, [(0..<12).map { UInt8($0) }])
    #expect(answer.specs.map(\.name) == ["y", "shape", "sizes"])
    #expect(answer.numbers(0) == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])
    #expect(answer.numbers(1) == [10, 14] && answer.numbers(2) == [1280, 960])
  }

  @Test("In batches they are refused, with their names", arguments: [EngineChoice.openvino, .onnxruntime])
  func batches(by engine: EngineChoice) throws {
    let lab = try Lab()
    let fault = #expect(throws: Fault.self) {
      try lab.compile(network, by: engine) { ($0.picture, $0.batch) = (picture, 2) }
    }
    #expect(fault?.message.contains("'im_shape', 'orig_target_sizes'") == true, "\(fault?.message ?? "")")
  }

  @Test("An input beside the picture that nothing is known of is refused")
  func stray() throws {
    let lab = try Lab()
    var half = picture
    half.constants[2] = nil
    let fault = #expect(throws: Fault.self) { try lab.compile(network, by: .openvino) { $0.picture = half } }
    #expect(fault?.message.contains("a picture can feed only one") == true)
  }
}
