public import Base
internal import JSON
public import Predictions

/// What a version answered to inputs, as it is kept: a line of JSON, and behind it the bytes of tensors.
public struct RecordedAnswers: Sendable {
  /// What computed them.
  public struct Computation: Sendable, Hashable {
    /// With its version: `OpenVINO 2026.4.1-22982`.
    public let engine: String
    public let precision: String
    public let device: String

    public init(engine: String, precision: String, device: String) {
      (self.engine, self.precision, self.device) = (engine, precision, device)
    }

    public var text: String { "\(engine) \(device) \(precision)" }
  }

  /// One tensor of an answer.
  public struct Tensor: Sendable, Hashable {
    public let name: String
    public let element: ElementType
    public let shape: [Int]
    /// Row by row, the least byte first.
    public let bytes: [UInt8]

    public init(name: String, element: ElementType, shape: [Int], bytes: [UInt8]) {
      (self.name, self.element, self.shape, self.bytes) = (name, element, shape, bytes)
    }
  }

  public enum Answer: Sendable, Hashable {
    /// What was found on a picture.
    case predictions([Prediction])
    /// What came out of a network that takes tensors.
    case tensors([Tensor])
  }

  public struct Example: Sendable, Hashable {
    /// What the input was called.
    public let name: String
    /// Its bytes among those of all inputs.
    public let input: Range<Int>
    public let answer: Answer

    public init(name: String, input: Range<Int>, answer: Answer) {
      (self.name, self.input, self.answer) = (name, input, answer)
    }
  }

  public let computation: Computation
  public let examples: [Example]

  public init(_ examples: [Example], by computation: Computation) {
    (self.examples, self.computation) = (examples, computation)
  }
}

extension RecordedAnswers {
  private enum Key: String, CaseIterable { case engine, precision, device, examples }
  private enum ExampleKey: String, CaseIterable { case name, from, to, predictions, tensors }
  private enum TensorKey: String, CaseIterable { case name, type, shape, from, to }

  public var bytes: [UInt8] {
    var rest: [UInt8] = []
    let head = JSONWriter.line(capacity: 4096) { json in
      json.field("engine", computation.engine)
      json.field("precision", computation.precision)
      json.field("device", computation.device)
      json.array("examples") { json in
        for example in examples {
          json.object { json in
            json.field("name", example.name)
            json.field("from", example.input.lowerBound)
            json.field("to", example.input.upperBound)
            Self.write(example.answer, &rest, into: &json)
          }
        }
      }
    }
    return head + rest
  }

  private static func write(_ answer: Answer, _ rest: inout [UInt8], into json: inout JSONWriter) {
    switch answer {
    case .predictions(let found):
      let stamp = FrameStamp(file: "", index: 0, pts: nil, time: 0)
      json.array("predictions") { json in
        for prediction in found {
          json.object { json in
            json.field("file", "")
            PredictionJSON.write(members: prediction, at: stamp, model: "", into: &json)
          }
        }
      }
    case .tensors(let tensors):
      json.array("tensors") { json in
        for tensor in tensors {
          json.object { json in
            json.field("name", tensor.name)
            json.field("type", tensor.element.rawValue)
            json.field("shape", tensor.shape)
            json.field("from", rest.count)
            rest += tensor.bytes
            json.field("to", rest.count)
          }
        }
      }
    }
  }

  /// Reads what ``bytes`` wrote; anything else is a fault.
  public init(_ bytes: [UInt8], name: String) throws(Fault) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      throw Fault(.badInput, "\(name) holds no recorded answers")
    }
    let (head, rest) = (Array(bytes[..<end]), bytes[(end + 1)...])
    let fields = try JSONDocument(parsing: head.span.bytes, name: name).root.fields(Key.self)
    var examples: [Example] = []
    for value in try fields.required(.examples).elements() {
      let fields = try value.fields(ExampleKey.self)
      examples.append(
        Example(
          name: try fields.required(.name).string(),
          input: try Self.range(try fields.required(.from), try fields.required(.to), within: .max),
          answer: try Self.answer(fields, rest)))
    }
    self.init(
      examples,
      by: Computation(
        engine: try fields.required(.engine).string(), precision: try fields.required(.precision).string(),
        device: try fields.required(.device).string()))
  }

  private static func answer(_ fields: JSONFields<ExampleKey>, _ rest: ArraySlice<UInt8>) throws(Fault) -> Answer {
    if let value = fields[.predictions] {
      var found: [Prediction] = []
      for element in try value.elements() { found.append(try PredictionRow(element).prediction) }
      return .predictions(found)
    }
    var tensors: [Tensor] = []
    for value in try fields.required(.tensors).elements() {
      let fields = try value.fields(TensorKey.self)
      var shape: [Int] = []
      for side in try fields.required(.shape).elements() { shape.append(try side.integer(in: 0 ... .max)) }
      let range = try range(try fields.required(.from), try fields.required(.to), within: rest.count)
      let bytes = Array(rest[(rest.startIndex + range.lowerBound)..<(rest.startIndex + range.upperBound)])
      tensors.append(
        Tensor(
          name: try fields.required(.name).string(), element: try fields.required(.type).choice(), shape: shape,
          bytes: bytes))
    }
    return .tensors(tensors)
  }

  private static func range(_ from: JSONValue, _ to: JSONValue, within end: Int) throws(Fault) -> Range<Int> {
    let (from, last) = (try from.integer(in: 0...end), try to.integer(in: 0...end))
    guard from <= last else { throw to.fault("it ends before it begins") }
    return from..<last
  }
}
