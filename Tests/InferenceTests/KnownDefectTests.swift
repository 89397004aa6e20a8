import Base
import NetworkFormats
import TestKit
import Testing

@testable import Inference

/// What the engine computes wrongly without a word, and what it does not carry.
struct KnownDefectTests {
  let folder = TemporaryFolder()
  let engine: Engine

  init() throws { engine = try Engine(cacheFolder: nil) }

  private func compile(_ network: ONNXNetwork) throws -> CompiledNetwork {
    try network.write(to: folder.file("n.onnx"))
    var options = CompileOptions()
    (options.streams, options.threads) = (1, 1)
    return try CompiledNetwork(try engine.read(folder.file("n.onnx")), with: options, on: engine)
  }

  private func refusal(_ network: ONNXNetwork) throws -> Fault {
    try #require(throws: Fault.self) { try compile(network) }
  }

  /// Bytes through one quantised operator.
  private func quantized(_ kind: String, inputs: Int, domain: String = "com.microsoft") -> ONNXNetwork {
    var network = ONNXNetwork()
    network.input("x", .uint8, [.fixed(1), .fixed(4)])
    network.output("y", .uint8, [.fixed(1), .fixed(4)])
    network.constant(ONNXNetwork.tensor("s", .float, [], [0.1 as Float]))
    network.constant(ONNXNetwork.tensor("z", .uint8, [], [128 as UInt8]))
    let port = ["x", "s", "z"]
    let all = kind == "QLinearConcat" ? ["s", "z"] + port + port : (0..<inputs).flatMap { _ in port } + ["s", "z"]
    let axis = kind == "QLinearConcat" ? [ONNXNetwork.attribute("axis", integer: 0)] : []
    network.node(kind, all, ["y"], domain: domain, attributes: axis)
    return network
  }

  @Test(
    "Quantised operators of ONNX that are computed wrongly are refused by their names, with the way out",
    arguments: [("QLinearAdd", 2), ("QLinearMul", 2), ("QLinearSigmoid", 1)])
  func quantized(kind: String, inputs: Int) throws {
    let fault = try refusal(quantized(kind, inputs: inputs))
    #expect(fault.kind == .unsupported && fault.message.contains("uses \(kind), which OpenVINO computes wrongly"))
    #expect(fault.message.contains("QDQ"))
  }

