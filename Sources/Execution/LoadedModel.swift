public import Base
public import Inference
public import Loading
internal import Media
public import ModelHub
public import Vision

/// Who answers requests to a model: a unit, or what stands for one that is made anew where it hangs.
public protocol InferenceTarget: AnyObject, Sendable {
  /// Rows in one inference, at most, and inferences at the same time.
  var batch: Int { get }
  var streams: Int { get }
  /// What there is for it elsewhere; `nil` where all of it runs in this process.
  var far: FarCapacity? { get }

  func submit(_ request: InferenceRequest) throws(AdmissionRefusal)
  func cancel(_ request: InferenceRequest)
}

extension InferenceTarget {
  public var far: FarCapacity? { nil }
}

/// What units in other processes or on other hosts have for a model.
public struct FarCapacity: Sendable, Hashable {
  /// Inferences at the same time, in all of them.
  public var places: Int
  /// How many of these were at work lately, for whichever server.
  public var busy: Double
  /// Seconds that one takes there; `nil` where none was measured yet.
  public var seconds: Double?
  /// None of it runs in this process.
  public var isAlone: Bool

  public init(places: Int, busy: Double, seconds: Double?, isAlone: Bool) {
    (self.places, self.busy, self.seconds, self.isAlone) = (places, busy, seconds, isAlone)
  }
}

extension InferenceUnit: InferenceTarget {}

/// A model that is ready to look at pictures: compiled, with its unit running.
///
/// Shared by everything that looks through it, from any thread.
public final class LoadedModel: Sendable {
  public let name: String
  /// `sha256:…` of recipe and files.
  public let digest: String
  /// That of the model as it was published, where its recipe was changed for this use.
  public let published: String?
  public let recipe: Recipe
  /// The network's input, in pixels.
  public let input: Size
  public let device: String
  /// What the device computes in.
  public let precision: String
  /// Who runs it, with its version: `OpenVINO 2026.4.1-22982`.
  public let engine: String
  /// How it runs here; `nil` where it was loaded elsewhere.
  public let setting: Setting?
  /// `ridley tune` found that.
  public let isTuned: Bool
  /// What its user should know of how it was compiled; each a sentence for a person.
  public let notes: [String]
  /// How its answers compare with those of the network's own runtime; `nil` where it was loaded elsewhere.
  public let check: NetworkCheck?
  private let runtime: EngineChoice
  let target: any InferenceTarget
  let head: Head
  let order: PixelOrder
  var interpolation: Interpolation { recipe.input.interpolation }

  /// Reads, compiles, starts and, where the options say so, warms up.
  ///
  /// - Throws: `badInput` or `unsupported` with the model's name in front.
  public convenience init(_ model: Model, options: LoadOptions = .init(), on engine: Engine) throws(Fault) {
    do {
      try self.init(model, PictureModel(model, options, on: engine), options: options)
    } catch {
      throw error.at("model \(model.name)")
    }
  }

  /// Starts one that was compiled with these options.
  public init(_ model: Model, _ picture: PictureModel, options: LoadOptions = .init()) throws(Fault) {
    (input, head, digest, published) = (picture.input, picture.head, picture.digest, model.published)
    let compiled = picture.network
    target = try InferenceUnit(compiled)
    (precision, self.engine, notes) = (compiled.precision, compiled.engine, compiled.notes)
    (runtime, check) = (compiled.runtime, compiled.checked)
    setting = Setting(
      Computation(options.precision ?? model.manifest.precision, by: options.engine ?? model.manifest.engine),
      streams: compiled.streams,
      threads: options.threads ?? Processor.count, batch: compiled.batch)
    (name, recipe, device) = (model.name, model.recipe, options.device)
    isTuned = options.isTuned
    order = PixelOrder(rawValue: model.recipe.input.color.rawValue)!
  }

  /// One that runs already.
  public init(
    name: String, digest: String, published: String? = nil, recipe: Recipe, input: Size, head: Head,
    precision: String, engine: String, device: String, target: any InferenceTarget
  ) {
    self.published = published
    (self.name, self.digest, self.recipe, self.input, self.head) = (name, digest, recipe, input, head)
    (self.precision, self.engine, self.device, self.target) = (precision, engine, device, target)
    (setting, isTuned, runtime, check) = (nil, false, .auto, nil)
    notes = []
    order = PixelOrder(rawValue: recipe.input.color.rawValue)!
  }

  /// Which values of such inputs and outputs its engine does not carry; one sentence each.
  public func limits(inputs: [TensorSpec], outputs: [TensorSpec]) -> [String] {
    runtime.carriesWholeNumbers ? [] : ValueRange.limits(inputs: inputs, outputs: outputs)
  }

  /// The model's name with its digest, as every prediction carries it.
  public var identity: String { "\(name)@\(digest)" }

  var batch: Int { target.batch }

  /// What there is for it elsewhere; `nil` where all of it runs in this process.
  public var far: FarCapacity? { target.far }

  /// Inferences that run at the same time.
  public var parallelRequests: Int { target.streams }

  /// Inputs that one source has rendered at the same time.
  ///
  /// Frames that wait keep the engine busy while the decoder works on a hard one: measured, two a stream are too few.
  var inFlight: Int { (target.streams + max(2, 3 * target.streams / target.batch)) * target.batch }

  /// The frames that it is shown at once; `nil` for one that is shown a picture.
  public var window: FrameWindow? { recipe.input.window }

  /// Bytes of one input.
  var inputBytes: Int { input.area * order.channels * (window?.length ?? 1) }

  /// Where a picture, or the region of it given in fractions, stands in the network's input.
  func placement(_ region: Rect?, of size: Size) -> Placement {
    guard let region else { return Placement(picture: size, network: input, recipe: recipe.input) }
    let (width, height) = (Double(size.width), Double(size.height))
    let pixels = Rect(
      x: region.x * width, y: region.y * height, width: max(1, region.width * width),
      height: max(1, region.height * height))
    return Placement(picture: size, region: pixels, network: input, recipe: recipe.input)
  }
}
