import Base
import Inference
import TestKit
import Testing

/// Every format on networks of our own; `Fixtures/networks/README.md` says what they compute.
struct FormatTests {
  /// A file, where its channels stand, and how far from Paddle's answer it may be.
  static let files: [(name: String, channelsFirst: Bool, tolerance: Float)] = [
    ("paddle.pdmodel", true, 1e-5), ("nchw.onnx", true, 1e-5), ("nhwc.onnx", false, 1e-5), ("batch16.onnx", true, 1e-5),
    ("open.onnx", true, 1e-5), ("ir-f32.xml", true, 1e-5), ("ir-f16.xml", true, 1e-3), ("lite.tflite", false, 1e-5),
    ("frozen.pb", false, 1e-5), ("rankless.pb", false, 1e-5), ("saved_model", false, 1e-5),
  ]

  @Test("A network of any format answers to bytes like Paddle, alone and in batches", arguments: files, [1, 3])
  func pictures(_ file: (name: String, channelsFirst: Bool, tolerance: Float), batch: Int) throws {
    let engine = try Engine(cacheFolder: nil)
    let options = Fixture.options(channelsFirst: file.channelsFirst, batch: batch)
    let network = try CompiledNetwork(try engine.read(Fixture.path(file.name)), with: options, on: engine)
    #expect(network.inputs.map(\.shape) == [[batch == 1 ? 1 : nil, 32, 32, 3]])
    let unit = try InferenceUnit(network)
    let expected = try Fixture.rows("expected.txt")
    let answers = Monitor<[Int: Result<Answer, Fault>]>([:])
    for number in 0..<8 {
      try submit(unit, tensors: [Fixture.picture(number % 2)]) { answer in answers.update { $0[number] = answer } }
    }
    unit.drain()
    for (number, answer) in answers.update({ $0 }) {
      let found = try answer.get()
      #expect(found.specs[0].shape == [1, 4])
      #expect(isNear(found.values[0], expected[number % 2], within: file.tolerance), "\(found.values[0])")
    }
  }

