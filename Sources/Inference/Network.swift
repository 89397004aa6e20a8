public import Base

/// A network as its file describes it, and the engine that is to run it: not yet compiled, so that shapes can still be set.
public struct Network: ~Copyable {
  enum Content: ~Copyable {
    case graph(Graph)
    /// Another runtime's.
    case elsewhere(any OpenNetwork)
  }

  let content: Content
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]
  /// Why its answers would be wrong; `nil` where nothing of that kind is known.
  public let defect: Fault?
  /// The engine that is to run it, with its version: `OpenVINO 2026.4.1-22982`.
  public let engine: String
  /// Why it is not OpenVINO that runs it, for a person.
  public let note: String?
  /// Its own runtime, for the case that OpenVINO turns out not to compile it.
  let otherwise: OtherRuntime?
  /// The runtime that its format comes from, whoever runs it: with its answers others are compared.
  let own: OtherRuntime?
  /// Why OpenVINO does not run it, where it is that runtime's already.
  let refusal: Fault?

  /// With `isOpen` its own runtime may take OpenVINO's place.
  init(_ graph: consuming Graph, own: OtherRuntime?, isOpen: Bool) {
    (inputs, outputs, defect) = (graph.inputs, graph.outputs, graph.defect)
    (engine, note, refusal) = (Engine.fullName, nil, nil)
    (self.own, otherwise) = (own, isOpen ? own : nil)
    content = .graph(graph)
  }

  /// Of its own runtime; with OpenVINO's refusal where the choice was open.
  init(_ open: any OpenNetwork, own: OtherRuntime, because refusal: Fault? = nil) {
    (inputs, outputs, defect) = (open.inputs, open.outputs, nil)
    (self.own, otherwise) = (own, refusal == nil ? nil : own)
    (engine, self.refusal) = (open.engine, refusal)
    note = refusal.map { "\(open.engine) runs it, and not OpenVINO: \($0.message)" }
    content = .elsewhere(open)
  }

  /// OpenVINO has read it.
  var isOfOpenVINO: Bool {
    switch content {
    case .graph: true
    case .elsewhere: false
    }
  }
}

/// The runtime that a network's format comes from, beside OpenVINO, and the network's file.
struct OtherRuntime: Sendable {
  let runtime: any NetworkRuntime
  let path: String
  let arithmetic: NetworkArithmetic

  var isInstalled: Bool { runtime.installedVersion != nil }

  /// With the version that is here: `ONNX Runtime 1.32.0`.
  var fullName: String { [runtime.name, runtime.installedVersion].compactMap(\.self).joined(separator: " ") }

  /// What OpenVINO says of a network that another engine may run all the same.
  static func takes(_ fault: Fault) -> Bool { fault.kind == .unsupported || fault.kind == .badInput }

  /// Opens the network there, because OpenVINO does not run it.
  ///
  /// - Throws: why OpenVINO does not, and why it does not run there either.
  func open(because fault: Fault) throws(Fault) -> Network {
    guard isInstalled else { throw missing(fault) }
    let network: any OpenNetwork
    do throws(Fault) { network = try runtime.open(path) } catch { throw refusal(fault, error) }
    return Network(network, own: self, because: fault)
  }

  /// OpenVINO's refusal, with the word that there would be another engine.
  func missing(_ fault: Fault) -> Fault {
    isInstalled ? fault : fault.adding("\(runtime.name) may run it, and is not installed here")
  }

  /// Neither runs it.
  func refusal(_ fault: Fault, _ other: Fault) -> Fault {
    guard other.message != fault.message else { return fault }
    let words =
      other.message.hasPrefix(runtime.name)
      ? other.message : "\(runtime.name) does not run it either: \(other.message)"
    return fault.adding(words, cause: other.cause)
  }
}

extension Fault {
  fileprivate func adding(_ words: String, cause other: String? = nil) -> Fault {
    let causes = [cause, other].compactMap { $0 }
    return Fault(kind, "\(message); \(words)", cause: causes.isEmpty ? nil : causes.joined(separator: "\n"))
  }
}
