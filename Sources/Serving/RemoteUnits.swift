public import Base
public import Inference

/// Where a model is computed.
public enum UnitPlace: String, Sendable, Hashable, CaseIterable {
  /// In the server.
  case local
  /// In units on other hosts, and nowhere else.
  case remote
  /// In the server while it has room, else in units; alone where there are none.
  case both
}

/// A network as units elsewhere know it.
public struct RemoteNetworkDescription: Sendable, Hashable {
  /// The model's name, for people.
  public let model: String
  /// The same words for the same answers.
  public let network: String
  /// Of one row; sides of outputs that are `nil` are known once they are there.
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]

  /// `nil` where an input's size is not known, so that nothing can be sent.
  init?(model: String, network: String, inputs: [TensorSpec], outputs: [TensorSpec], takesRows: Bool) {
    let one = { (spec: TensorSpec) in
      takesRows ? TensorSpec(name: spec.name, shape: [1] + spec.shape.dropFirst(), element: spec.element) : spec
    }
    (self.model, self.network, self.inputs, self.outputs) = (model, network, inputs.map(one), outputs.map(one))
    guard self.inputs.allSatisfy({ $0.byteCount != nil }) else { return nil }
  }
}

extension ServedVersion {
  /// What units elsewhere know it as; `nil` where its inputs cannot be sent.
  public var remoteDescription: RemoteNetworkDescription? {
    RemoteNetworkDescription(
      model: model, network: Self.remoteName(digest, precision), inputs: inputs, outputs: outputs,
      takesRows: takesRows)
  }

  /// The same for the same answers: what decides them, and what it is computed in.
  static func remoteName(_ digest: String, _ precision: String) -> String {
    "\(digest.split(separator: ":").last ?? "").\(precision)"
  }
}

/// Units on other hosts: a port.
public protocol RemoteUnits: AnyObject, Sendable {
  func network(_ description: RemoteNetworkDescription) -> any RemoteNetwork
}

/// What units that have one network can do, all of them together.
public struct RemoteRoom: Sendable, Hashable {
  /// Inferences at the same time, and inputs that they take at a time.
  public var places = 0
  public var slots = 0
  /// How many of the places were at work lately, for whichever server.
  public var busy = 0.0

  public init() {}
}

/// Those that have one network.
public protocol RemoteNetwork: AnyObject, Sendable {
  /// What there is now; nothing where there are none.
  var room: RemoteRoom { get }
  /// Seconds that one inference takes there, of late; `nil` where none was measured yet.
  var seconds: Double? { get }
  /// Why there are none.
  var absence: Fault { get }

  func makeLane() -> any RemoteLane
}
