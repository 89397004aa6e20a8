import Base
import Foundation
import LiteRT
import ONNXRuntime
import TestKit
import Testing

@testable import Inference

/// A runtime whose answers are one in a hundred off in one channel, in all that it runs or in what it runs quickly alone.
private final class PlantedRuntime: NetworkRuntime {
  let inner: any NetworkRuntime
  let isPlainRight: Bool
  /// It is off only where more than one row is in a batch.
  let isSingleRight: Bool
  let opened = Monitor(0)

  init(_ inner: any NetworkRuntime, isPlainRight: Bool, isSingleRight: Bool = false) {
    (self.inner, self.isPlainRight, self.isSingleRight) = (inner, isPlainRight, isSingleRight)
  }

  var choice: EngineChoice { inner.choice }
  var name: String { inner.name }
  var installedVersion: String? { inner.installedVersion }

  func open(_ path: String) throws(Fault) -> any OpenNetwork {
    opened.update { $0 += 1 }
    return Opened(try inner.open(path), isPlainRight, isSingleRight)
  }

  private final class Opened: OpenNetwork {
    let inner: any OpenNetwork
    let (isPlainRight, isSingleRight): (Bool, Bool)

    init(_ inner: any OpenNetwork, _ isPlainRight: Bool, _ isSingleRight: Bool) {
      (self.inner, self.isPlainRight, self.isSingleRight) = (inner, isPlainRight, isSingleRight)
    }

    var inputs: [TensorSpec] { inner.inputs }
    var outputs: [TensorSpec] { inner.outputs }
    var choice: EngineChoice { inner.choice }
    var engine: String { inner.engine }

    func compile(_ setting: RuntimeSetting) throws(Fault) -> [any BatchRunner] {
      let runners = try inner.compile(setting)
      return isPlainRight && setting.isPlain ? runners : runners.map { Runner($0, isSingleRight) }
    }
  }

  /// The second channel of `[1,C,...]`, or with one output `[1,...,C]`, by one in a hundred.
  private final class Runner: BatchRunner {
    let inner: any BatchRunner
    let isSingleRight: Bool

    init(_ inner: any BatchRunner, _ isSingleRight: Bool) { (self.inner, self.isSingleRight) = (inner, isSingleRight) }

    var inputs: [TensorSpec] { inner.inputs }
    var outputs: [TensorSpec] { inner.outputs }
    var batch: Int { inner.batch }

    func run(_ portions: [[SharedBytes]], rows: Int) throws(Fault) -> [BatchOutput] {
      let outputs = try inner.run(portions, rows: rows)
      if isSingleRight, rows == 1 { return outputs }
      return outputs.map { output in
        var numbers = output.bytes.pointer.withMemoryRebound(to: Float.self) { Array($0) }
        let channels = output.sides.last ?? 1
        for place in numbers.indices where place % channels == channels - 1 { numbers[place] *= 1.01 }
        return BatchOutput(sides: output.sides, bytes: SharedBytes(bytes(numbers)))
      }
    }
  }
}

/// Engines are compared with the network's own runtime before they answer.
struct CheckTests {
  private let folder = TemporaryFolder()

  /// A network of floats, as wide as `[1,2,8,4]`: something that both engines compute, with channels last.
  private func network(isOpen: Bool = false) throws -> String {
    var network = ONNXNetwork()
    let rows: ONNXNetwork.Side = isOpen ? .open("N") : .fixed(1)
    network.input("x", .float, [rows, .fixed(2), .fixed(8), .fixed(4)])
    network.output("y", .float, [rows, .fixed(2), .fixed(8), .fixed(4)])
    network.node("Sigmoid", ["x"], ["s"])
    network.node("Add", ["s", "x"], ["y"])
    try network.write(to: folder.file("n.onnx"))
    return folder.file("n.onnx")
  }

  private func load(
    _ path: String, by choice: EngineChoice, _ runtimes: [any NetworkRuntime],
    _ change: (inout CompileOptions) -> Void = { _ in }
  ) throws -> CompiledNetwork {
    let engine = try Engine(cacheFolder: folder.file("cache"), runtimes: runtimes)
    var options = CompileOptions()
    (options.streams, options.threads, options.engine) = (1, 1, choice)
    change(&options)
    return try CompiledNetwork.load(FileSystem.name(of: path) + choice.rawValue, with: options, on: engine) {
      _ throws(Fault) in try engine.read(path, by: choice)
    }
  }

  /// The TensorFlow Lite fixture answers in floats.
  private var lite: String { Checkout.path + "/Tests/Fixtures/networks/lite.tflite" }

