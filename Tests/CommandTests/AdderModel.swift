import Foundation
import TestKit

/// A model that adds one number to each of four, as tensors, in a folder of its own.
enum AdderModel {
  /// Writes its network and its manifest, which names what else stands in the folder as well.
  static func write(
    _ number: Float, at place: String, name: String = "adder", operator: String = "Add", others: [String] = []
  ) throws {
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(4)])
    network.output("y", .float, [.fixed(1), .fixed(4)])
    network.constant(ONNXNetwork.tensor("number", .float, [1], [number]))
    network.node(`operator`, ["x", "number"], ["y"])
    try network.write(to: "\(place)/net.onnx")
    let files = (["net.onnx"] + others).map { "{path: \($0)}" }.joined(separator: ", ")
    try Data(
      "name: \(name)\nsummary: A test.\nlicense: MIT\ntask: tensor\nfiles: [\(files)]\noutput: {decoder: raw}\n".utf8
    ).write(to: URL(filePath: "\(place)/model.yaml"))
  }
}
