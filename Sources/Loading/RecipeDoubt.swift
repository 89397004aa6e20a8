public import Base
public import Predictions

/// Why a model cannot be used as it was named: what is known of it is too little, or what was said does not fit.
///
/// The caller knows how more can be said (an option, a line in a manifest) and adds it to the reason.
public enum RecipeDoubt: Error, Sendable, Hashable {
  /// The outputs of a network do not tell what it is for.
  case task(network: String, outputs: [TensorSpec])
  /// They can be read in several ways, and a wrong one gives nonsense.
  case decoder(network: String, outputs: [TensorSpec], task: ModelTask)
  /// The network takes floats and does not say which.
  case normalization(network: String)
  /// The model is for another task than was said.
  case otherTask(model: String, task: ModelTask, said: ModelTask)

  /// One clause for a person, without a way out.
  public var reason: String {
    switch self {
    case .task(let network, let outputs):
      "\(network) gives \(Self.list(outputs)), and that does not tell what it is for"
    case .decoder(let network, let outputs, let task):
      "\(network) gives \(Self.list(outputs)); there are several ways to read a \(task.rawValue) network"
    case .normalization(let network): "\(network) takes floats and does not say what 0 to 255 becomes"
    case .otherTask(let model, let task, let said): "\(model) is for \(task.rawValue), not for \(said.rawValue)"
    }
  }

  /// The reason alone, as a wrong use.
  public var fault: Fault { Fault(.usage, reason) }

  private static func list(_ specs: [TensorSpec]) -> String { specs.map(\.description).joined(separator: ", ") }
}
