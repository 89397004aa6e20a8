public import Base
internal import JSON

/// A version of a model as a centre serves it.
public struct CentreModel: Sendable, Hashable {
  public let name: String
  public let version: String
  /// `sha256:…` of everything that decides what it answers.
  public let digest: String
  /// What it is computed in there, and by which engine; `nil` where the centre does not say.
  public let precision: String?
  public let engine: String?
  /// Inferences at the same time.
  public let streams: Int
  /// Of one row; sides that are `nil` are known once the answer is there.
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]

  private enum ModelKey: String, CaseIterable { case versions }
  private enum VersionKey: String, CaseIterable {
    case version, state, reason, digest, precision, engine, streams, inputs, outputs
  }
  private enum TensorKey: String, CaseIterable { case name, datatype, shape }

  /// Reads what a centre says of a model: its versions that are ready, and what stands in the way of the others.
  static func versions(of name: String, in answer: JSONValue) throws(Fault) -> (ready: [CentreModel], others: [String])
  {
    var (ready, others) = ([CentreModel](), [String]())
    for value in try answer.fields(ModelKey.self, others: .ignored).required(.versions).elements() {
      let fields = try value.fields(VersionKey.self, others: .ignored)
      let (version, state) = (try fields.required(.version).string(), try fields.required(.state).string())
      guard state == "ready" else {
        let reason = try fields.given(.reason)?.string()
        others.append("version \(version) is \(state)" + (reason.map { " (\($0))" } ?? ""))
        continue
      }
      let inputs = try Self.tensors(fields.required(.inputs))
      // Rows are counted in front: of one row there is one.
      let takesRows = inputs.first?.isOpenInFront ?? false
      let outputs = try Self.tensors(fields.required(.outputs))
      ready.append(
        CentreModel(
          name: name, version: version, digest: try fields.required(.digest).string(),
          precision: try fields.given(.precision)?.string(), engine: try fields.given(.engine)?.string(),
          streams: max(1, try fields.given(.streams)?.integer(in: 0...4096) ?? 1),
          inputs: inputs.map { takesRows ? $0.ofOneRow : $0 }, outputs: outputs.map { takesRows ? $0.ofOneRow : $0 }))
    }
    return (ready, others)
  }

  private static func tensors(_ value: JSONValue) throws(Fault) -> [TensorSpec] {
    var specs: [TensorSpec] = []
    for element in try value.elements() {
      let fields = try element.fields(TensorKey.self, others: .ignored)
      var shape: [Int?] = []
      for side in try fields.required(.shape).elements() {
        let side = try side.integer(in: -1...(1 << 32))
        shape.append(side < 0 ? nil : side)
      }
      specs.append(
        TensorSpec(
          name: try fields.required(.name).string(), shape: shape, element: try fields.required(.datatype).choice()))
    }
    return specs
  }
}

extension TensorSpec {
  /// With one row where their number is open.
  var ofOneRow: TensorSpec {
    isOpenInFront ? TensorSpec(name: name, shape: [1] + shape.dropFirst(), element: element) : self
  }
}
