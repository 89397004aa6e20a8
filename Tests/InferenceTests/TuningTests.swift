import Base
import Inference
import TestKit
import Testing

/// Which setting wins, from figures alone.
struct TuningTableTests {
  private static func setting(_ streams: Int, _ batch: Int, _ precision: Precision = .f32) -> Setting {
    Setting(Computation(precision), streams: streams, threads: 2, batch: batch)
  }

  private func table(_ rows: [(Setting, throughput: Double, median: Double)]) -> TuningTable {
    var table = TuningTable()
    for row in rows {
      table.add(
        LoadMeasurement(throughput: row.throughput, median: row.median, tail: row.median * 2, processor: 1), of: row.0)
    }
    return table
  }

  @Test("The frontier is what nothing of the same precision beats in both")
  func frontier() {
    let (a, b, c, d) = (Self.setting(1, 1), Self.setting(2, 1), Self.setting(2, 4), Self.setting(1, 4))
    let other = Self.setting(1, 1, .bf16)
    let table = table([(a, 100, 10), (b, 150, 12), (c, 160, 40), (d, 140, 13), (other, 300, 5)])
    #expect(table.frontier == [a, b, c, other])
  }

  @Test("Two settings that are the same in everything both stay on the frontier")
  func equals() {
    let (a, b) = (Self.setting(1, 1), Self.setting(2, 1))
    #expect(table([(a, 100, 10), (b, 100, 10)]).frontier == [a, b])
  }

  @Test("The fastest is chosen by precision, and within three percent the lower latency decides")
  func fastest() {
    let (a, b, c) = (Self.setting(2, 1), Self.setting(2, 8), Self.setting(1, 1))
    let table = table([(a, 100, 20), (b, 102, 160), (c, 90, 11), (Self.setting(1, 1, .bf16), 900, 1)])
    #expect(table.fastest(Computation(.f32))?.setting == a)
    #expect(table.quickest(Computation(.f32))?.setting == c)
    #expect(table.fastest(Computation(.bf16))?.throughput == 900)
    #expect(table.fastest(Computation(.auto)) == nil && table.quickest(Computation(.f32, by: .litert)) == nil)
  }

  @Test(
    "The automatic setting stays unless another gives a twentieth more", arguments: [(104.0, true), (106.0, false)])
  func incumbent(rival: Double, stays: Bool) {
    let (a, b) = (Self.setting(2, 1), Self.setting(1, 1))
    let table = table([(a, 100, 20), (b, rival, 10)])
    #expect(table.fastest(Computation(.f32), automatic: a)?.setting == (stays ? a : b))
    #expect(
      table.fastest(Computation(.f32), automatic: Self.setting(9, 9))?.setting == b, "what was not measured cannot stay"
    )
  }

  @Test("Neither one disturbed window nor one lucky window decides")
  func windows() {
    var table = TuningTable()
    for (throughput, median) in [(100.0, 10.0), (20, 90), (101, 11), (130, 5), (99, 12)] {
      table.add(
        LoadMeasurement(throughput: throughput, median: median, tail: median, processor: median), of: Self.setting(1, 1)
      )
    }
    #expect(table.rows.count == 1)
    #expect(table.rows[0].throughput == 101 && table.rows[0].median == 10 && table.rows[0].processor == 10)
  }

  @Test("What is far behind in both is measured no further")
  func contenders() {
    let (a, b, c) = (Self.setting(1, 1), Self.setting(2, 1), Self.setting(2, 8))
    #expect(table([(a, 60, 10), (b, 100, 20), (c, 70, 60)]).contenders == [a, b])
  }

  @Test("What is tried begins with the automatic choice and keeps to the cores", arguments: [1, 2, 6, 64])
  func candidates(cores: Int) {
    let found = Setting.candidates([Computation(.f32), Computation(.f32, by: .onnxruntime)], cores: cores)
    #expect(found[0] == .automatic(Computation(.f32), cores: cores))
    #expect(found[1] == .automatic(Computation(.f32, by: .onnxruntime), cores: cores))
    #expect(Set(found).count == found.count && found.count <= 60)
    #expect(found.allSatisfy { $0.streams <= $0.threads && $0.threads <= cores && $0.batch >= 1 })
    #expect(Set(found.map(\.batch)) == [1, 2, 4, 8])
  }
}