  @Test("What both answer alike is right, and the figures say how much")
  func right() throws {
    for (path, runtime) in [(try network(), ONNXRuntime()), (lite, LiteRT())] as [(String, any NetworkRuntime)] {
      let check = try #require(try load(path, by: .auto, [runtime]).checked)
      #expect(check.verdict == .right && check.probes == 3 && check.largest < 1e-5, "\(check)")
      #expect(check.engine.hasPrefix("OpenVINO") && check.reference.hasPrefix(runtime.name))
    }
  }

  @Test("An engine that is one in a hundred off in one channel is not used: the network's own runtime answers")
  func planted() throws {
    for (path, inner) in [(try network(), ONNXRuntime()), (lite, LiteRT())] as [(String, any NetworkRuntime)] {
      let runtime = PlantedRuntime(inner, isPlainRight: false)
      let made = try load(path, by: .auto, [runtime])
      #expect(made.runtime == runtime.choice)
      let note = try #require(made.notes.first)
      #expect(note.contains("runs it, and not OpenVINO") && note.contains("of the range apart"), "\(note)")
      let fault = try #require(throws: Fault.self) { try load(path, by: .openvino, [runtime]) }
      #expect(fault.kind == .unsupported && fault.message.contains("answers otherwise than \(inner.name)"))
    }
  }

  @Test(
    "A runtime whose optimisations are one in a hundred off runs without them",
    arguments: [EngineChoice.onnxruntime, .litert])
  func plantedRuntime(choice: EngineChoice) throws {
    let (path, inner): (String, any NetworkRuntime) =
      choice == .litert ? (lite, LiteRT()) : (try network(), ONNXRuntime())
    let right = try run(try load(path, by: .openvino, [inner]), [probe(path)]).numbers(0)
    let made = try load(path, by: choice, [PlantedRuntime(inner, isPlainRight: true)])
    #expect(made.checked?.verdict == .right && made.checked?.engine.hasSuffix("without optimisations") == true)
    #expect(made.notes.contains { $0.contains("runs without \(inner.name)'s optimisations") }, "\(made.notes)")
    #expect(zip(try run(made, [probe(path)]).numbers(0), right).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("One that is off only where several rows are in a batch is found when it is to run batches")
  func batches() throws {
    let path = try network(isOpen: true)
    for (batch, isPlain) in [(1, false), (4, true)] {
      let runtime = PlantedRuntime(ONNXRuntime(), isPlainRight: true, isSingleRight: true)
      let made = try load(path, by: .onnxruntime, [runtime]) { $0.batch = batch }
      #expect(made.checked?.verdict == .right)
      #expect(made.checked?.engine.hasSuffix("without optimisations") == isPlain, "\(batch): \(made.notes)")
    }
  }

  @Test("What a comparison does not survive is used unchecked after two of them, until another version is there")
  func unended() throws {
    let path = try network()
    let mark = { (reference: String) in
      ComparisonMark(self.folder.file("cache/n.onnxonnxruntime-f32-1-onnxruntime.comparing"), reference: reference)
    }
    try FileSystem.makeFolder(folder.file("cache"))
    let version = "ONNX Runtime \(try #require(ONNXRuntime().installedVersion))"
    // The marks go with their objects, as with a process, and the file stays.
    for before in 0..<2 { #expect(mark(version)?.unended == before) }
    let check = try #require(try load(path, by: .onnxruntime, [ONNXRuntime()]).checked)
    #expect(check.verdict == .unchecked && check.reason.contains("did not end"), "\(check)")
    #expect(mark("ONNX Runtime 0.1")?.unended == 0, "of another version nothing is known")
    #expect(try load(path, by: .onnxruntime, [ONNXRuntime()]).checked?.verdict == .right)
    #expect(FileSystem.kind(of: folder.file("cache/n.onnxonnxruntime-f32-1-onnxruntime.comparing")) == nil)
    let held = try #require(mark(version))
    #expect(mark(version) == nil, "another process is at it: nothing is said of how that ends")
    held.end()
  }

  private func probe(_ path: String) -> [UInt8] {
    let engine = try? Engine(cacheFolder: nil)
    let spec = try? engine?.read(path, by: .openvino).inputs[0]
    let sides = spec?.shape.map { $0 ?? 1 } ?? []
    let count = sides.reduce(1, *)
    if spec?.element == .u8 { return (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) } }
    return bytes((0..<count).map { Float($0) / Float(count) })
  }

  @Test("It is compared once on a machine, whatever the streams, and another process believes what was found")
  func kept() throws {
    let path = try network()
    let runtime = PlantedRuntime(ONNXRuntime(), isPlainRight: false)
    _ = try load(path, by: .auto, [runtime])
    let first = runtime.opened.update { $0 }
    let again = try load(path, by: .auto, [runtime]) { $0.streams = 2 }
    #expect(again.runtime == .onnxruntime && again.notes.count == 1)
    // Once to run it, and not again to compare it.
    #expect(runtime.opened.update { $0 } == first + 1)
    let sound = PlantedRuntime(ONNXRuntime(), isPlainRight: true)
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.file("cache")) where file.hasSuffix(".check")
    {
      try Data("right\tnobody".utf8).write(to: URL(fileURLWithPath: folder.file("cache/\(file)")))
    }
    _ = try load(path, by: .auto, [sound])
    #expect(sound.opened.update { $0 } > 0, "what was kept is not what was written: compared again")
  }