  @Test(
    "Floats go in as they are, and different inputs give different answers",
    arguments: ["paddle.pdmodel", "nchw.onnx", "ir-f32.xml", "open.onnx"])
  func floats(_ name: String) throws {
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    options.streams = 1
    // A size that the file leaves open is settled with the picture's, so only there bytes are the way in.
    guard name != "open.onnx" else {
      let fault = #expect(throws: Fault.self) {
        _ = try CompiledNetwork(try engine.read(Fixture.path(name)), with: options, on: engine)
      }
      #expect(try #require(fault).message.contains("say its width and height"))
      return
    }
    let network = try CompiledNetwork(try engine.read(Fixture.path(name)), with: options, on: engine)
    #expect(network.inputs.map(\.shape) == [[1, 3, 32, 32]])
    #expect(network.outputs.map(\.shape) == [[1, 4]])
    let unit = try InferenceUnit(network)
    let answers = try [0, 1].map { try infer(unit, tensors: [Fixture.tensor($0)]).values[0] }
    let expected = try Fixture.rows("expected.txt")
    #expect(isNear(answers[0], expected[0]) && isNear(answers[1], expected[1]), "\(answers)")
    #expect(!isNear(answers[0], answers[1], within: 0.1))
  }

  @Test("A network of open size takes the size it is given")
  func openSize() throws {
    let engine = try Engine(cacheFolder: nil)
    let options = Fixture.options(channelsFirst: true, width: 48, height: 24)
    let network = try CompiledNetwork(try engine.read(Fixture.path("open.onnx")), with: options, on: engine)
    let found = try infer(try InferenceUnit(network), tensors: [Fixture.picture(0, width: 48, height: 24)]).values[0]
    #expect(isNear(found, try Fixture.rows("wide.txt")[0]), "\(found)")
  }

  @Test("A fixed batch is one input without a picture, and can be cut into smaller batches", arguments: [1, 5])
  func fixedBatch(_ batch: Int) throws {
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    (options.streams, options.batch) = (1, batch)
    let network = try CompiledNetwork(try engine.read(Fixture.path("batch16.onnx")), with: options, on: engine)
    #expect(network.inputs.map(\.shape) == [[batch == 1 ? 16 : nil, 3, 32, 32]])
    let unit = try InferenceUnit(network)
    let rows = batch == 1 ? (0..<16).map { $0 % 2 } : [1]
    let found = try infer(unit, tensors: [rows.flatMap { Fixture.tensor($0) }])
    let expected = try Fixture.rows("expected.txt")
    #expect(isNear(found.values[0], rows.flatMap { expected[$0] }), "\(found.values[0])")
  }

  @Test("Paddle without its weights is refused, and the sentence names them")
  func noWeights() throws {
    let folder = TemporaryFolder()
    try FileSystem.write(try FileSystem.read(Fixture.path("paddle.pdmodel")), to: folder.file("alone.pdmodel"))
    let engine = try Engine(cacheFolder: nil)
    let fault = try #require(#expect(throws: Fault.self) { _ = try engine.read(folder.file("alone.pdmodel")) })
    #expect(fault.kind == .notFound && fault.message.contains(".pdiparams"), "\(fault)")
  }

  @Test(
    "A compiled network is found in the cache folder, which stays as it is, and answers the same",
    arguments: ["paddle.pdmodel", "nchw.onnx", "ir-f32.xml", "lite.tflite"])
  func cache(_ name: String) throws {
    let folder = TemporaryFolder()
    let cacheFolder = folder.file("compiled")
    func answer() throws -> [Float] {
      let engine = try Engine(cacheFolder: cacheFolder)
      let options = Fixture.options(channelsFirst: name != "lite.tflite")
      let network = try CompiledNetwork.load("n", with: options, on: engine) { _ throws(Fault) in
        try engine.read(Fixture.path(name))
      }
      return try infer(try InferenceUnit(network), tensors: [Fixture.picture(1)]).values[0]
    }
    let first = try answer()
    let kept = try contents(of: cacheFolder)
    #expect(kept.contains { $0.key.hasSuffix(".blob") && !$0.value.isEmpty }, "\(kept.keys)")
    #expect(try answer() == first)
    #expect(try contents(of: cacheFolder) == kept)
    #expect(isNear(first, try Fixture.rows("expected.txt")[1]))
  }

  @Test("A cache that is damaged or cannot be written stops nobody")
  func badCache() throws {
    let folder = TemporaryFolder()
    func answer(_ cacheFolder: String) throws -> [Float] {
      let engine = try Engine(cacheFolder: cacheFolder)
      let options = Fixture.options(channelsFirst: true)
      let network = try CompiledNetwork.load("n", with: options, on: engine) { _ throws(Fault) in
        try engine.read(Fixture.path("nchw.onnx"))
      }
      return try infer(try InferenceUnit(network), tensors: [Fixture.picture(1)]).values[0]
    }
    let expected = try Fixture.rows("expected.txt")[1]
    let kept = folder.file("kept")
    #expect(isNear(try answer(kept), expected))
    for name in try FileSystem.list(kept) {
      let bytes = try FileSystem.read(kept + "/" + name)
      for broken in [Array(bytes.prefix(bytes.count / 2)), [], Array("words".utf8)] {
        try FileSystem.write(broken, to: kept + "/" + name)
        #expect(isNear(try answer(kept), expected), "\(broken.count) bytes")
      }
    }
    try FileSystem.write([1], to: folder.file("file"))
    #expect(isNear(try answer(folder.file("file") + "/below"), expected))
    #expect(isNear(try answer("/proc/none"), expected))
    #expect(isNear(try answer("/proc"), expected), "a folder that is there, and that not even root can write to")
  }

  private func contents(of folder: String) throws -> [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: try FileSystem.list(folder).map { ($0, try FileSystem.read(folder + "/" + $0)) })
  }
}

/// Networks that go wrong while they run, or in a batch.
struct OddNetworkTests {
  @Test("An inference that fails says so, and the next one on the same unit answers, in a shape of its own")
  func failsBetween() throws {
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    options.streams = 1
    let unit = try InferenceUnit(
      try CompiledNetwork(try engine.read(Fixture.path("shaped.onnx")), with: options, on: engine))
    func shape(_ rows: Int64, _ columns: Int64) throws -> Answer {
      let answer = Monitor<Result<Answer, Fault>?>(nil)
      try unit.submit { (place) throws(Fault) in
        try place.write(input: 0) { (span) throws(Fault) in
          for index in 0..<6 { span.storeBytes(of: Float(index), toByteOffset: index * 4, as: Float.self) }
        }
        try place.write(input: 1) { (span) throws(Fault) in
          span.storeBytes(of: rows, toByteOffset: 0, as: Int64.self)
          span.storeBytes(of: columns, toByteOffset: 8, as: Int64.self)
        }
      } done: { result in
        let copied = result.map { Answer($0) }
        answer.update { $0 = copied }
      }
      return try answer.wait(for: "an answer") { $0 }.get()
    }
    for (rows, columns) in [(2, 3), (6, 1), (4, 4), (1, 6), (5, 5), (3, 2)] as [(Int64, Int64)] {
      if rows * columns == 6 {
        let answer = try shape(rows, columns)
        #expect(answer.specs[0].shape == [Int(rows), Int(columns)])
        #expect(answer.values[0] == [0, 1, 2, 3, 4, 5])
      } else {
        let fault = #expect(throws: Fault.self) { _ = try shape(rows, columns) }
        #expect(fault?.kind == .unavailable)
      }
    }
  }

