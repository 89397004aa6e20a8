import Base
import Inference
import ModelHub
import Pipelines
import Predictions
import TestKit
import Testing
import Vision

@testable import Loading

/// A folder with one network that can be guessed, one that cannot, and a model of the latter.
private struct World {
  let folder = TemporaryFolder()
  let engine: Engine

  init() throws {
    try FileSystem.makeFolder(folder.file("cache"))
    engine = try Engine(cacheFolder: folder.file("cache"))
    try ByteNetwork.write(to: folder.file("bytes"))
    try FileSystem.makeFolder(folder.file("models/sum"))
    try SumNetwork.write(to: folder.file("models/sum/net"))
    let files = try Model.files(ofNetwork: folder.file("models/sum/net.xml")).map {
      "{path: \($0.path), sha256: \($0.sha256 ?? "")}"
    }
    let manifest = """
      {name: sum, summary: Sums., license: MIT, task: detection, files: [\(files.joined(separator: ", "))],
      output: {decoder: yolox, threshold: 0.4}, labels: [a, b]}
      """
    try FileSystem.write(Array(manifest.utf8), to: folder.file("models/sum/model.yaml"))
  }

  var resolver: ModelResolver {
    ModelResolver(models: folder.file("models"), explain: { Fault(.usage, "\($0.reason): ask") }) {
      () throws(Fault) in engine
    }
  }

  func pipeline(_ text: String) throws -> PipelineResolver {
    try FileSystem.write(Array(text.utf8), to: folder.file("p.yaml"))
    return try PipelineResolver(folder.file("p.yaml"), models: folder.file("models")) { () throws(Fault) in engine }
  }
}

struct ModelResolverTests {
  @Test("A name, its folder and its path mean one model; what is said of it makes it another")
  func named() throws {
    let world = try World()
    let model = try world.resolver.find("sum")
    #expect(model.name == "sum" && model.recipe.output.threshold == 0.4)
    #expect(try world.resolver.find(world.folder.file("models/sum")).digest == model.digest)
    var overrides = RecipeOverrides()
    overrides.threshold = 0.4
    #expect(try world.resolver.find("sum", overrides).digest == model.digest, "nothing new was said")
    overrides.threshold = 0.5
    let other = try world.resolver.find("sum", overrides)
    #expect(other.digest != model.digest && other.recipe.output.threshold == 0.5 && other.labels == ["a", "b"])
    #expect(other.networkDigest == model.networkDigest, "it runs as fast as before")
    try FileSystem.write(Array("x\ny\nz\n".utf8), to: world.folder.file("labels"))
    overrides.labelFile = world.folder.file("labels")
    overrides.precision = .bf16
    let last = try world.resolver.find("sum", overrides)
    #expect(last.labels == ["x", "y", "z"] && last.manifest.precision == .bf16)
  }

  @Test("What is not there, or is for something else, is refused in the words of whoever asked")
  func refused() throws {
    let world = try World()
    let cases: [(String, Fault.Kind, String)] = [
      ("sun", .notFound, "did you mean 'sum'"), ("none.onnx", .notFound, "there is no network file none.onnx"),
      ("/none/sum", .notFound, "there is no network file /none/sum"),
    ]
    for (name, kind, words) in cases {
      let fault = try #require(throws: Fault.self) { try world.resolver.find(name) }
      #expect(fault.kind == kind && fault.message.contains(words), "\(fault)")
    }
    var overrides = RecipeOverrides()
    overrides.task = .pose
    let fault = Fault(.usage, "sum is for detection, not for pose: ask")
    #expect(throws: fault) { try world.resolver.find("sum", overrides) }
    overrides = RecipeOverrides()
    overrides.labelFile = world.folder.file("none")
    #expect(throws: Fault.self) { try world.resolver.find("sum", overrides) }
  }

  @Test("A bare network is guessed with what is said of it, and asked about where that is not enough")
  func bare() throws {
    let world = try World()
    let path = world.folder.file("bytes.xml")
    let model = try world.resolver.find(path)
    #expect(model.recipe.task == .score && model.manifest.precision == .f32 && model.isReady)
    #expect(model.manifest.files.map(\.path) == ["bytes.xml", "bytes.bin"])
    var overrides = RecipeOverrides()
    (overrides.task, overrides.decoder, overrides.precision) = (.embedding, .vector, .auto)
    let vector = try world.resolver.find(path, overrides)
    #expect(vector.recipe.output.decoder == .vector && vector.manifest.precision == .auto)
    #expect(vector.networkDigest == model.networkDigest && vector.digest != model.digest)
    let fault = try #require(throws: Fault.self) { try world.resolver.find(world.folder.file("models/sum/net.xml")) }
    #expect(fault.kind == .usage && fault.message.hasSuffix("does not tell what it is for: ask"))
    try FileSystem.write(Array("no network".utf8), to: world.folder.file("words.onnx"))
    let words = try #require(throws: Fault.self) { try world.resolver.find(world.folder.file("words.onnx")) }
    #expect(words.kind == .badInput && words.message.contains("words.onnx"))
  }

