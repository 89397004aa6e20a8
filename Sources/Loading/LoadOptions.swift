public import Base
public import Inference
internal import ModelHub

/// How a model is run, apart from what it is.
public struct LoadOptions: Sendable, Hashable {
  public var device = "CPU"
  /// `nil` keeps the manifest's.
  public var precision: Precision?
  public var streams: Int?
  /// Threads of all streams; `nil` is one a core.
  public var threads: Int?
  public var batch = 1
  /// These settings come from tuning.
  public private(set) var isTuned = false
  /// Takes the compiled network that an earlier run kept; else it is made anew and kept in its place.
  public var trustsKept = true
  /// Runs every batch size once before it is ready, so that the first picture waits no longer than any other.
  public var isWarmed = true

  public init() {}

  /// As tuned; the precision is the model's own affair.
  public init(_ setting: Setting, device: String) {
    (self.device, streams, threads, batch) = (device, setting.streams, setting.threads, setting.batch)
    isTuned = true
  }
}

extension CompileOptions {
  /// What the options ask of the engine for a model.
  init(_ options: LoadOptions, for model: Model) {
    self.init(options, precision: model.manifest.precision)
  }

  init(_ options: LoadOptions, precision: Precision) {
    self.init()
    (device, streams, threads, batch) = (options.device, options.streams, options.threads, options.batch)
    self.precision = options.precision ?? precision
  }
}
