public import Base
public import Crypto
internal import Items

/// What a node accepts, decided before anything is fetched.
public struct BundleGate: Sendable {
  /// The node's name, as it enrolled by it.
  public let node: String
  /// The public keys that were pinned when the node enrolled.
  public let keys: [Ed25519.PublicKey]
  /// How the centre that it enrolled with is known: SHA-256 of the keys of its door, as hexadecimal digits.
  public let centres: [String]
  /// As ELF names it.
  public let architecture: String
  /// The schema of libraries of the program that runs.
  public let schema: Int
  /// Something starts the program again when it ends, so that another one may take over.
  public let isStartedAgain: Bool
  /// The node's pipelines are those of bundles, and no folder of its own.
  public let takesPipelines: Bool
  /// The node serves what aliases of its library's registry point to.
  public let takesModels: Bool

  public init(
    node: String, keys: [Ed25519.PublicKey], centres: [String], architecture: String, schema: Int, isStartedAgain: Bool,
    takesPipelines: Bool, takesModels: Bool
  ) {
    self.node = node
    (self.keys, self.centres, self.architecture, self.schema) = (keys, centres, architecture, schema)
    (self.isStartedAgain, self.takesPipelines, self.takesModels) = (isStartedAgain, takesPipelines, takesModels)
  }

  /// The bundle, where this node may take it after those up to `highest`, with `trial` still on trial.
  ///
  /// - Throws: `denied` where it is unsigned, changed, or of others; `conflict` where it is no newer than what was taken, or does not say all that the
  ///   one on trial says; `unsupported` where this node cannot have it, with what to do.
  public func admit(_ signed: SignedBundle, after highest: Int, trial: Bundle? = nil) throws(Fault) -> Bundle {
    let bundle = try signed.bundle(trusting: keys)
    guard centres.contains(where: { $0.hasSameBytes(as: bundle.centre) }) else {
      throw Fault(.denied, "the bundle is of another centre than the one that this node enrolled with")
    }
    if case .node(let name) = bundle.target, !name.hasSameBytes(as: node) {
      throw Fault(.denied, "the bundle was signed for the node '\(name)', and this one is '\(node)'")
    }
    guard bundle.version > highest else {
      throw Fault(
        .conflict, "the bundle has the version \(bundle.version), and this node took version \(highest) already")
    }
    if let trial, !bundle.parts.isSuperset(of: trial.parts) {
      throw Fault(
        .conflict,
        "update \(bundle.version) waits until the trial of update \(trial.version) has ended, since it does not say all that that one says"
      )
    }
    guard takesModels || bundle.models.isEmpty else {
      throw Fault(
        .unsupported, "the bundle has models, and this node serves a folder of its own: start it with --registry")
    }
    guard takesPipelines || bundle.pipelines == nil else {
      throw Fault(
        .unsupported,
        "the bundle has pipelines, and this node serves a folder of its own: leave --pipelines, and 'pipelines' in its configuration, away"
      )
    }
    if let program = bundle.program { try admit(program) }
    return bundle
  }

  private func admit(_ program: Bundle.Program) throws(Fault) {
    guard program.architecture == architecture else {
      throw Fault(
        .unsupported, "the bundle's program is for \(program.architecture), and this node is \(architecture)")
    }
    guard isStartedAgain else {
      throw Fault(
        .unsupported,
        "the bundle has another program, and nothing starts this one again when it ends: run it by packaging/ridley-node.service, or set RIDLEY_STARTED_AGAIN=1 where something else does"
      )
    }
    // A library goes back by one version of its schema and no further, and then this node could not go back.
    guard (schema - 1...schema + 1).contains(program.schema) else {
      throw Fault(
        .unsupported,
        "the bundle's program writes libraries of schema \(program.schema), this one has \(schema), and there is a way back over one version alone: send one between them first"
      )
    }
  }
}
