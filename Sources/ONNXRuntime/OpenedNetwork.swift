internal import Base
internal import Inference

/// A network file that ONNX Runtime has read.
final class OpenedNetwork: OpenNetwork {
  private let path: String
  private let library: RuntimeLibrary
  private let ports: [Session.Port]
  let inputs: [TensorSpec]
  let outputs: [TensorSpec]

  init(_ path: String, in library: RuntimeLibrary) throws(Fault) {
    // As the file has it: nothing is optimised, which is most of the time.
    let session = try Session(path, Session.Settings(isOptimized: false), in: library)
    (self.path, self.library, ports) = (path, library, session.inputs)
    (inputs, outputs) = (session.inputs.map(\.spec), session.outputs.map(\.spec))
  }

  var choice: EngineChoice { .onnxruntime }
  var engine: String { library.name }

  /// One session for all where each inference takes one thread, and runs on the thread of who asks; else one each, with threads of its own.
  func compile(_ setting: RuntimeSetting) throws(Fault) -> [any BatchRunner] {
    let settings = Session.Settings(
      threads: setting.threads, isOptimized: !setting.isPlain, sides: try sides(setting.shapes), cuda: setting.cuda)
    var sessions: [Session] = []
    while sessions.count < (setting.threads == 1 ? 1 : setting.streams) {
      sessions.append(try Session(path, settings, in: library))
    }
    return (0..<setting.streams).map { SessionRunner(sessions[$0 % sessions.count], setting) }
  }

  /// What the named sides of inputs become.
  ///
  /// - Throws: `unsupported` where a shape is not one that the file takes.
  private func sides(_ shapes: [[Int?]]) throws(Fault) -> [String: Int] {
    var named: [String: Int] = [:]
    for (port, shape) in zip(ports, shapes) {
      guard port.spec.shape.count == shape.count else { throw misfit(port.spec, shape) }
      for (index, side) in shape.enumerated() {
        if let own = port.spec.shape[index] {
          guard own == side else { throw misfit(port.spec, shape) }
        } else if let side, !port.sideNames[index].isEmpty {
          guard named[port.sideNames[index], default: side] == side else { throw misfit(port.spec, shape) }
          named[port.sideNames[index]] = side
        }
      }
    }
    return named
  }

  private func misfit(_ spec: TensorSpec, _ shape: [Int?]) -> Fault {
    let wanted = TensorSpec(name: spec.name, shape: shape, element: spec.element).shapeText
    return Fault(
      .unsupported,
      "\(engine) takes '\(spec.name)' as the file has it, \(spec.shapeText), and not as \(wanted): batches need a first side that is open"
    )
  }
}