  @Test("An output that is not one row an input is answered alone and refused in batches", arguments: [1, 4])
  func mixedRows(batch: Int) throws {
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    (options.streams, options.batch) = (1, batch)
    let unit = try InferenceUnit(
      try CompiledNetwork(try engine.read(Fixture.path("found.onnx")), with: options, on: engine))
    for values: [Float] in [[0, 5, 7], [0, 0, 0], [1, 1, 1]] {
      if batch == 1 {
        let found = try infer(unit, tensors: [values])
        let places = values.indices.filter { values[$0] != 0 }
        #expect(found.specs[0].shape == [places.count, 2])
        #expect(found.values[0] == places.flatMap { [0, Float($0)] })
      } else {
        let fault = #expect(throws: Fault.self) { _ = try infer(unit, tensors: [values]) }
        #expect(try #require(fault).message.contains("run this network with batch 1"))
      }
    }
  }

  @Test("Networks that are refused at the same time keep their own reasons")
  func ownReasons() throws {
    let folder = TemporaryFolder()
    let engine = try Engine(cacheFolder: nil)
    try FileSystem.write(try FileSystem.read(Fixture.path("paddle.pdmodel")), to: folder.file("alone.pdmodel"))
    try FileSystem.write(Array("just words\n".utf8), to: folder.file("text.onnx"))
    let wrong = Monitor(0)
    let cases = [("alone.pdmodel", ".pdiparams"), ("text.onnx", "not a network file")]
    let workers = cases.map { (name, words) in
      NativeThread {
        for _ in 0..<1000 {
          do throws(Fault) { _ = try engine.read(folder.file(name)) } catch {
            if !error.message.contains(words) { wrong.update { $0 += 1 } }
          }
        }
      }
    }
    for worker in workers { worker.join() }
    #expect(wrong.update { $0 } == 0)
  }
}

/// Two inputs, two outputs, of every type that numbers come in.
struct TypeTests {
  @Test("Each type of number goes in and comes out, alone and in batches", arguments: [1, 4])
  func everyType(batch: Int) throws {
    try check("u8", batch) { UInt8($0) }
    try check("i8", batch) { Int8($0) }
    try check("i32", batch) { Int32($0) }
    try check("i64", batch) { Int64($0) }
    try check("f32", batch) { Float($0) }
    try check("f16", batch) { half($0) }
  }

  @Test("Arithmetic with bytes, which the engine does not let wrap, is refused by its name")
  func bytes() throws {
    let folder = TemporaryFolder()
    for (type, element) in [("u8", ONNXNetwork.Element.uint8), ("i8", .int8)] {
      var network = ONNXNetwork()
      network.opset = 17
      for name in ["a", "b"] { network.input(name, element, [.fixed(1), .fixed(3)]) }
      network.output("y", element, [])
      network.node("Sub", ["a", "b"], ["y"])
      try network.write(to: folder.file("n.onnx"))
      let engine = try Engine(cacheFolder: nil)
      let fault = #expect(throws: Fault.self) {
        _ = try CompiledNetwork(try engine.read(folder.file("n.onnx")), with: CompileOptions(), on: engine)
      }
      #expect(
        fault?.message.contains("the network uses Subtract of \(type) (y)") == true, "\(fault?.message ?? "none")")
    }
  }

  /// Small whole numbers are exact in every type.
  private func check<Number: BitwiseCopyable & Sendable>(
    _ type: String, _ batch: Int, _ convert: (Int) -> Number
  ) throws {
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    (options.streams, options.batch) = (1, batch)
    let network = try CompiledNetwork(
      try engine.read(Fixture.path("arithmetic-\(type).onnx")), with: options, on: engine)
    #expect(network.inputs.map(\.name) == ["a", "b"])
    #expect(network.outputs.map(\.name) == ["sum", "product"])
    let unit = try InferenceUnit(network)
    let answers = Monitor<[Int: Result<Answer, Fault>]>([:])
    func numbers(_ asker: Int) -> (a: [Int], b: [Int]) { ([asker, 2, 3], [7, asker, 5]) }
    for asker in 0..<10 {
      let (a, b) = numbers(asker)
      try submit(unit, tensors: [a.map(convert), b.map(convert)]) { answer in answers.update { $0[asker] = answer } }
    }
    unit.drain()
    for (asker, answer) in answers.update({ $0 }) {
      let found = try answer.get()
      let (a, b) = numbers(asker)
      #expect(found.specs.map(\.shape) == [[1, 3], [1, 3]])
      #expect(found.values[0] == zip(a, b).map { Float($0 + $1) }, "\(type), batch \(batch), asker \(asker)")
      #expect(found.values[1] == zip(a, b).map { Float($0 * $1) }, "\(type), batch \(batch), asker \(asker)")
    }
  }

  /// IEEE 754 half precision of a small whole number.
  private func half(_ number: Int) -> UInt16 {
    guard number > 0 else { return 0 }
    let power = Int.bitWidth - 1 - number.leadingZeroBitCount
    return UInt16((power + 15) << 10 | (number << (10 - power)) & 0x3ff)
  }
}