  @Test("The network itself is not read again while its files are the same")
  func shapes() throws {
    let world = try World()
    let path = world.folder.file("bytes.xml")
    let model = try world.resolver.find(path)
    let kept = try #require(FileSystem.list(world.folder.file("cache")).first { $0.hasSuffix(".shapes") })
    let whole = try FileSystem.read(world.folder.file("cache/\(kept)"))
    // The last line is the digest of those before it.
    let text = String(decoding: whole.dropLast(65), as: UTF8.self)
    // Other shapes than the file has, so that the answer shows where they come from.
    let other = text.replacing("1,1,1,1\tsum", with: "1,1000\tsum")
    #expect(other != text)
    let shapes = try #require(NetworkShapes(text: other))
    try FileSystem.write(ShapeCache.bytes(of: shapes), to: world.folder.file("cache/\(kept)"))
    #expect(try world.resolver.find(path).recipe.task == .classification)
    #expect(model.recipe.task == .score)
    try FileSystem.write(Array(other.utf8) + whole.suffix(65), to: world.folder.file("cache/\(kept)"))
    #expect(try world.resolver.find(path).recipe.task == .score, "what the disk changed is read anew")
  }

  @Test("A name that ends like a network's file is meant as one; the file of a SavedModel stands for its folder")
  func files() throws {
    let folder = TemporaryFolder()
    try FileSystem.makeFolder(folder.file("saved"))
    try FileSystem.write([1], to: folder.file("saved/saved_model.pb"))
    #expect(ModelResolver.networkFile(folder.file("saved/saved_model.pb")) == folder.file("saved"))
    #expect(ModelResolver.networkFile(folder.file("saved")) == folder.file("saved"))
    try FileSystem.write([1], to: folder.file("saved/model.yaml"))
    #expect(ModelResolver.networkFile(folder.file("saved")) == nil)
    #expect(ModelResolver.networkFile(folder.path) == nil && ModelResolver.networkFile("yolox-nano") == nil)
    #expect(ModelResolver.looksLikeNetwork("a.onnx") && !ModelResolver.looksLikeNetwork("yolox-nano"))
  }
}

struct PipelineResolverTests {
  @Test("Each step's model is found from the pipeline's folder or by its name, with what the step says of it")
  func find() throws {
    let world = try World()
    let resolver = try world.pipeline(
      "infer: [{model: sum, threshold: 0.6, iou: 0.5, precision: bf16}, {name: b, model: bytes.xml}]")
    let models = try resolver.find(mustBeHere: true)
    #expect(models.map(\.name) == ["sum", "bytes.xml"])
    #expect(models[0].recipe.output.threshold == 0.6 && models[0].recipe.output.iou == 0.5)
    #expect(models[0].manifest.precision == .bf16)
    let path = try world.pipeline("infer: ./bytes.xml").find(mustBeHere: true)
    #expect(path[0].digest == models[1].digest)
  }

  @Test("Everything that does not fit is told in one fault; a network in doubt is sent to a manifest")
  func faults() throws {
    let world = try World()
    let both = try #require(throws: Fault.self) {
      try world.pipeline("infer: [sun, {name: b, model: none.onnx}]").find(mustBeHere: true)
    }
    #expect(both.message.contains("did you mean 'sum'") && both.message.contains("there is no network file"))
    let doubt = try #require(throws: Fault.self) {
      try world.pipeline("infer: models/sum/net.xml").find(mustBeHere: true)
    }
    #expect(doubt.kind == .badInput && doubt.message.contains("p.yaml:1:8: "))
    #expect(doubt.message.contains("model.yaml") && !doubt.message.contains("--"), "\(doubt)")
    #expect(throws: Fault.self) {
      try PipelineResolver(world.folder.file("none.yaml"), models: nil) { () throws(Fault) in world.engine }
    }
  }

  @Test("A model that was not pulled yet is good enough for a look")
  func notHere() throws {
    let world = try World()
    try FileSystem.remove(world.folder.file("models/sum/net.bin"))
    let resolver = try world.pipeline("infer: sum")
    #expect(try resolver.find(mustBeHere: false).map(\.isReady) == [false])
    let fault = try #require(throws: Fault.self) { try resolver.find(mustBeHere: true) }
    #expect(fault.kind == .notFound && fault.message.contains("ridley model pull sum"))
  }
}
