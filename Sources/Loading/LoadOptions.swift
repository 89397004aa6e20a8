public import Base
public import Inference
public import ModelHub

/// How a model is run, apart from what it is.
public struct LoadOptions: Sendable, Hashable {
  public var device = "CPU"
  /// `nil` keeps the manifest's.
  public var precision: Precision?
  /// Who is to run it; `nil` keeps the manifest's.
  public var engine: EngineChoice?
  public var streams: Int?
  /// Threads of all streams; `nil` is one a core.
  public var threads: Int?
  /// Inputs in one inference, at most; `nil` is 1.
  public var batch: Int?
  /// These settings come from tuning.
  public private(set) var isTuned = false
  /// Takes the compiled network that an earlier run cached; else it is made anew and cached in its place.
  public var usesCache = true
  /// Runs every batch size once before it is ready, so that the first picture waits no longer than any other.
  public var isWarmed = true
  /// What does not run on a device runs on the others, or on the processor; else that is a fault.
  public var fallsBack = true

  public init() {}

  /// As tuned; who computes it, and in what precision, is the model's own affair.
  public init(_ setting: Setting, device: String) {
    (self.device, streams, threads, batch) = (device, setting.streams, setting.threads, setting.batch)
    isTuned = true
  }

  /// As if nothing had been tuned.
  public var untuned: LoadOptions {
    var options = self
    (options.streams, options.threads, options.batch, options.isTuned) = (nil, nil, nil, false)
    return options
  }

  /// The same for one of several processes that share the cores: one stream, of as many threads as it would have among others.
  ///
  /// So its answers are those of a process that has all streams.
  public var ofOneStream: LoadOptions {
    var options = self
    let streams = self.streams ?? CompileOptions.usualStreams(cores: Processor.count)
    (options.streams, options.threads) = (1, max(1, (threads ?? Processor.count) / streams))
    return options
  }

  /// As tuned for the model on this machine, unless the options say how it shall run; engine and precision stay.
  public func tuned(for model: Model, by store: SettingStore?) -> LoadOptions {
    tuned(for: model.networkDigest, model.manifest.precision, model.manifest.engine, by: store)
  }

  /// With the precision and the engine that hold where these options say none.
  func tuned(
    for network: String, _ precision: Precision, _ engine: EngineChoice, by store: SettingStore?
  ) -> LoadOptions {
    let computation = Computation(self.precision ?? precision, by: self.engine ?? engine)
    guard streams == nil, threads == nil, batch == nil,
      let setting = store?.find(network, device: device, computation)
    else { return self }
    var options = self
    (options.streams, options.threads, options.batch) = (setting.streams, setting.threads, setting.batch)
    options.isTuned = true
    return options
  }
}

extension CompileOptions {
  /// What the options ask of the engine for a model.
  init(_ options: LoadOptions, for model: Model) {
    self.init(options, precision: model.manifest.precision, engine: model.manifest.engine)
  }

  init(_ options: LoadOptions, precision: Precision, engine: EngineChoice = .auto) {
    self.init()
    (device, streams, threads, batch) = (
      options.device, options.streams, options.threads, options.batch ?? 1
    )
    self.precision = options.precision ?? precision
    self.engine = options.engine ?? engine
  }
}
