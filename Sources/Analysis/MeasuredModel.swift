public import Base
public import Inference
internal import Loading
public import ModelHub

/// A model's network under one setting, warm and ready to be loaded with work.
public struct MeasuredModel {
  private let network: CompiledNetwork
  private let unit: InferenceUnit

  /// - Throws: `unsupported` where the network does not run so, or the device does not compute in that precision.
  public init(_ model: Model, _ setting: Setting, device: String, on engine: Engine) throws(Fault) {
    var options = LoadOptions(setting, device: device)
    (options.precision, options.engine) = (setting.computation.precision, setting.computation.engine)
    // The figures of another device would be told as those of this one.
    options.fallsBack = false
    network = try PictureModel.compile(model, options, on: engine).network
    guard setting.computation.precision != .bf16 || network.precision == "bf16" else {
      throw Fault(.unsupported, "the device does not compute in bf16")
    }
    try network.warmUp()
    unit = try InferenceUnit(network)
  }

  /// Who runs it.
  public var engine: EngineChoice { network.runtime }

  /// What it does under load for about so many seconds; `beat` is called after every inference, from any thread.
  public func measure(seconds: Double, beat: @escaping @Sendable () -> Void) throws(Fault) -> LoadMeasurement {
    try LoadMeasurement(of: unit, network, seconds: seconds, beat: beat)
  }
}
