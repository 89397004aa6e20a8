public import Base
internal import Protobuf

extension InferCall {
  /// What a model answered as gRPC carries it (`ModelInferResponse`): the outputs that are wanted, each copied once, as bytes that stand apart.
  ///
  /// `labels` as for ``answer(_:model:version:labels:)``. One that `isStreamed` says that it is the last to its request. Faults as ``checkOutputs(of:)``.
  public func message(
    _ tensors: some LentTensors, model: String, version: String, labels: [String] = [],
    isStreamed: Bool = false
  ) throws(Fault) -> [UInt8] {
    let parts = try parts(of: tensors, labels: labels)
    let names = model.utf8.count + version.utf8.count + (id?.utf8.count ?? 0)
    var message = MessageWriter(capacity: parts.reduce(128 + names) { $0 + $1.room })
    message.field(1, model)
    message.field(2, version)
    message.field(3, id ?? "")
    if isStreamed {
      message.message(4) { parameter in
        parameter.field(1, "triton_final_response")
        parameter.message(2) { $0.field(1, true) }
      }
    }
    for part in parts {
      message.message(5) { output in
        output.field(1, part.name)
        output.field(2, part.element.rawValue)
        output.field(3, packed: part.shape)
      }
    }
    for part in parts {
      if let made = part.made {
        message.bytes(6, made)
      } else {
        tensors.withBytes(part.index) { bytes in
          message.begin(6, byteCount: bytes.byteCount)
          message.append(bytes)
        }
      }
    }
    return message.bytes
  }
}
