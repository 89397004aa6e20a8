import TestKit
import Testing

@testable import NetworkFormats

/// Graphs that nodes have inside.
struct ONNXInnerGraphTests {
  let folder = TemporaryFolder()

  @Test("A graph inside may be given nothing: torchvision's loops begin with no rows")
  func nothingInside() throws {
    var inside = ONNXNetwork()
    for (name, element) in [("i", .int64), ("go", .bool), ("rows", .float)] as [(String, ONNXNetwork.Element)] {
      inside.input(name, element, name == "rows" ? [.fixed(0), .fixed(4)] : [])
    }
    inside.node("Identity", ["go"], ["go-on"])
    inside.node("Concat", ["rows", "x"], ["more"], attributes: [ONNXNetwork.attribute("axis", integer: 0)])
    inside.output("go-on", .bool, [])
    inside.output("more", .float, [])
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(4)])
    network.output("y", .float, [])
    network.node("Loop", ["", "", "x"], ["y"], attributes: [ONNXNetwork.attribute("body", graph: inside.graph)])
    try network.write(to: folder.file("n.onnx"))
    let flaw = try ONNXFile(folder.file("n.onnx")).flaw
    #expect(flaw == nil, "\(flaw ?? "none")")
  }
}
