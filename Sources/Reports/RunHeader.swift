public import Predictions

/// What was run and how: the part of a report that is the same for every file of a run.
public struct RunHeader: Sendable, Hashable {
  public var modelName: String
  /// `sha256:` and 64 hexadecimal digits.
  public var modelDigest: String
  public var task: ModelTask
  /// Labels in the model's own order; the order decides their colours.
  public var labels: [String] = []
  /// Numbers that the network computes with, such as `f32` or `int8`.
  public var precision = ""
  /// The engine and its version, as a person would say it.
  public var engine = ""
  public var device = ""
  public var ridleyVersion = ""
  /// Which frames were analysed, such as `every frame` or `5 frames a second`.
  public var sampling = ""
  /// What the network is given, such as `416x416 rgb, letterbox`.
  public var networkInput = ""
  /// `sha256:` and 64 hexadecimal digits; empty where it is not known.
  public var pipelineDigest = ""
  /// Every model of a pipeline as predictions name it, by the step that asks it; empty for a single model.
  public var models: [String] = []
  /// Predictions may tell of tracks and of changes, and tables have columns for them.
  public var tellsTracks = false
  /// When the run began, in ISO 8601; the caller reads the clock.
  public var started = ""

  public init(modelName: String, modelDigest: String, task: ModelTask) {
    (self.modelName, self.modelDigest, self.task) = (modelName, modelDigest, task)
  }

  /// The model as every prediction names it: `name@sha256:…`.
  public var model: String { "\(modelName)@\(modelDigest)" }

  /// The model that a prediction comes from.
  public func model(of prediction: Prediction) -> String {
    models.indices.contains(prediction.step) ? models[prediction.step] : model
  }
}
