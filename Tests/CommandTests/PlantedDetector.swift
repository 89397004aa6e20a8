import Foundation
import TestKit

/// A detector of three boxes whose scores are the mean red, green and blue of a picture, and a classifier of the same three, as models on the disk.
///
/// A version differs by what it takes from the second score for the blue of the picture: pictures without blue look alike to all versions.
enum PlantedDetector {
  /// What becomes of pictures that are all blue.
  enum Blue {
    case answered
    /// They get no answer, because the engine cannot do what the network asks for.
    case refused
    /// They crash the engine: the network gathers from far behind a tensor, which OpenVINO does not check.
    case crash
  }

  static let labels = ["red", "green", "blue"]

  /// The boxes as left, top, width and height in fractions of a picture.
  static let boxes: [[Double]] = [[0, 0, 0.25, 0.25], [0.25, 0.25, 0.5, 0.5], [0.75, 0.5, 0.25, 0.5]]

  /// Writes a folder with a manifest.
  static func write(
    to folder: String, name: String = "planted", taking blue: Float = 0, blue fate: Blue = .answered,
    labels: [String] = labels
  ) throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(3), .fixed(8), .fixed(8)])
    network.output("found", .float, [.fixed(1), .fixed(3), .fixed(6)])
    mean(&network, taking: blue)
    network.constant(ONNXNetwork.tensor("column", .int64, [3], [1, 3, 1] as [Int64]))
    switch fate {
    case .answered: break
    case .refused: refuse(&network)
    case .crash: crash(&network)
    }
    network.node("Reshape", [fate == .answered ? "weighed" : "same", "column"], ["scores"])
    let corners = boxes.flatMap { [$0[0], $0[1], $0[0] + $0[2], $0[1] + $0[3]].map { Float($0) } }
    network.constant(ONNXNetwork.tensor("boxes", .float, [1, 3, 4], corners))
    network.constant(ONNXNetwork.tensor("numbers", .float, [1, 3, 1], [0, 1, 2] as [Float]))
    network.node(
      "Concat", ["boxes", "scores", "numbers"], ["found"], attributes: [ONNXNetwork.attribute("axis", integer: 2)])
    try write(
      network, to: folder,
      """
      name: \(name)
      summary: A test.
      license: MIT
      task: detection
      files: [{path: net.onnx}]
      input: {color: rgb, resize: stretch, mean: 0, scale: 255}
      output: {decoder: finished, coordinates: fractions, columns: [left, top, right, bottom, score, class], threshold: 0.3}
      labels: [\(labels.joined(separator: ", "))]

      """)
  }

  /// The same means as probabilities of classes.
  static func writeClassifier(to folder: String, name: String = "colours") throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(3), .fixed(8), .fixed(8)])
    network.output("classes", .float, [.fixed(1), .fixed(3)])
    mean(&network, taking: 0)
    network.constant(ONNXNetwork.tensor("ten", .float, [1], [10] as [Float]))
    network.node("Mul", ["weighed", "ten"], ["logits"])
    network.node("Softmax", ["logits"], ["classes"], attributes: [ONNXNetwork.attribute("axis", integer: 1)])
    try write(
      network, to: folder,
      """
      name: \(name)
      summary: A test.
      license: MIT
      task: classification
      files: [{path: net.onnx}]
      input: {color: rgb, resize: stretch, mean: 0, scale: 255}
      output: {decoder: classes}
      labels: [red, green, blue]

      """)
  }

  /// A picture of one colour, 0 to 255 each, as BMP.
  static func picture(_ red: UInt8, _ green: UInt8, _ blue: UInt8, width: Int = 64, height: Int = 48) -> Data {
    let rows = (width * 3 + 3) / 4 * 4 * height
    var bytes = Data("BM".utf8)
    let words = { (values: [Int]) in values.flatMap { value in (0..<4).map { UInt8(value >> (8 * $0) & 255) } } }
    bytes.append(contentsOf: words([54 + rows, 0, 54, 40, width, height, 1 | 24 << 16, 0, rows, 2835, 2835, 0, 0]))
    for _ in 0..<height {
      for _ in 0..<width { bytes.append(contentsOf: [blue, green, red]) }
      bytes.append(contentsOf: [UInt8](repeating: 0, count: (width * 3 + 3) / 4 * 4 - width * 3))
    }
    return bytes
  }

  private static func mean(_ network: inout ONNXNetwork, taking blue: Float) {
    network.node(
      "ReduceMean", ["x"], ["mean"],
      attributes: [ONNXNetwork.attribute("axes", integers: [2, 3]), ONNXNetwork.attribute("keepdims", integer: 0)])
    network.constant(ONNXNetwork.tensor("weights", .float, [3, 3], [1, 0, 0, 0, 1, 0, 0, -blue, 1] as [Float]))
    network.node("MatMul", ["mean", "weights"], ["mixed"])
    network.node("Relu", ["mixed"], ["weighed"])
  }

  /// `one`: 1 where the mean blue is above .9, else 0.
  private static func signal(_ network: inout ONNXNetwork) {
    network.constant(ONNXNetwork.tensor("last", .float, [3, 1], [0, 0, 1] as [Float]))
    network.constant(ONNXNetwork.tensor("much", .float, [1], [0.9] as [Float]))
    network.constant(ONNXNetwork.tensor("flat", .int64, [1], [1] as [Int64]))
    network.node("MatMul", ["mean", "last"], ["blue"])
    network.node("Sub", ["blue", "much"], ["over"])
    network.node("Relu", ["over"], ["excess"])
    network.node("Ceil", ["excess"], ["more"])
    network.node("Reshape", ["more", "flat"], ["one"])
  }

  /// Adds next to nothing, gathered from 8 GB behind the means where they are of blue.
  private static func crash(_ network: inout ONNXNetwork) {
    signal(&network)
    network.constant(ONNXNetwork.tensor("far", .float, [1], [2e9] as [Float]))
    network.constant(ONNXNetwork.tensor("little", .float, [1], [1e-12] as [Float]))
    network.constant(ONNXNetwork.tensor("place", .int64, [2], [1, 1] as [Int64]))
    network.constant(ONNXNetwork.tensor("row", .int64, [1], [3] as [Int64]))
    network.node("Mul", ["one", "far"], ["away"])
    network.node("Cast", ["away"], ["whole"], attributes: [ONNXNetwork.attribute("to", integer: 7)])
    network.node("Reshape", ["whole", "place"], ["index"])
    network.node("Reshape", ["mean", "row"], ["means"])
    network.node("GatherND", ["means", "index"], ["fetched"])
    network.node("Mul", ["fetched", "little"], ["nothing"])
    network.node("Add", ["weighed", "nothing"], ["same"])
  }

  /// Reshapes three numbers to four where the mean blue is above .9, which cannot be done, and adds nothing otherwise.
  private static func refuse(_ network: inout ONNXNetwork) {
    signal(&network)
    network.constant(ONNXNetwork.tensor("none", .int64, [1], [0] as [Int64]))
    network.node("Cast", ["one"], ["count"], attributes: [ONNXNetwork.attribute("to", integer: 7)])
    network.node("Concat", ["none", "count", "none"], ["add"], attributes: [ONNXNetwork.attribute("axis", integer: 0)])
    network.node("Add", ["column", "add"], ["shape"])
    network.node("Reshape", ["weighed", "shape"], ["picky"])
    network.node("ReduceMean", ["picky"], ["some"], attributes: [ONNXNetwork.attribute("keepdims", integer: 0)])
    network.node("Sub", ["some", "some"], ["nothing"])
    network.node("Add", ["weighed", "nothing"], ["same"])
  }

  private static func write(_ network: ONNXNetwork, to folder: String, _ manifest: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try network.write(to: "\(folder)/net.onnx")
    try Data(manifest.utf8).write(to: URL(filePath: "\(folder)/model.yaml"))
  }
}
