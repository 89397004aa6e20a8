public import Base
public import Inference
public import Loading
internal import Media
public import ModelHub
public import Vision

/// A model that is ready to look at pictures: compiled, with its unit running.
///
/// Shared by every file of a run, from any thread.
public final class LoadedModel: Sendable {
  public typealias Options = LoadOptions

  public let name: String
  /// `sha256:…` of recipe and files.
  public let digest: String
  public let recipe: Recipe
  /// The network's input, in pixels.
  public let input: Size
  public let device: String
  /// What the device computes in.
  public let precision: String
  /// How it runs here.
  public let setting: Setting
  /// `ridley tune` found that.
  public let isTuned: Bool
  let unit: InferenceUnit
  let head: Head
  let order: PixelOrder

  /// Reads, compiles, starts and, where the options say so, warms up.
  ///
  /// - Throws: `badInput` or `unsupported` with the model's name in front.
  public init(_ model: Model, options: Options = .init(), on engine: Engine) throws(Fault) {
    do {
      let picture = try PictureModel(model, options, on: engine)
      (input, head) = (picture.input, picture.head)
      let compiled = picture.network
      // Frames that wait keep the engine busy while the decoder works on a hard one: measured, two a stream are too few.
      unit = try InferenceUnit(compiled, spare: max(2, 3 * compiled.streams / compiled.batch))
      precision = compiled.precision
      setting = Setting(
        precision: options.precision ?? CompileOptions.Precision(of: model), streams: compiled.streams,
        threads: options.threads ?? Processor.count, batch: compiled.batch)
    } catch {
      throw error.at("model \(model.name)")
    }
    (name, digest, recipe, device) = (model.name, model.digest, model.recipe, options.device)
    isTuned = options.isTuned
    order = PixelOrder(rawValue: model.recipe.input.color.rawValue)!
  }

  /// The model's name with its digest, as every prediction carries it.
  public var identity: String { "\(name)@\(digest)" }
}
