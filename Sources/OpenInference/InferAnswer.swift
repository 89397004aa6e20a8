public import Base

/// The body of an answer.
public struct InferAnswer: Sendable, Hashable {
  public let bytes: [UInt8]
  /// For the header `Inference-Header-Content-Length`: how many bytes are JSON, with binary outputs behind them; `nil` where
  /// all is JSON and the header is left out.
  public let headCount: Int?
}

extension InferCall {
  /// Writes what a model answered: the outputs that are wanted, in the form that is wanted.
  ///
  /// Each output that goes out as binary data is copied once, from where it is lent into the body. `labels` name the classes of
  /// every output that classification is asked of. Floats in JSON read back exactly; NaN and the infinities are null. Faults
  /// as ``checkOutputs(of:)``, and `unsupported` for strings that JSON cannot hold.
  public func answer(
    _ tensors: some LentTensors, model: String, version: String, labels: [String] = []
  ) throws(Fault) -> InferAnswer {
    let parts = try parts(of: tensors, labels: labels)
    var body = head(of: parts, model: model, version: version)
    let headCount = body.count
    for part in parts where part.binaryCount != nil {
      if let made = part.made {
        body.append(contentsOf: made)
      } else {
        tensors.withBytes(part.index) { bytes in bytes.withUnsafeBytes { body.append(contentsOf: $0) } }
      }
    }
    return InferAnswer(bytes: body, headCount: parts.contains { $0.binaryCount != nil } ? headCount : nil)
  }

  /// The outputs that are wanted, in the form that is wanted.
  func parts(of tensors: some LentTensors, labels: [String]) throws(Fault) -> [AnswerPart] {
    let specs = tensors.specs
    var parts: [AnswerPart] = []
    for wanted in wanted(of: specs) {
      guard let index = specs.firstIndex(where: { $0.name == wanted.name }) else {
        throw Fault(.badInput, "there is no output '\(wanted.name)'")
      }
      try wanted.check(specs[index])
      let part = tensors.withBytes(index) { bytes in
        Result { () throws(Fault) in try AnswerPart(wanted, specs[index], bytes, at: index, labels: labels) }
      }
      parts.append(try part.get())
    }
    return parts
  }

  /// The JSON, in memory that has room for what follows it.
  private func head(of parts: [AnswerPart], model: String, version: String) -> [UInt8] {
    let names = model.utf8.count + version.utf8.count + (id?.utf8.count ?? 0)
    return JSONWriter.object(capacity: parts.reduce(128 + 2 * names) { $0 + $1.room }) { json in
      json.field("model_name", model)
      json.field("model_version", version)
      json.field("id", ifKnown: id)
      json.array("outputs") { for part in parts { part.write(to: &$0) } }
    }
  }
}
