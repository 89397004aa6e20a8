public import Base
public import Inference
public import ModelHub
internal import Predictions
internal import Vision

/// Finds the model that a text names: a network file, a folder with a manifest, or a name in the hub.
///
/// Looks at the disk with every call; a network without a manifest is read once and its shapes are kept.
public struct ModelResolver {
  private let models: String?
  private let cache: String?
  private let engine: () throws(Fault) -> Engine
  let explain: (RecipeDoubt) -> Fault

  /// `models` is a folder that is looked through first; digests of files are kept in `cache`, a folder that is there; the engine is asked for only where a network has no manifest; and
  /// `explain` adds to a doubt how it is settled where the name came from.
  public init(
    models: String? = nil, cache: String? = nil, explain: @escaping (RecipeDoubt) -> Fault = { $0.fault },
    engine: @escaping () throws(Fault) -> Engine
  ) {
    (self.models, self.cache, self.explain, self.engine) = (models, cache, explain, engine)
  }

  /// The model with what is said of it; `mustBeHere` refuses one whose files were not pulled.
  ///
  /// Files that are here are compared with the manifest.
  public func find(
    _ name: String, _ overrides: RecipeOverrides = RecipeOverrides(), mustBeHere: Bool = true
  ) throws(Fault) -> Model {
    if let file = Self.networkFile(name) { return try bare(file, overrides) }
    return try named(name, overrides, mustBeHere: mustBeHere)
  }

  private func named(_ name: String, _ overrides: RecipeOverrides, mustBeHere: Bool) throws(Fault) -> Model {
    if FileSystem.kind(of: name) == nil, name.contains("/") || Self.looksLikeNetwork(name) {
      throw Fault(.notFound, "there is no network file \(name)")
    }
    let hub = try Hub.standard(models: models)
    var model = try mustBeHere ? hub.find(name) : hub.look(name)
    if model.isReady { model = try model.identified(cache: cache) }
    if let task = overrides.task, task != model.recipe.task {
      throw explain(.otherTask(model: name, task: model.recipe.task, said: task))
    }
    let said = try model.with(overrides)
    try overrides.check(said.recipe)
    return said
  }

  /// A network without a manifest: what it is, is guessed from its shapes; what cannot be guessed is asked for.
  private func bare(_ path: String, _ overrides: RecipeOverrides) throws(Fault) -> Model {
    let engine = try engine()
    let network = try BareNetwork(path, by: overrides.engine ?? .auto, on: engine)
    let labels = try overrides.labels() ?? []
    let recipe: Recipe
    do throws(RecipeDoubt) { recipe = try network.recipe(overrides, labels: labels) } catch {
      // Questions about what cannot run lead nowhere.
      if let defect = try Self.read(path, by: overrides.engine ?? .auto, on: engine).defect { throw defect }
      throw explain(error)
    }
    try overrides.check(recipe)
    return try Model(
      network: path, files: network.files, recipe: recipe, precision: overrides.precision ?? .f32,
      engine: overrides.engine ?? .auto)
  }

  /// What the engine opens where `name` is a bare network: the file, or the folder of a SavedModel; `nil` for other names.
  public static func networkFile(_ name: String) -> String? {
    let isFile = FileSystem.kind(of: name) == .file
    // The file of a SavedModel is half of it.
    if isFile, FileSystem.name(of: name) == "saved_model.pb" { return FileSystem.folder(of: name) }
    // One that stands beside its manifest, as a version of a registry is laid out, is what that says.
    let isSaved = FileSystem.kind(of: name + "/saved_model.pb") == .file
    return isFile || isSaved && FileSystem.kind(of: "\(name)/\(Manifest.fileName)") != .file ? name : nil
  }

  /// A name that can only be meant as a file.
  public static func looksLikeNetwork(_ name: String) -> Bool {
    [".onnx", ".tflite", ".xml", ".pb", ".pdmodel"].contains { name.hasSuffix($0) }
  }

  /// Reads a network; faults carry its path.
  public static func read(
    _ path: String, by choice: EngineChoice = .auto, on engine: Engine
  ) throws(Fault) -> Network {
    do { return try engine.read(path, by: choice) } catch {
      throw error.message.contains(path) ? error : error.at(path)
    }
  }
}

extension Model {
  /// The model with what is said of it.
  public func with(_ overrides: RecipeOverrides) throws(Fault) -> Model {
    var manifest = manifest
    manifest.recipe = recipe
    overrides.apply(to: &manifest.recipe, labels: try overrides.labels())
    guard manifest.recipe != recipe || overrides.precision != nil || overrides.engine != nil else { return self }
    manifest.labels = .list(manifest.recipe.labels)
    manifest.precision = overrides.precision ?? manifest.precision
    manifest.engine = overrides.engine ?? manifest.engine
    return changed(to: manifest)
  }
}
