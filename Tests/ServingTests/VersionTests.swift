import Base
import Inference
import Loading
import ModelHub
import Predictions
import Serving
import TestKit
import Testing
import Vision

/// How versions are run, and what is made of networks without a manifest.
struct VersionTests {
  let folder = TemporaryFolder()

  private func models(_ change: (inout ModelRepository.Options) -> Void = { _ in }) throws -> ModelRepository {
    for name in ["bytes", "sum"] { try FileSystem.makeFolder(folder.file("models/\(name)/1")) }
    try ByteNetwork.write(to: folder.file("models/bytes/1/model"))
    try SumNetwork.write(to: folder.file("models/sum/1/model"))
    var options = ModelRepository.Options(folder: folder.file("models"), store: folder.file("store"))
    change(&options)
    try FileSystem.makeFolder(folder.file("cache"))
    let models = try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    return models
  }

  @Test("A bare network that takes the bytes of a picture is guessed; one that takes floats is not, and says why")
  func guessed() throws {
    let models = try models()
    let (bytes, sum) = try (models.find("bytes"), models.find("sum"))
    #expect(bytes.picture?.recipe.task == .score && bytes.noPicture == nil)
    #expect(bytes.inputs == [TensorSpec(name: "in", shape: [nil, 2, 2, 3], element: .u8)])
    #expect(sum.picture == nil && sum.noPicture?.contains("not a picture as it is") == true)
    #expect(sum.inputs == [TensorSpec(name: "in", shape: [nil, 2, 2, 3], element: .f32)])
    #expect(sum.blindness.message.contains("'sum' has no manifest, and model.xml takes "))
    #expect(!sum.blindness.message.contains(folder.path))
    try models.load("bytes")
    #expect(try models.find("bytes").digest == bytes.digest, "what did not change is loaded again")
  }

  @Test("A network of several tensors is served as one, with a manifest that says no more of it")
  func several() throws {
    try FileSystem.makeFolder(folder.file("models/both/1"))
    let network = try FileSystem.read(Checkout.path + "/Tests/Fixtures/networks/arithmetic-f32.onnx")
    try FileSystem.write(network, to: folder.file("models/both/1/both.onnx"))
    let manifest = """
      name: both
      summary: Adds.
      license: MIT
      task: tensor
      files: [{path: both.onnx}]
      output: {decoder: raw}
      """
    try FileSystem.write(Array(manifest.utf8), to: folder.file("models/both/1/model.yaml"))
    let both = try models().find("both")
    #expect(both.inputs.count == 2 && both.picture == nil && both.noPicture?.contains("and not a picture") == true)
  }

  @Test("What was tuned holds where nothing is said of streams and batch, for all models or for one")
  func tuned() throws {
    let store = SettingStore(folder: folder.file("tuned"))
    _ = try models()
    for name in ["bytes", "sum"] {
      let files = try Model.files(ofNetwork: folder.file("models/\(name)/1/model.xml"))
      try store.keep(
        Setting(Computation(.f32), streams: 1, threads: 1, batch: 3), for: Model.networkDigest("model.xml", files),
        device: "CPU")
    }
    let tuned = try models { $0.settings = store }
    for name in ["bytes", "sum"] {
      let served = try tuned.find(name)
      #expect(served.isTuned && served.batch == 3 && served.streams == 1, "\(name)")
    }
    let said = try models {
      $0.settings = store
      var own = LoadOptions()
      own.batch = 2
      $0.loadOf["sum"] = own
    }
    #expect(try said.find("bytes").isTuned && !said.find("sum").isTuned && said.find("sum").batch == 2)
    let all = try models {
      $0.settings = store
      $0.load.streams = 1
    }
    #expect(try !all.find("bytes").isTuned && all.find("bytes").batch == 1)
  }
}
