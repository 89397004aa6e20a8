import Base
import NetworkFormats
import TestKit
import Testing

@testable import Inference

/// TensorFlow Lite files that LiteRT refuses, and those at the edge that it does not.
struct TFLiteCheckerTests {
  let folder = TemporaryFolder()

  private struct Convolution {
    var code = 3
    var version = 3
    var inputs = [0, 1, 2]
    var outputs = [3]
    var weights = FlatValue.table([2: .floats([0.5]), 3: .longs([0])])
    var bias = FlatValue.table([2: .floats([0.5]), 3: .longs([0])])
    var data = FlatValue.table([2: .floats([0.5]), 3: .longs([-128])])
  }

  /// A convolution of INT8 numbers, by the field numbers of TensorFlow Lite's `schema.fbs`.
  private func flaw(_ change: (inout Convolution) -> Void) throws -> String? {
    var its = Convolution()
    change(&its)
    func tensor(_ name: String, _ type: Int, _ sides: [Int], _ scale: FlatValue) -> FlatValue {
      .table([0: .numbers(sides), 1: .number(type), 3: .text(name), 4: scale])
    }
    let graph = FlatValue.table([
      0: .list([
        tensor("x", 9, [1, 8, 8, 3], its.data), tensor("w", 9, [6, 3, 3, 3], its.weights),
        tensor("b", 2, [6], its.bias), tensor("y", 9, [1, 6, 6, 6], its.data),
      ]), 3: .list([.table([0: .number(0), 1: .numbers(its.inputs), 2: .numbers(its.outputs)])]),
    ])
    let codes = FlatValue.list([
      .table([0: .number(min(127, its.code)), 2: .number(its.version), 3: .number(its.code)])
    ])
    var bytes = [UInt8](repeating: 0, count: 4) + Array("TFL3".utf8)
    FlatValue.table([1: codes, 2: .list([graph])]).write(to: &bytes, linkedFrom: 0)
    try FileSystem.write(bytes, to: folder.file("n.tflite"))
    return try TFLiteFile(folder.file("n.tflite")).flaw
  }

  @Test("Operators are known, and their tensors are there and others than they give")
  func operators() throws {
    #expect(try flaw { _ in } == nil)
    #expect(try flaw { $0.inputs = [0, 1, -1] } == nil, "an input may be left out")
    #expect(try flaw { $0.code = 208 } == nil)
    #expect(try flaw { $0.code = 16_387 } == "it has the operator 16387, and they go to 208")
    #expect(try flaw { $0.version = 67 } == "it has an operator of version 67, and they go to 32 at most")
    #expect(try flaw { $0.inputs = [0, 1, 4] } == "an operator takes tensor 4, and the graph has 4")
    #expect(try flaw { $0.outputs = [-1] } == "an operator gives tensor -1, and the graph has 4")
    #expect(try flaw { $0.outputs = [2] } == "an operator takes 'b', which it gives itself")
  }

  @Test("Zero points and scales are those of TensorFlow's specification")
  func quantization() throws {
    func scale(_ scales: [Float], _ zeros: [Int], side: Int = 0) -> FlatValue {
      .table([2: .floats(scales), 3: .longs(zeros), 6: .number(side)])
    }
    #expect(try flaw { $0.data = scale([0.1], [127]) } == nil)
    #expect(try flaw { $0.data = scale([0.1], [128]) } == "'x' has the zero point 128, which is none of INT8")
    #expect(try flaw { $0.data = scale([.nan], [0]) } == "'x' has the scale nan")
    #expect(try flaw { $0.data = scale([-1], [0]) } == "'x' has the scale -1.0")
    #expect(
      try flaw { $0.weights = scale([0.1], [8]) }
        == "the weights 'w' have the zero point 8, and that of a convolution's INT8 weights is 0")
    #expect(
      try flaw { $0.weights = scale([0.1], [1 << 53]) }
        == "'w' has the zero point 9007199254740992, which is none of INT8")
    #expect(
      try flaw { $0.bias = scale([0.1], [1]) } == "'b' has the zero point 1, which is none of INT32, where it is 0")
    let six = [Float](repeating: 0.1, count: 6)
    #expect(try flaw { $0.weights = scale(six, [0, 0, 0, 0, 0, 0]) } == nil)
    #expect(try flaw { $0.bias = scale(six, [], side: 3) } == nil, "older converters say so")
    #expect(
      try flaw { $0.weights = scale(six + six, []) } == "'w' has 12 scales, and its sides are [6, 3, 3, 3]")
  }

  @Test(
    "The nearest pixel by middles is known to be wrong where the size is no multiple",
    arguments: [
      (0, 1, 8, false), (0, 1, 6, true), (0, 1, 2, true), (1, 1, 8, true), (0, 0, 6, false), (1, 0, 6, false),
    ])
  func nearest(corners: Int, middles: Int, side: Int, isWrong: Bool) throws {
    let sides = [[1, 4, 4, 3], [2], [1, side, side, 3]]
    let node = FlatValue.table([
      0: .number(0), 1: .numbers([0, 1]), 2: .numbers([2]), 4: .table([0: .number(corners), 1: .number(middles)]),
    ])
    let graph = FlatValue.table([0: .list(sides.map { .table([0: .numbers($0)]) }), 3: .list([node])])
    var bytes = [UInt8](repeating: 0, count: 4) + Array("TFL3".utf8)
    FlatValue.table([1: .list([.table([0: .number(97), 3: .number(97)])]), 2: .list([graph])])
      .write(to: &bytes, linkedFrom: 0)
    try FileSystem.write(bytes, to: folder.file("n.tflite"))
    #expect(try TFLiteFile(folder.file("n.tflite")).hasUnevenNearest == isWrong)
  }

  @Test("A network that LiteRT would refuse is refused in words that name what is wrong")
  func refused() throws {
    _ = try flaw { $0.code = 16_387 }
    let fault = try #require(throws: Fault.self) { _ = try Engine(cacheFolder: nil).read(folder.file("n.tflite")) }
    #expect(
      fault.kind == .badInput && fault.message.contains("not valid TensorFlow Lite: it has the operator 16387"),
      "\(fault)")
  }
}
