import Base
import TestKit
import Testing

@testable import NetworkFormats

struct ONNXFileTests {
  let folder = TemporaryFolder()

  private func read(_ network: ONNXNetwork) throws -> ONNXFile {
    try network.write(to: folder.file("n.onnx"))
    return try ONNXFile(folder.file("n.onnx"))
  }

  @Test("Operators are found in the graph, in subgraphs and in functions, with their domain")
  func operators() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1)])
    network.node("Relu", ["x"], ["a"])
    network.node("QLinearAdd", ["a"], ["b"], domain: "com.microsoft")
    var body = ONNXNetwork.Message()
    body.message(1, ONNXNetwork.node("Neg", ["c"], ["d"]))
    network.node("If", ["b"], ["y"], attributes: [ONNXNetwork.attribute("then_branch", graph: body)])
    var function = ONNXNetwork.Message()
    function.message(7, ONNXNetwork.node("Abs", ["e"], ["f"], domain: "ai.onnx"))
    network.extra.message(25, function)
    let found = try read(network).operators
    #expect(
      found.map { "\($0.domain).\($0.name)" }.sorted() == [".Abs", ".If", ".Neg", ".Relu", "com.microsoft.QLinearAdd"])
  }

  @Test("Tensors that stand in other files are found wherever a tensor may stand")
  func externals() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1)])
    network.constant(ONNXNetwork.tensor("own", .float, [1], [1 as Float]))
    network.constant(ONNXNetwork.tensor("initializer", .float, [1], at: "a", offset: "4", length: "8"))
    let constant = ONNXNetwork.tensor("constant", .float, [1], at: "b")
    network.node("Constant", [], ["c"], attributes: [ONNXNetwork.attribute("value", tensor: constant)])
    var body = ONNXNetwork.Message()
    body.message(5, ONNXNetwork.tensor("body", .float, [1], at: "c"))
    network.node("Loop", ["x"], ["y"], attributes: [ONNXNetwork.attribute("body", graph: body)])
    var (function, sparse, graph) = (ONNXNetwork.Message(), ONNXNetwork.Message(), ONNXNetwork.Message())
    let inner = ONNXNetwork.attribute("value", tensor: ONNXNetwork.tensor("function", .float, [1], at: "d"))
    function.message(7, ONNXNetwork.node("Constant", [], ["d"], attributes: [inner]))
    network.extra.message(25, function)
    sparse.message(1, ONNXNetwork.tensor("values", .float, [1], at: "e"))
    sparse.message(2, ONNXNetwork.tensor("indices", .int64, [1], at: "f"))
    graph.message(15, sparse)
    network.extra.message(7, graph)  // the same message once more: Protocol Buffers put both together
    let found = try read(network)
    #expect(
      found.externals.map(\.location)
        == ["a", "b", "c", "d", "e", "f"].sorted { a, b in
          found.externals.map(\.location).firstIndex(of: a)! < found.externals.map(\.location).firstIndex(of: b)!
        })
    #expect(Set(found.externals.map(\.name)) == ["initializer", "constant", "body", "function", "values", "indices"])
    #expect(found.externals.first { $0.name == "initializer" }.map { [$0.offset, $0.length] } == ["4", "8"])
  }

  @Test("Ports have the names of the graph; an input with a value in the file is none")
  func ports() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1)])
    network.input("w", .float, [.fixed(1)])
    network.constant(ONNXNetwork.tensor("w", .float, [1], [1 as Float]))
    network.output("y", .float, [.fixed(1)])
    let found = try read(network)
    #expect(found.inputs == ["x"] && found.outputs == ["y"])
  }

  @Test("Every cut, and every changed byte, ends: with what is there, or with a fault")
  func damaged() throws {
    let bytes = ONNXNetwork.external("w.bin", offset: "0", length: "8").bytes
    for end in 0..<bytes.count {
      try FileSystem.write(Array(bytes.prefix(end)), to: folder.file("cut"))
      do { _ = try ONNXFile(folder.file("cut")) } catch { #expect(error.kind == .badInput) }
    }
    for index in bytes.indices {
      for value in [0, 0x7f, 0x80, 0xff] as [UInt8] {
        var changed = bytes
        changed[index] = value
        try FileSystem.write(changed, to: folder.file("changed"))
        do { _ = try ONNXFile(folder.file("changed")) } catch { #expect(error.kind == .badInput) }
      }
    }
  }

  @Test("A graph in a graph in a graph, without an end, is refused")
  func deep() throws {
    var body = ONNXNetwork.Message()
    for _ in 0..<2000 {
      var outer = ONNXNetwork.Message()
      outer.message(1, ONNXNetwork.node("If", [], [], attributes: [ONNXNetwork.attribute("then_branch", graph: body)]))
      body = outer
    }
    var network = ONNXNetwork()
    network.node("If", [], [], attributes: [ONNXNetwork.attribute("then_branch", graph: body)])
    #expect(throws: Fault.self) { try read(network) }
  }

  @Test("A file over the window is read at any place, and lengths beyond it end")
  func window() throws {
    let bytes = (0..<200_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try FileSystem.write(bytes, to: folder.file("long"))
    let window = try FileWindow(folder.file("long"))
    for place in [0, 65_535, 65_536, 131_071, 200_000, 3] {
      #expect(window.byte(at: place) == bytes[place])
      #expect(window.read(70_000, at: place) == Array(bytes[place...].prefix(70_000)))
      #expect(window.read(10, at: place) == Array(bytes[place...].prefix(10)))
    }
    #expect(window.byte(at: 200_001) == nil && window.byte(at: -1) == nil && window.read(5, at: 300_000).isEmpty)
    #expect(
      window.has(1, at: 200_000) && !window.has(2, at: 200_000) && !window.has(-1, at: 0) && !window.has(.max, at: 5))
  }
}
