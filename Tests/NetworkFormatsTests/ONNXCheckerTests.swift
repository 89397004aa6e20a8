import Base
import TestKit
import Testing

@testable import NetworkFormats

/// Networks that ONNX calls invalid, and those at the edge that it does not.
struct ONNXCheckerTests {
  let folder = TemporaryFolder()

  private func flaw(opset: Int = 13, _ build: (inout ONNXNetwork) -> Void) throws -> String? {
    var network = ONNXNetwork()
    network.opset = opset
    network.input("x", .float, [.fixed(1), .fixed(4)])
    network.output("y", .float, [])
    build(&network)
    try network.write(to: folder.file("n.onnx"))
    return try ONNXFile(folder.file("n.onnx")).flaw
  }

  private func body(_ inputs: [String], _ outputs: [String]) -> ONNXNetwork.Message {
    var body = ONNXNetwork.Message()
    body.message(1, ONNXNetwork.node("Neg", inputs, outputs))
    for output in outputs {
      var port = ONNXNetwork.Message()
      port.text(1, output)
      body.message(12, port)
    }
    return body
  }

  @Test("A value is given once: by an input, a weight or a node")
  func names() throws {
    #expect(try flaw { $0.node("Relu", ["x"], ["y"]) } == nil)
    let twice = try flaw {
      $0.node("Relu", ["x"], ["y"])
      $0.node("Neg", ["x"], ["y"])
    }
    #expect(twice == "'y' is given twice, the second time by the Neg that gives 'y'")
    let again = try flaw {
      $0.input("z", .float, [.fixed(1)])
      $0.node("Relu", ["x"], ["z"])
      $0.node("Relu", ["z"], ["y"])
    }
    #expect(again == "'z' is an input or a weight, and a node gives it once more")
    #expect(
      try flaw { $0.node("Add", ["x", "y"], ["y"]) } == "the Add that gives 'y' takes 'y', which it gives itself")
    let weight = ONNXNetwork.tensor("w", .float, [1], [1 as Float])
    let weights = try flaw {
      $0.constant(weight)
      $0.constant(weight)
      $0.node("Add", ["x", "w"], ["y"])
    }
    #expect(weights == "two weights are called 'w'")
    let inputs = try flaw {
      $0.input("x", .float, [.fixed(1)])
      $0.node("Relu", ["x"], ["y"])
    }
    #expect(inputs == "two inputs are called 'x'")
    let value = try flaw {
      $0.input("w", .float, [.fixed(1)])
      $0.constant(weight)
      $0.node("Add", ["x", "w"], ["y"])
    }
    #expect(value == nil, "an input may have a value in the file")
  }

  @Test("What a node takes is given, there or in a graph around it")
  func wanted() throws {
    #expect(
      try flaw { $0.node("Add", ["x", "w\n"], ["y"]) }
        == "the Add that gives 'y' takes 'w?', which no input, weight or node gives")
    #expect(try flaw { _ in } == "an output of the graph takes 'y', which no input, weight or node gives")
    func branches(_ taken: String) throws -> String? {
      try flaw {
        $0.input("c", .bool, [])
        let branches = ["then_branch", "else_branch"]
        let graphs = branches.map { ONNXNetwork.attribute($0, graph: body([taken], ["\($0)-y"])) }
        $0.node("If", ["c"], ["y"], attributes: graphs)
      }
    }
    #expect(try branches("x") == nil)
    #expect(try branches("z")?.contains("takes 'z', which no") == true)
    #expect(try flaw { $0.node("Clip", ["x", "", ""], ["y"]) } == nil, "an empty name is nothing")
  }

  @Test(
    "Operators are those of the network's version, with its inputs, outputs and attributes",
    arguments: [
      (13, "Relu", ["x"], ["alpha": 1], "has an attribute 'alpha', which opset 13 does not have there"),
      (13, "Gelu", ["x"], [:], "is an operator of opset 20, and the network says that it uses opset 13"),
      (13, "Upsample", ["x", "x"], [:], "is an operator that opset 13 has no more"),
      (13, "Add", ["x"], [:], "has 1 inputs, and takes 2"), (13, "Concat", ["x"], [:], "lacks the attribute 'axis'"),
      (13, "Add", ["x", ""], [:], "lacks the one at place 2 of its inputs"),
      (13, "Clip", ["x", "x", "x", "x"], [:], "has 4 inputs, and takes 1 to 3"),
      (18, "ReduceMean", ["x"], ["keepdims": 2], "'keepdims' of the ReduceMean that gives 'y' is 2"),
      (18, "ReduceMean", ["x"], ["axes": 1], "has an attribute 'axes', which opset 18 does not have there"),
      (13, "LeakyRelu", ["x"], ["alpha": 1], "'alpha' of the LeakyRelu that gives 'y' is INT, and opset 13 has FLOAT"),
      (0, "Relu", ["x"], [:], "version 0 of ONNX's operators"), (-1, "Relu", ["x"], [:], "version -1 of ONNX's"),
      (999, "Relu", ["x"], [:], "version 999 of ONNX's"),
      (9, "Flatten", ["x"], ["axis": -1], "counts from the end since opset 11 only"),
    ] as [(Int, String, [String], [String: Int], String)])
  func signatures(opset: Int, kind: String, inputs: [String], said: [String: Int], sentence: String) throws {
    let attributes = said.map { ONNXNetwork.attribute($0.key, integer: $0.value) }
    let flaw = try flaw(opset: opset) { $0.node(kind, inputs, ["y"], attributes: attributes) }
    #expect(flaw?.contains(sentence) == true, "\(flaw ?? "none")")
  }

  @Test(
    "A convolution's attributes are those of its weights",
    arguments: [
      ("kernel_shape", [3, 1], "[8,3,3,3] of the Conv that gives 'y' are not of its kernel_shape [3,1]"),
      ("kernel_shape", [3, 3], nil), ("kernel_shape", [0, 3], "holds 0, and 1 is the least"),
      ("group", [0], "holds 0, and 1 is the least"), ("group", [5], "cannot be split into its 5 groups"),
      ("group", [2], nil), ("pads", [1, 1], "its pads has 2 numbers"), ("pads", [1, 1, 1, 1], nil),
      ("pads", [0, 0, -1, 0], "'pads' of the Conv that gives 'y' holds -1, and 0 is the least"),
      ("strides", [-1, 1], "holds -1, and 1 is the least"), ("dilations", [1], "its dilations has 1 numbers"),
    ] as [(String, [Int], String?)])
  func convolutions(name: String, numbers: [Int], sentence: String?) throws {
    let attribute =
      name == "group"
      ? ONNXNetwork.attribute(name, integer: numbers[0]) : ONNXNetwork.attribute(name, integers: numbers)
    let flaw = try flaw {
      $0.constant(ONNXNetwork.tensor("w", .float, [8, 3, 3, 3], [Float](repeating: 0, count: 216)))
      $0.node("Conv", ["x", "w"], ["y"], attributes: [attribute])
    }
    #expect(sentence.map { flaw?.contains($0) == true } ?? (flaw == nil), "\(flaw ?? "none")")
  }

  @Test("A bias has a number for each channel, and quantised weights keep their shape for what is said of them")
  func channels() throws {
    func flaw(bias: [Int] = [8], scale: [Int] = [], kernel: [Int] = [3, 3], kind: String = "Conv") throws -> String? {
      try self.flaw {
        $0.constant(ONNXNetwork.tensor("q", .int8, [8, 3, 3, 3], [Int8](repeating: 1, count: 216)))
        $0.constant(ONNXNetwork.tensor("s", .float, scale, [Float](repeating: 1, count: scale.reduce(1, *))))
        $0.constant(ONNXNetwork.tensor("b", .float, bias, [Float](repeating: 1, count: bias.reduce(1, *))))
        $0.node("DequantizeLinear", ["q", "s"], ["w"], attributes: [ONNXNetwork.attribute("axis", integer: 0)])
        $0.node(kind, ["x", "w", "b"], ["y"], attributes: [ONNXNetwork.attribute("kernel_shape", integers: kernel)])
      }
    }
    #expect(try flaw() == nil && flaw(scale: [8]) == nil && flaw(scale: [1]) == nil)
    #expect(try flaw(bias: [3], kind: "ConvTranspose") == nil)
    #expect(
      try flaw(bias: [1])?.contains("the bias 'b' [1] of the Conv that gives 'y' is not of its 8 channels") == true)
    #expect(
      try flaw(scale: [3])?.contains("the scale 's' of the DequantizeLinear that gives 'w' has 3 numbers") == true)
    #expect(try flaw(kernel: [3, 1])?.contains("are not of its kernel_shape [3,1]") == true)
  }

  @Test("Sides and groups of any size are no precondition")
  func wild() throws {
    for (sides, group) in [([3, 1 << 62, 1, 1], 1 << 40), ([1, -1, 1, 1], 1), ([1, .min, 1, 1], .max)] as [([Int], Int)]
    {
      _ = try flaw {
        $0.constant(ONNXNetwork.tensor("w", .float, sides, [1 as Float]))
        $0.constant(ONNXNetwork.tensor("b", .float, [1], [1 as Float]))
        let said = ONNXNetwork.attribute("group", integer: group)
        $0.node("ConvTranspose", ["x", "w", "b"], ["y"], attributes: [said])
      }
      var network = ONNXNetwork()
      network.input("x", .int64, [.fixed(1)])
      network.output("y", .float, [])
      network.constant(ONNXNetwork.tensor("w", .float, sides, [1 as Float]))
      network.node("Gather", ["w", "x"], ["y"], attributes: [ONNXNetwork.attribute("axis", integer: 1)])
      try network.write(to: folder.file("n.onnx"))
      #expect(try ONNXFile(folder.file("n.onnx")).tables == (sides[1] > 0 ? ["x": sides[1]] : [:]))
    }
  }

  @Test("An input has no side of 0, which is none; open sides are left open", arguments: [0, -1, 4])
  func nothing(side: Int) throws {
    let flaw = try flaw {
      $0.input("z", .float, [.fixed(side), .fixed(3)])
      $0.node("Add", ["x", "z"], ["y"])
    }
    #expect((flaw?.contains("the input 'z' has a side of 0") == true) == (side == 0), "\(flaw ?? "none")")
  }

  @Test("What is said of weights in another file is what ONNX knows; a word that is misspelt would move them")
  func places() throws {
    var network = ONNXNetwork.external("w.bin", offset: "4", length: "8")
    try network.write(to: folder.file("n.onnx"))
    #expect(try ONNXFile(folder.file("n.onnx")).flaw == nil)
    network = ONNXNetwork.external("w.bin", length: "8", more: ("offsgt", "4"))
    try network.write(to: folder.file("n.onnx"))
    #expect(
      try ONNXFile(folder.file("n.onnx")).flaw?.contains("has the entry 'offsgt', which ONNX does not know") == true)
  }

  @Test("Before opset 7 two shapes are alike unless broadcast is said")
  func broadcast() throws {
    func divided(_ sides: [Int], _ attributes: [ONNXNetwork.Message] = []) throws -> String? {
      try flaw(opset: 6) {
        $0.constant(ONNXNetwork.tensor("w", .float, sides, [Float](repeating: 2, count: sides.reduce(1, *))))
        $0.node("Div", ["x", "w"], ["y"], attributes: attributes)
      }
    }
    #expect(try divided([])?.contains("takes shapes that are not alike without 'broadcast'") == true)
    #expect(try divided([1, 4]) == nil)
    #expect(try divided([], [ONNXNetwork.attribute("broadcast", integer: 1)]) == nil)
  }

  @Test("Operators of others, of the file's own functions and of before are left to the engine")
  func others() throws {
    #expect(try flaw { $0.node("Relu", ["x", "x"], ["y"], domain: "com.example") } == nil)
    #expect(try flaw { $0.node("FakeQuantize", ["x"], ["y"]) } == nil)
    #expect(try flaw { $0.node("LayerNormalization", ["x"], ["y"], attributes: []) } == nil)
    let own = try flaw {
      var (function, set) = (ONNXNetwork.Message(), ONNXNetwork.Message())
      function.text(1, "Gelu")
      function.text(4, "a")
      function.text(5, "b")
      function.message(7, ONNXNetwork.node("Neg", ["a"], ["b"]))
      set.number(2, 13)
      function.message(9, set)
      $0.extra.message(25, function)
      $0.node("Gelu", ["x"], ["y"])
    }
    #expect(own == nil)
  }

  @Test("An attribute is there once, with one value of the type that it says")
  func attributes() throws {
    let axis = ONNXNetwork.attribute("axis", integer: 1)
    #expect(
      try flaw { $0.node("Softmax", ["x"], ["y"], attributes: [axis, axis]) }
        == "the Softmax that gives 'y' has the attribute 'axis' twice")
    var two = axis
    two.text(4, "one")
    #expect(
      try flaw { $0.node("Softmax", ["x"], ["y"], attributes: [two]) }
        == "the attribute 'axis' of the Softmax that gives 'y' has values of two types")
    var other = ONNXNetwork.Message()
    other.text(1, "axis")
    other.text(4, "one")
    other.number(20, 2)
    #expect(
      try flaw { $0.node("Softmax", ["x"], ["y"], attributes: [other]) }
        == "the attribute 'axis' of the Softmax that gives 'y' is called INT and holds STRING")
  }

  @Test("A file says its version and that of its operators, one of each")
  func versions() throws {
    #expect(
      try flaw {
        var set = ONNXNetwork.Message()
        set.number(2, 17)
        $0.extra.message(8, set)
        $0.node("Relu", ["x"], ["y"])
      } == "it uses two versions of ONNX's operators, 13 and 17")
    #expect(
      try flaw {
        $0.extra.number(1, 99)
        $0.node("Relu", ["x"], ["y"])
      }?.contains("version 99 of the format") == true)
  }

  @Test("Files from before operators had versions use the first of them")
  func old() throws {
    var (model, graph, port) = (ONNXNetwork.Message(), ONNXNetwork.Message(), ONNXNetwork.Message())
    port.text(1, "x")
    graph.message(1, ONNXNetwork.node("Relu", ["x"], ["y"]))
    graph.message(11, port)
    for (format, isRead) in [(2, true), (3, false)] {
      model.number(1, format)
      model.message(7, format == 2 ? graph : ONNXNetwork.Message())
      try FileSystem.write(model.bytes, to: folder.file("n.onnx"))
      #expect((try ONNXFile(folder.file("n.onnx")).flaw == nil) == isRead)
    }
  }

  @Test("Memory has a bound, whatever the number of names, attributes or ports in a small file")
  func bounded() throws {
    var (names, attributes) = (ONNXNetwork.Message(), ONNXNetwork.Message())
    for _ in 0..<5000 { names.bytes(1, []) }
    for _ in 0..<5000 { attributes.bytes(5, []) }
    for node in [names, attributes] {
      var network = ONNXNetwork()
      var graph = ONNXNetwork.Message()
      graph.message(1, node)
      network.extra.message(7, graph)
      try network.write(to: folder.file("n.onnx"))
      var (reader, bounded) = (
        ONNXReader(try FileWindow(folder.file("n.onnx"))),
        ONNXReader(try FileWindow(folder.file("n.onnx")), most: 1 << 18)
      )
      #expect(throws: Never.self) { try reader.contents() }
      #expect(throws: Damaged.self) { try bounded.contents() }
    }
  }
}
