public import Base
public import Inference
public import ModelHub
internal import Predictions
internal import Vision

/// What a version's folder holds, ready to be compiled: a model that looks at pictures, or a network that takes tensors as
/// its file says.
public struct VersionModel: Sendable {
  private enum Kind {
    case pictures(Model)
    case tensors(network: String, why: String)
    case texts(Model, TextRecipe)
  }

  /// What it became.
  public struct Compiled: Sendable {
    public let network: CompiledNetwork
    /// `nil` where it takes tensors alone.
    public let picture: PictureModel?
  }

  private let kind: Kind
  /// `sha256:…` of everything that decides what it answers.
  public let digest: String
  /// What is sent in several rows may be answered row by row: the file does not contradict that.
  public let mayTakeRows: Bool
  /// By which tuned settings are found.
  private let networkDigest: String
  private let precision: Precision
  private let engine: EngineChoice

  /// Reads the manifest, or guesses as for a bare network; reads the network itself only where its shapes are not known yet.
  ///
  /// What is guessed never changes the tensors that callers send: a network that takes floats stays one of tensors until
  /// it has a manifest. `store` is where pulled files stand.
  public init(_ version: ModelVersion, store: String, on engine: Engine) throws(Fault) {
    guard !version.hasManifest else {
      let model = try Self.model(version, store, on: engine)
      if let words = model.manifest.words {
        kind = .texts(model, words)
      } else {
        let why = try Self.whyTensors(model, on: engine)
        kind = why.map { .tensors(network: model.networkPath, why: $0) } ?? .pictures(model)
      }
      (digest, networkDigest) = (model.digest, model.networkDigest)
      (precision, self.engine, mayTakeRows) = (model.manifest.precision, model.manifest.engine, true)
      return
    }
    let path = try version.network()
    let network = try BareNetwork(path, on: engine)
    let (inputs, outputs) = (network.shapes.inputs, network.shapes.outputs)
    // Where any number comes in and one comes out, it is a list.
    mayTakeRows =
      !inputs.contains(where: \.isOpenInFront) || outputs.allSatisfy(\.isOpenInFront)
    (precision, self.engine) = (.f32, .auto)
    networkDigest = Model.networkDigest(FileSystem.name(of: path), network.files)
    do throws(NoPicture) {
      let model = try Self.guess(network)
      (kind, digest) = (.pictures(model), model.digest)
    } catch {
      (kind, digest) = (.tensors(network: path, why: error.why), TensorModel.digest(of: network.files))
    }
  }

  /// Where it takes tensors alone: its network.
  public var tensorNetwork: String? {
    switch kind {
    case .tensors(let path, _): path
    case .texts(let model, _): model.networkPath
    case .pictures: nil
    }
  }

  /// Why it is not known how it looks at pictures; `nil` where it is.
  public var noPicture: String? {
    switch kind {
    case .tensors(_, let why): why
    case .texts: "it takes words, and not a picture"
    case .pictures: nil
    }
  }

  /// Where it takes words: its model, and how.
  public var texts: (model: Model, recipe: TextRecipe)? {
    if case .texts(let model, let words) = kind { (model, words) } else { nil }
  }

  /// The model with its recipe; `nil` where it takes tensors alone.
  public var model: Model? { if case .pictures(let model) = kind { model } else { nil } }

  /// As tuned for it on this machine, unless options or settings say how it shall run.
  public func options(_ said: LoadOptions, by settings: SettingStore?) -> LoadOptions {
    said.tuned(for: networkDigest, precision, engine, by: settings)
  }

  /// Takes the network that was cached, or reads, compiles and caches it; warm where the options say so.
  public func compile(_ options: LoadOptions, on engine: Engine) throws(Fault) -> Compiled {
    switch kind {
    case .pictures(let model):
      let picture = try PictureModel(model, options, on: engine)
      return Compiled(network: picture.network, picture: picture)
    case .texts(let model, let words):
      return Compiled(network: try TextModel(model, words, options.untuned, on: engine).network, picture: nil)
    case .tensors(let path, _):
      let cache = engine.cacheFolder
      do throws(Fault) {
        return Compiled(
          network: try TensorModel(networkAt: path, options, cache: cache, on: engine).network,
          picture: nil)
      } catch {
        // What was tuned was tuned for pictures: it is a matter of speed, and no reason to refuse.
        guard options.isTuned else { throw error }
        let plain = try TensorModel(networkAt: path, options.untuned, cache: cache, on: engine)
        return Compiled(network: plain.network, picture: nil)
      }
    }
  }

  /// Of a network whose manifest says no more than that it answers tensors, and that takes more than one, or what is no picture.
  private static func whyTensors(_ model: Model, on engine: Engine) throws(Fault) -> String? {
    guard model.recipe.task == .tensor else { return nil }
    let inputs = try BareNetwork(model.networkPath, by: model.manifest.engine, on: engine).shapes.inputs
    guard inputs.count != 1 || PictureShape(inputs) == nil else { return nil }
    return "it takes \(inputs.map(\.description).joined(separator: ", ")), and not a picture"
  }

  static func model(
    _ version: ModelVersion, _ store: String, on engine: Engine
  ) throws(Fault) -> Model {
    let model = try Model(try Manifest.read(version.path), folder: version.path, store: store)
    guard case .missing(let paths) = model.state else { return try model.identified(cache: engine.cacheFolder) }
    throw Fault(
      .notFound,
      "\(paths.joined(separator: ", ")) not here: run '\(model.command(pulling: model.name))', or put the files beside \(version.path)/\(Manifest.fileName)"
    )
  }

  private struct NoPicture: Error {
    let why: String
  }

  /// What its owner can say, and with which command.
  private static func wayOut(_ network: BareNetwork) -> String {
    "; 'ridley model add \(FileSystem.name(of: network.path))' asks what is missing and writes a manifest"
  }

  /// The network as `ridley analyze` would use it without a word, if its callers send the bytes of one picture already.
  private static func guess(_ network: BareNetwork) throws(NoPicture) -> Model {
    let (inputs, outputs) = (network.shapes.inputs, network.facts.described(network.shapes.outputs))
    let name = FileSystem.name(of: network.path)
    let shape = PictureShape(inputs)
    guard let size = shape?.size, shape?.layout == .nhwc, inputs.count == 1, inputs[0].element == .u8,
      (inputs[0].shape[0] ?? 1) == 1
    else {
      let taken = inputs.map(\.description).joined(separator: ", ")
      throw NoPicture(why: "\(name) takes \(taken), and not a picture as it is" + wayOut(network))
    }
    let recipe: Recipe
    do throws(RecipeDoubt) {
      recipe = try InferredRecipe(
        path: name, inputs: inputs, outputs: outputs, facts: network.facts, overrides: RecipeOverrides(), labels: []
      ).recipe()
    } catch { throw NoPicture(why: error.reason + wayOut(network)) }
    guard recipe.input.mean.isEmpty, recipe.input.scale.isEmpty else {
      throw NoPicture(why: "\(name) looks like one that takes other numbers than bytes" + wayOut(network))
    }
    do throws(Fault) {
      _ = try Head(recipe, outputs: outputs, network: size)
      return try Model(network: network.path, files: network.files, recipe: recipe, precision: .f32)
    } catch { throw NoPicture(why: error.message) }
  }
}
