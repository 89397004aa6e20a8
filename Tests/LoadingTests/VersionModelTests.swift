import Base
import Inference
import ModelHub
import TestKit
import Testing

@testable import Loading

struct VersionModelTests {
  let folder = TemporaryFolder()
  let engine: Engine

  init() throws {
    try FileSystem.makeFolder(folder.file("cache"))
    engine = try Engine(cacheFolder: folder.file("cache"))
  }

  private func version(_ name: String) throws -> ModelVersion {
    try FileSystem.makeFolder(folder.file("\(name)/1"))
    return ModelVersion(model: name, version: "1", path: folder.file("\(name)/1"))
  }

  private func resolved(_ version: ModelVersion) throws -> VersionModel {
    try VersionModel(version, store: folder.file("store"), on: engine)
  }

  @Test("A bare network of bytes is what analyze takes it for, and its tensors are those of its file")
  func bytes() throws {
    let version = try version("bytes")
    try ByteNetwork.write(to: version.path + "/model")
    let found = try resolved(version)
    let model = try ModelResolver { () throws(Fault) in engine }.find(version.path + "/model.xml")
    #expect(found.model?.recipe == model.recipe && found.digest == model.digest && found.noPicture == nil)
    let tensors = try TensorModel(networkAt: version.path + "/model.xml", LoadOptions(), cache: nil, on: engine).network
    for batch in [1, 3] {
      var options = LoadOptions()
      options.batch = batch
      let made = try found.compile(options, on: engine)
      #expect(made.picture?.input == Size(width: 2, height: 2))
      #expect(made.network.inputs.map(\.name) == tensors.inputs.map(\.name))
      #expect(made.network.inputs.map(\.element) == tensors.inputs.map(\.element))
      #expect(made.network.inputs.map { $0.shape.dropFirst() } == tensors.inputs.map { $0.shape.dropFirst() })
      if batch == 1 { #expect(made.network.inputs == tensors.inputs && made.network.outputs == tensors.outputs) }
    }
  }

  @Test("A bare network of floats takes tensors alone, and it is said why")
  func floats() throws {
    let version = try version("sum")
    try SumNetwork.write(to: version.path + "/model")
    let found = try resolved(version)
    #expect(found.model == nil && found.noPicture?.hasPrefix("model.xml takes ") == true, "\(found.noPicture ?? "")")
    #expect(found.noPicture?.contains(folder.path) == false)
    let tensors = try TensorModel(networkAt: version.path + "/model.xml", LoadOptions(), cache: nil, on: engine)
    #expect(found.digest == tensors.digest)
    let made = try found.compile(LoadOptions(), on: engine)
    #expect(made.picture == nil && made.network.inputs == tensors.network.inputs)
  }

  @Test("An open first side along which a network computes is no batch: refused, or taken as one")
  func openLists() throws {
    func model(_ kind: String, _ attribute: ONNXNetwork.Message) throws -> VersionModel {
      let version = try version(kind)
      var network = ONNXNetwork()
      network.input("x", .float, [.open("n"), .fixed(3)])
      network.output("y", .float, [])
      network.node(kind, ["x"], ["y"], attributes: [attribute])
      try network.write(to: version.path + "/model.onnx")
      return try resolved(version)
    }
    let sorted = try model("Softmax", ONNXNetwork.attribute("axis", integer: 0))
    let fault = #expect(throws: Fault.self) { _ = try sorted.compile(LoadOptions(), on: engine) }
    #expect(fault?.message.contains("the first side of its inputs is open, and is no batch") == true)
    let mean = try model("ReduceMean", ONNXNetwork.attribute("axes", integers: [0]))
    _ = try mean.compile(LoadOptions(), on: engine)
    #expect(!mean.mayTakeRows)
    let rows = try model("LogSoftmax", ONNXNetwork.attribute("axis", integer: 1))
    _ = try rows.compile(LoadOptions(), on: engine)
    #expect(rows.mayTakeRows)
  }

  @Test("Tuned settings come in where nothing is said, and what does not fit tensors is left")
  func tuned() throws {
    let version = try version("sum")
    try SumNetwork.write(to: version.path + "/model")
    let found = try resolved(version)
    let store = SettingStore(folder: folder.file("tuned"))
    #expect(!found.options(LoadOptions(), by: store).isTuned)
    let files = try Model.files(ofNetwork: version.path + "/model.xml")
    let digest = Model.networkDigest("model.xml", files)
    try store.keep(Setting(Computation(.f32), streams: 1, threads: 1, batch: 2), for: digest, device: "CPU")
    let options = found.options(LoadOptions(), by: store)
    #expect(options.isTuned && options.batch == 2)
    #expect(try found.compile(options, on: engine).network.batch == 2)
    var said = LoadOptions()
    said.streams = 1
    #expect(!found.options(said, by: store).isTuned)
    #expect(options.untuned == LoadOptions())
  }

  @Test("A folder without a network, or with a manifest whose files are not here, is refused with the way out")
  func refused() throws {
    let empty = try version("empty")
    #expect(try #require(throws: Fault.self) { try resolved(empty) }.kind == .notFound)
    let missing = try version("net")
    let manifest = """
      {name: net, summary: A net., license: MIT, task: tensor, output: {decoder: raw},
      files: [{path: net.onnx, sha256: \(String(repeating: "a", count: 64))}]}
      """
    try FileSystem.write(Array(manifest.utf8), to: missing.path + "/model.yaml")
    let fault = try #require(throws: Fault.self) { try resolved(missing) }
    #expect(fault.kind == .notFound && fault.message.contains("run 'ridley model pull net'"))
  }
}