/// What is remembered between runs.
struct SettingStoreTests {
  private let folder = TemporaryFolder()
  private let kept = Setting(Computation(.f32), streams: 2, threads: 3, batch: 4)
  private let network = "sha256:" + String(repeating: "ab", count: 32)

  private func store(_ machine: String = "A, 2 cores") -> SettingStore {
    SettingStore(folder: folder.file("tuned"), machine: machine)
  }

  @Test("A setting is found again for its network, device, precision and machine, and for no other")
  func found() throws {
    #expect(store().find(network, device: "CPU", Computation(.f32)) == nil)
    try store().keep(kept, for: network, device: "CPU")
    #expect(store().find(network, device: "CPU", Computation(.f32)) == kept)
    #expect(store("A, 4 cores").find(network, device: "CPU", Computation(.f32)) == nil)
    #expect(store().find(network + "0", device: "CPU", Computation(.f32)) == nil)
    #expect(store().find(network, device: "GPU", Computation(.f32)) == nil)
    #expect(store().find(network, device: "CPU", Computation(.bf16)) == nil)
    #expect(store().find(network, device: "CPU", Computation(.f32, by: .openvino)) == nil)
    let better = Setting(Computation(.f32), streams: 1, threads: 1, batch: 1)
    try store().keep(better, for: network, device: "CPU")
    #expect(store().find(network, device: "CPU", Computation(.f32)) == better)
  }

  @Test("A file that is cut off, changed or moved to another network's place counts as not there")
  func damaged() throws {
    try store().keep(kept, for: network, device: "CPU")
    let path = folder.file("tuned/") + (try FileSystem.list(folder.file("tuned")))[0]
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    let broken = [
      "", "\n\n", String(text.dropLast(3)), text + "more\n", text.replacing("streams 2", with: "streams 0"),
      text.replacing("batch 4", with: "batch 99999999999999999999"), text.replacing("threads 3", with: "threads three"),
      text.replacing("ababab", with: "cdcdcd"), String(repeating: "x", count: 100_000),
    ]
    for text in broken {
      try FileSystem.write(Array(text.utf8), to: path)
      #expect(store().find(network, device: "CPU", Computation(.f32)) == nil, "\(text.prefix(400))")
    }
    try FileSystem.write(Array(text.utf8), to: path)
    #expect(store().find(network, device: "CPU", Computation(.f32)) == kept)
  }

  @Test("This machine is told by its processor, cores and engine")
  func machine() {
    #expect(SettingStore.thisMachine.contains("\(Processor.count) cores"))
    #expect(SettingStore.thisMachine.contains(Engine.version) && !Processor.name.isEmpty)
  }
}

/// Measuring a real unit.
struct LoadTests {
  @Test("A window of load counts answers and times them", arguments: [(1, 1), (2, 4)])
  func window(streams: Int, batch: Int) throws {
    let folder = TemporaryFolder()
    let network = try SumNetwork.compile(in: folder, batch: batch, streams: streams)
    try network.warmUp()
    let window = try LoadMeasurement(of: try InferenceUnit(network), network, seconds: 0.1)
    #expect(window.throughput > 100 && window.throughput.isFinite)
    #expect(window.processor > 0 && window.processor < 1000)
    #expect(window.median > 0 && window.median <= window.tail && window.tail < 1000)
  }

  @Test("A network whose inference fails is found out while it is loaded, and while it warms up")
  func failing() throws {
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    options.streams = 1
    // Zeros and noise are no shape for six numbers.
    let network = try CompiledNetwork(try engine.read(Fixture.path("shaped.onnx")), with: options, on: engine)
    #expect(throws: Fault.self) { try network.warmUp() }
    let unit = try InferenceUnit(network)
    #expect(throws: Fault.self) { _ = try LoadMeasurement(of: unit, network, seconds: 0.05) }
  }
}