  @Test("Without its own runtime a network is not checked, and is once that is installed")
  func missing() throws {
    let path = try network()
    let bare = try load(path, by: .auto, [ONNXRuntime(folders: [])])
    #expect(bare.checked?.verdict == .unchecked && bare.checked?.reason.contains("ONNX Runtime") == true)
    #expect(try load(path, by: .auto, [ONNXRuntime(folders: [])]).isFromCache)
    let checked = try load(path, by: .auto, [ONNXRuntime()])
    #expect(checked.checked?.verdict == .right && !checked.isFromCache)
    let warm = try load(path, by: .auto, [ONNXRuntime()])
    #expect(warm.isFromCache && warm.checked == checked.checked, "a warm start knows it without looking")
  }

  @Test("What was found is the same when it is read again, whatever names are in it")
  func text() throws {
    var check = NetworkCheck(.wrong, "OpenVINO 1")
    (check.reference, check.probes, check.largest, check.mean) = ("ONNX Runtime 1", 3, .infinity, 1e-9)
    (check.output, check.reason) = ("a b", "it is so")
    #expect(NetworkCheck(text: check.text) == check)
    check.output = "a\tb\nc"
    #expect(NetworkCheck(text: check.text)?.output == "a b c")
    for text in ["", "right", "right\t\t\tx\t0\t0\t\t", "sure\ta\tb\t3\t0\t0\tc\t"] {
      #expect(NetworkCheck(text: text) == nil)
    }
  }

  @Test("Differences are counted as shares of the range, of a channel's own size, and of the places")
  func differences() {
    let wide = (0..<64).map { Float($0 % 4 == 3 ? $0 : 1000 + $0) }
    let none = AnswerDifference(wide, wide, sides: [1, 16, 4])
    #expect(none.largest == 0 && none.channel == 0 && none.unequal == 0)
    var off = wide
    for place in off.indices where place % 4 == 3 { off[place] *= 1.05 }
    let small = AnswerDifference(off, wide, sides: [1, 16, 4])
    #expect(small.largest < 0.003 && small.channel > 0.03, "a small column among large ones: \(small)")
    // Scores of nothing where the other has some, beside boxes in pixels.
    var rows: [Float] = []
    for row in 0..<400 { rows += [Float(row), Float(640 - row), row % 40 == 0 ? 0.6 : 0] as [Float] }
    var blind = rows
    for place in blind.indices where place % 3 == 2 { blind[place] = 0 }
    let unseen = AnswerDifference(blind, rows, sides: [1, 400, 3])
    #expect(unseen.largest < 1e-3 && unseen.channel > 0.5, "\(unseen)")
    let numbers = NamedNumbers(name: "y", sides: [1, 400, 3], element: .f32, values: rows)
    for tolerance in [CheckTolerance.single, .half, .rounded, .brief] {
      #expect(!tolerance.takes(unseen, of: numbers, apart: nil))
    }
    let lost = AnswerDifference([1], [1, 2], sides: [1])
    #expect(!CheckTolerance.rounded.takes(lost, of: numbers, apart: lost), "endless disagreement excuses nothing")
    #expect(AnswerDifference([1, 2], [1, 2, 3], sides: [2]).largest.isInfinite)
    #expect(AnswerDifference([1, .nan], [1, .nan], sides: [2]).largest == 0)
    #expect(AnswerDifference([1, .nan], [1, 2], sides: [2]).largest.isInfinite)
    #expect(AnswerDifference([.infinity], [.infinity], sides: [1]).largest == 0)
    #expect(AnswerDifference([0], [.infinity], sides: [1]).largest.isInfinite)
    #expect(AnswerDifference([1e-9], [2e-9], sides: [1]).largest < 1e-6, "next to nothing")
  }
}