  @Test("Sides that no memory holds are refused when the network is read")
  func huge() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(3), .fixed(1 << 40), .fixed(32)])
    network.output("y", .float, [])
    network.node("Relu", ["x"], ["y"])
    #expect(try refusal(network).message.contains("'x' is said to be [1,3,1099511627776,32], which is more than 4 GiB"))
  }

  @Test("RoiAlign is taken with averages of so many samples, and with nothing else", arguments: ["max", "avg"])
  func regions(mode: String) throws {
    var network = ONNXNetwork()
    network.opset = 16
    network.input("x", .float, [.fixed(1), .fixed(1), .fixed(8), .fixed(8)])
    network.output("y", .float, [])
    network.constant(ONNXNetwork.tensor("boxes", .float, [1, 4], [0, 0, 3, 3] as [Float]))
    network.constant(ONNXNetwork.tensor("batches", .int64, [1], [0 as Int64]))
    let numbers = ["output_height": 2, "output_width": 2, "sampling_ratio": 2]
    network.node(
      "RoiAlign", ["x", "boxes", "batches"], ["y"],
      attributes: [ONNXNetwork.attribute("mode", word: mode)]
        + numbers.map { ONNXNetwork.attribute($0.key, integer: $0.value) })
    guard mode == "max" else { return #expect(try compile(network).inputs.count == 1) }
    #expect(try refusal(network).message.contains("uses RoiAlign, which OpenVINO computes wrongly"))
  }

  @Test("One that is computed rightly is not")
  func concat() throws {
    var network = quantized("QLinearConcat", inputs: 2)
    network.opset = 13
    let compiled = try compile(network)
    let unit = try InferenceUnit(compiled)
    #expect(try infer(unit, tensors: [[0, 1, 128, 255] as [UInt8]]).values[0] == [0, 1, 128, 255, 0, 1, 128, 255])
  }

  @Test("What computes in 64-bit floats is refused by its name; what only converts them is not")
  func doubles() throws {
    var network = ONNXNetwork()
    network.input("x", .double, [.fixed(1), .fixed(2)])
    network.output("y", .double, [.fixed(1), .fixed(2)])
    var other = network
    network.node("Add", ["x", "x"], ["y"])
    let fault = try refusal(network)
    #expect(fault.kind == .unsupported && fault.message.contains("uses Add in FP64"), "\(fault.message)")
    other.node("Cast", ["x"], ["a"], attributes: [ONNXNetwork.attribute("to", integer: 1)])
    other.node("Add", ["a", "a"], ["b"])
    other.node("Cast", ["b"], ["y"], attributes: [ONNXNetwork.attribute("to", integer: 11)])
    let compiled = try compile(other)
    #expect(compiled.inputs[0].element == .f64)
    #expect(compiled.limits == ["'x' takes FP64 within the range of 32-bit floats; other values are refused"])
  }

  @Test("Floats with weights of unsigned bytes in TensorFlow Lite are refused by the operator's name")
  func hybrid() throws {
    for (code, name, data, weights, isRefused) in [
      (3, "CONV_2D", 0, 3, true), (4, "DEPTHWISE_CONV_2D", 0, 3, true), (9, "FULLY_CONNECTED", 0, 3, true),
      (3, "CONV_2D", 3, 3, false), (3, "CONV_2D", 0, 9, false), (3, "CONV_2D", 0, 0, false), (0, "ADD", 0, 3, false),
    ] {
      let path = folder.file("\(code)-\(data)-\(weights).tflite")
      try FileSystem.write(TFLiteBytes.network(code: code, data: data, weights: weights), to: path)
      let evidence = KnownDefect.Evidence(
        contents: try NetworkContents.of(path), doubleOperator: nil, innerSoftmax: nil)
      let message = KnownDefect.refusal(evidence)?.message
      #expect((message?.contains("uses \(name) with FLOAT32 data and UINT8 weights") ?? false) == isRefused, "\(name)")
    }
  }

  @Test("Weights behind the tables of a TensorFlow Lite file are the reason that is told")
  func behind() throws {
    try FileSystem.write(
      TFLiteBytes.network(code: 3, data: 0, weights: 0, bufferOffset: 4096), to: folder.file("n.tflite"))
    let fault = try #require(throws: Fault.self) { _ = try engine.read(folder.file("n.tflite")) }
    #expect(fault.kind == .unsupported && fault.message.contains("1 of the network's weights stand behind the tables"))
  }

  private func single(
    _ kind: String, _ opset: Int, _ attributes: [ONNXNetwork.Message], on sides: [Int] = [1, 2, 4, 4]
  ) -> ONNXNetwork {
    var network = ONNXNetwork()
    network.opset = opset
    network.input("x", .float, sides.map { .fixed($0) })
    network.output("y", .float, [])
    network.node(kind, ["x"], ["y"], attributes: attributes)
    return network
  }

  @Test("Softmax of opsets 11 and 12 is refused where it is more than over the last side")
  func softmax() throws {
    let first = [ONNXNetwork.attribute("axis", integer: 1)]
    for opset in [11, 12] {
      let fault = try refusal(single("Softmax", opset, first))
      #expect(fault.message.contains("as opset \(opset) has it") && fault.message.contains("opset 13"), "\(fault)")
      #expect(try refusal(single("Softmax", opset, [])).kind == .unsupported, "its own axis is 1")
      _ = try compile(single("Softmax", opset, first, on: [1, 4]))
      _ = try compile(single("Softmax", opset, first, on: [1, 4, 1, 1]))
      _ = try compile(single("Softmax", opset, [ONNXNetwork.attribute("axis", integer: -1)]))
    }
    _ = try compile(single("Softmax", 13, first))
  }

  @Test(
    "Operators that are right but in some ways are refused in those alone",
    arguments: [
      ("ReduceL1", 13, ["axes": [1, 2]], ["axes": []]), ("ReduceLogSumExp", 17, ["axes": [1]], [:]),
      ("LpPool", 18, ["kernel_shape": [3, 3], "ceil_mode": [1]], ["kernel_shape": [3, 3]]),
      (
        "AveragePool", 12,
        ["kernel_shape": [3, 3], "ceil_mode": [1], "count_include_pad": [1], "pads": [1, 1, 1, 1]],
        ["kernel_shape": [3, 3], "ceil_mode": [1], "count_include_pad": [1], "pads": [0, 0, 0, 0]]
      ),
    ])
  func ways(kind: String, opset: Int, wrong: [String: [Int]], right: [String: [Int]]) throws {
    let flags: Set<String> = ["ceil_mode", "count_include_pad"]
    func attributes(_ said: [String: [Int]]) -> [ONNXNetwork.Message] {
      said.filter { !$0.value.isEmpty }.map { name, values in
        flags.contains(name)
          ? ONNXNetwork.attribute(name, integer: values[0]) : ONNXNetwork.attribute(name, integers: values)
      }
    }
    let fault = try refusal(single(kind, opset, attributes(wrong)))
    #expect(fault.kind == .unsupported && fault.message.contains("uses \(kind), which"), "\(fault)")
    _ = try compile(single(kind, opset, attributes(right)))
  }

  /// Three numbers, which a node takes as weights.
  private func weighted(_ kind: String, _ weights: [Float]) -> ONNXNetwork {
    var network = ONNXNetwork()
    network.input("x", .float, [.fixed(1), .fixed(3)])
    network.output("y", .float, [])
    network.constant(ONNXNetwork.tensor("w", .float, [3, 1], weights))
    network.node(kind, ["x", "w"], ["y"])
    return network
  }

  @Test(
    "Weights that no training gives are refused: NaN anywhere, and what is multiplied by and beyond all measure",
    arguments: [
      ("MatMul", .nan, false), ("Add", .nan, false), ("MatMul", .infinity, false), ("MatMul", -2e18, false),
      ("MatMul", 1e18, true), ("Add", -.infinity, true), ("Add", -3.4e38, true), ("Mul", 1e30, true),
    ] as [(String, Float, Bool)])
  func weights(kind: String, value: Float, isTaken: Bool) throws {
    if isTaken {
      _ = try compile(weighted(kind, [1, value, 1]))
    } else {
      let fault = try refusal(weighted(kind, [1, value, 1]))
      #expect(fault.kind == .badInput && fault.message.contains("weights are damaged: 'w' holds"), "\(fault)")
    }
  }

  @Test("Resize is refused in the ways that are wrong, and taken in their neighbours")
  func resizes() throws {
    let word = { ONNXNetwork.attribute($0, word: $1) }
    let outside = ONNXNetwork.attribute("exclude_outside", integer: 1)
    let cases: [([ONNXNetwork.Message], Bool)] = [
      ([outside, word("mode", "cubic")], false), ([outside], false), ([word("mode", "cubic")], true),
      ([word("keep_aspect_ratio_policy", "not_larger")], false),
      ([word("keep_aspect_ratio_policy", "not_smaller")], false),
      ([word("keep_aspect_ratio_policy", "stretch")], true), ([word("nearest_mode", "round_prefer_ceil")], false),
      ([word("nearest_mode", "floor")], true),
      ([word("nearest_mode", "round_prefer_ceil"), word("mode", "linear")], true),
    ]
    for (attributes, isRight) in cases {
      var network = ONNXNetwork()
      network.opset = 18
      network.input("x", .float, [.fixed(1), .fixed(1), .fixed(4), .fixed(6)])
      network.output("y", .float, [])
      network.constant(ONNXNetwork.tensor("sizes", .int64, [4], [1, 1, 9, 9] as [Int64]))
      network.node("Resize", ["x", "", "", "sizes"], ["y"], attributes: attributes)
      if isRight {
        _ = try compile(network)
      } else {
        #expect(try refusal(network).message.contains("uses Resize, which OpenVINO computes wrongly"))
      }
    }
  }

  @Test(
    "MaxPool with ceil_mode is refused only where its last window begins behind the data",
    arguments: [
      (17, 2, 2, 1, true), (17, 2, 2, 0, false), (17, 3, 3, 1, true), (18, 3, 3, 1, false), (17, 3, 1, 1, false),
      (17, 2, 3, 1, true),
    ])
  func pools(side: Int, kernel: Int, stride: Int, pad: Int, isWrong: Bool) throws {
    let attributes = [
      ONNXNetwork.attribute("kernel_shape", integers: [kernel, kernel]), ONNXNetwork.attribute("ceil_mode", integer: 1),
      ONNXNetwork.attribute("strides", integers: [stride, stride]),
      ONNXNetwork.attribute("pads", integers: [pad, pad, pad, pad]),
    ]
    let network = single("MaxPool", 13, attributes, on: [1, 1, side, side])
    if isWrong {
      #expect(
        try refusal(network).message.contains("uses MaxPool 'y' with ceil_mode, which OpenVINO computes wrongly"))
    } else {
      _ = try compile(network)
    }
  }

  @Test("Every row of the table stands in the documents")
  func documented() throws {
    let text = String(decoding: try FileSystem.read(Checkout.path + "/docs/models.md"), as: UTF8.self)
    for row in KnownDefect.table { #expect(text.contains(row.pattern) && text.contains(row.since), "\(row.pattern)") }
  }

  @Test("Values that the engine does not carry are refused with the input's name and their place")
  func values() throws {
    func message<Number: BitwiseCopyable>(_ element: ElementType, _ values: [Number], _ shape: [Int]) -> String? {
      let spec = TensorSpec(name: "x", shape: shape, element: element)
      let bytes = SharedBytes(values.withUnsafeBytes { Array($0) })
      do {
        try ValueRange.check(bytes, of: spec, shape: shape)
        return nil
      } catch { return error.message }
    }
    let edge: [Int64] = [Int64(Int32.min), 0, Int64(Int32.max), -1]
    #expect(message(.i64, edge, [2, 2]) == nil)
    #expect(message(.i64, [0, 0, 1 << 40, 0] as [Int64], [2, 2])?.contains("'x' has 1099511627776 at [1,0]") == true)
    #expect(message(.i64, [Int64(Int32.min) - 1], [1]) != nil)
    #expect(message(.u64, [0, 1 << 31 - 1] as [UInt64], [2]) == nil)
    #expect(message(.u64, [0, 1 << 31] as [UInt64], [2])?.contains("has 2147483648 at [1]") == true)
    #expect(message(.u32, [0, 1 << 31 - 1] as [UInt32], [2]) == nil)
    #expect(message(.u32, [0, 1 << 31] as [UInt32], [2])?.contains("has 2147483648 at [1]") == true)
    #expect(message(.f64, [1, 1e38, -.infinity, .nan] as [Double], [4]) == nil)
    #expect(message(.f64, [1, 1e39] as [Double], [2])?.contains("at [1]") == true)
    #expect(message(.i32, [Int32.max], [1]) == nil && message(.f32, [Float.infinity], []) == nil)
    #expect(message(.i64, [1 << 40] as [Int64], [])?.contains("at []") == true)
  }
}
