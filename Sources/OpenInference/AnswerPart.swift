internal import Base
internal import JSON

/// How one output goes into an answer.
struct AnswerPart {
  /// Among the tensors that are lent.
  let index: Int
  let name: String
  let element: ElementType
  let shape: [Int]
  /// What stands in the JSON as `data`.
  private let text: [UInt8]?
  /// How many bytes follow the JSON.
  let binaryCount: Int?
  /// Those bytes where they are not the output's own.
  let made: [UInt8]?

  init(
    _ wanted: WantedOutput, _ spec: TensorSpec, _ bytes: RawSpan, at index: Int, labels: [String]
  ) throws(Fault) {
    (self.index, name) = (index, wanted.name)
    if let top = wanted.classes {
      let best = Classification(top: top, of: bytes, spec, labels: labels)
      (element, shape) = (.string, best.shape)
      (binaryCount, made) = wanted.binary ? (best.tensor.count, best.tensor) : (nil, nil)
      text = wanted.binary ? nil : try Self.strings(best.tensor.span.bytes, wanted.name)
      return
    }
    (element, shape, made) = (spec.element, spec.shape.map { $0 ?? 0 }, nil)
    binaryCount = wanted.binary ? bytes.byteCount : nil
    if wanted.binary {
      text = nil
    } else {
      text = try spec.element == .string ? Self.strings(bytes, wanted.name) : TensorText.of(bytes, spec.element)
    }
  }

  /// Bytes that it needs, counted generously.
  var room: Int { 160 + 2 * name.utf8.count + 20 * shape.count + (text?.count ?? 0) + (binaryCount ?? 0) }

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("name", name)
      json.field("datatype", element.rawValue)
      json.array("shape") { for side in shape { $0.integer(side) } }
      if let binaryCount { json.object("parameters") { $0.field("binary_data_size", binaryCount) } }
      if let text { json.field("data", embedding: text) }
    }
  }

  private static func strings(_ bytes: RawSpan, _ output: String) throws(Fault) -> [UInt8] {
    try JSONWriter.array(capacity: bytes.byteCount + 16) { (json) throws(Fault) in
      for range in try StringTensor.ranges(of: bytes) {
        let text = bytes.extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let text else {
          let advice = "ask for it with the parameter binary_data"
          throw Fault(.unsupported, "the output '\(output)' holds bytes that JSON has no form of: \(advice)")
        }
        json.string(text)
      }
    }
  }
}
