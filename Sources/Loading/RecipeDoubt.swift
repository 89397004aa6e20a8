public import Base
public import Predictions
public import Vision

/// Why a model cannot be used as it was named: what is known of it is too little, or what was said does not fit.
///
/// The caller knows how more can be said (an option, a line in a manifest) and adds it to the reason.
public enum RecipeDoubt: Error, Sendable, Hashable {
  /// The outputs of a network can be read in several ways, or in none; a wrong one gives nonsense.
  case reading(network: String, outputs: [TensorSpec], GuessDoubt)
  /// The network takes floats and does not say which.
  case normalization(network: String)
  /// It gives characters, and those are named nowhere.
  case characters(network: String)
  /// It gives characters, and which class stands for none is said nowhere.
  case blank(network: String)
  /// The model is for another task than was said.
  case otherTask(model: String, task: ModelTask, said: ModelTask)

  /// One clause for a person, without a way out.
  public var reason: String {
    switch self {
    case .reading(let network, let outputs, let doubt): "\(network) gives \(Self.list(outputs)), \(doubt.reason)"
    case .normalization(let network): "\(network) takes floats and does not say what 0 to 255 becomes"
    case .characters(let network): "\(network) gives characters, and does not say which"
    case .blank(let network): "\(network) gives characters, and does not say which class stands for none"
    case .otherTask(let model, let task, let said): "\(model) is for \(task.rawValue), not for \(said.rawValue)"
    }
  }

  /// The reason alone, as a wrong use.
  public var fault: Fault { Fault(.usage, reason) }

  private static func list(_ specs: [TensorSpec]) -> String {
    specs.isEmpty ? "nothing" : specs.map(\.description).joined(separator: ", ")
  }
}
