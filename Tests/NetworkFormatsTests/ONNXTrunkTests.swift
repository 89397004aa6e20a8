import Base
import Foundation
import TestKit
import Testing

@testable import NetworkFormats

/// Networks that are cut in their middle.
struct ONNXTrunkTests {
  let folder = TemporaryFolder()

  /// Two convolutions of stride 4, a sum, and a head that is cut away.
  private func network(inner: Bool = false) throws -> String {
    var network = ONNXNetwork()
    network.input("x", .float, [.open("batch"), .fixed(3), .fixed(64), .fixed(96)])
    network.output("y", .float, [.open("batch"), .fixed(2), .fixed(1), .fixed(1)])
    let weights = [Float](repeating: 0.1, count: 2 * 3 * 4 * 4)
    network.constant(ONNXNetwork.tensor("a", .float, [2, 3, 4, 4], weights))
    network.constant(ONNXNetwork.tensor("b", .float, [2, 2, 4, 4], Array(weights[..<64])))
    let strides = [ONNXNetwork.attribute("strides", integers: [4, 4])]
    network.node("Conv", ["x", "a"], ["first"], attributes: strides)
    network.node("Conv", ["first", "b"], ["second"], attributes: strides)
    network.node("Relu", ["second"], ["active"])
    network.node("Add", ["second", "active"], ["sum"])
    network.node("GlobalAveragePool", ["sum"], ["y"])
    let path = folder.file("net.onnx")
    try network.write(to: path)
    return path
  }

  private func contents(_ bytes: [UInt8]) throws -> ONNXFile {
    let path = folder.file("made.onnx")
    try Data(bytes).write(to: URL(filePath: path))
    return try ONNXFile(path)
  }

  @Test("The last sum of stride 16 is taken, with what leads to it and nothing else")
  func usual() throws {
    let trunk = try ONNXTrunk(try network(), layer: nil)
    #expect(trunk.layer == "sum" && trunk.content.nodes.count == 4 && trunk.content.weights.count == 2)
    #expect(try ONNXTrunk(try network(), layer: "first").content.nodes.count == 1)
  }

  @Test("What is put together is sound ONNX with the outputs of anomalib", arguments: [13, 18])
  func compared(opset: Int) throws {
    let path = try network()
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    if opset == 18 { bytes = bytes.replacing([16, 13, 66], with: [16, 18, 66]) }
    try Data(bytes).write(to: URL(filePath: path))
    let trunk = try ONNXTrunk(path, layer: nil)
    let bank = FeatureBank(
      channels: 2, weights: [1, 0, 0.5, 1], bias: [0, 1], rows: [1, 2, 3, 4, 5, 6], threshold: 2,
      map: Size(width: 6, height: 4))
    let made = try contents(trunk.network(size: nil, comparing: bank))
    #expect(made.flaw == nil && made.outputs == ["pred_score", "anomaly_map"] && made.inputs == ["x"])
    #expect(try contents(trunk.network(size: Size(width: 32, height: 32))).flaw == nil)
  }

  @Test("A layer that is not there, and a file that is no network, are refused")
  func refused() throws {
    let path = try network()
    let fault = #expect(throws: Fault.self) { try ONNXTrunk(path, layer: "third") }
    #expect(fault?.message.contains("there is no value 'third' in it: name a map of features with --layer") == true)
    try Data([UInt8](try Data(contentsOf: URL(filePath: path)))[..<300]).write(to: URL(filePath: path))
    #expect(throws: Fault.self) { try ONNXTrunk(path, layer: nil) }
  }

  @Test("The sides of a picture are changed where the channels come last too")
  func sides() throws {
    var (network, expected) = (ONNXNetwork.Message(), ONNXNetwork.Message())
    for (sides, message) in [([1, 96, 96, 3], 0), ([1, 64, 128, 3], 1)] {
      var shape = ONNXNetwork.Message()
      for side in sides {
        var one = ONNXNetwork.Message()
        one.number(1, side)
        shape.message(1, one)
      }
      var (tensor, type, port) = (ONNXNetwork.Message(), ONNXNetwork.Message(), ONNXNetwork.Message())
      tensor.number(1, 1)
      tensor.message(2, shape)
      type.message(1, tensor)
      port.text(1, "x")
      port.message(2, type)
      if message == 0 { network = port } else { expected = port }
    }
    let path = folder.file("port")
    try Data(network.bytes).write(to: URL(filePath: path))
    let port = try ONNXPort(try FileWindow(path), 0..<network.bytes.count)
    #expect(port.name == "x" && port.sized(Size(width: 128, height: 64)).bytes == expected.bytes)
  }
}
