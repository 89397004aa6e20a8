internal import Base
internal import Inference
internal import OpenInference
internal import Serving
internal import Vision
internal import Web

/// A request to infer, read and checked against the version that it asks.
struct TensorCall: Sendable {
  let head: InferCall
  /// In the order of the version's inputs; they keep the body's memory.
  let inputs: [SharedBytes]
  let rows: Int
  /// Of the inputs.
  let shapes: [[Int]]
  private var served: ServedVersion
  /// It came as a message of gRPC, and is answered by one.
  private let isMessage: Bool
  /// What was made from it counts as its own for as long as the call lasts.
  private let body: Body

  /// `headCount` is how many bytes of JSON stand in front of binary tensors; all of the body where it is `nil`.
  init(_ body: Body, _ headCount: Int?, _ served: ServedVersion) throws(Fault) {
    try self.init(try Self.head(of: body, headCount, served), body, served, isMessage: false)
  }

  /// `head` was read from the body.
  init(_ head: InferCall, _ body: Body, _ served: ServedVersion, isMessage: Bool) throws(Fault) {
    (self.head, self.isMessage) = (head, isMessage)
    try head.checkOutputs(of: served.outputs)
    let whole = SharedBytes(body.bytes, of: body)
    let ordered = try Self.inputs(of: head, for: served)
    shapes = ordered.map(\.shape)
    rows = try served.rows(of: shapes)
    inputs = ordered.map { input in
      switch input.content {
      case .body(let range): whole[range]
      case .values(let values): SharedBytes(values)
      }
    }
    try Self.check(inputs, shapes, of: served)
    (self.served, self.body) = (served, body)
    let made = ordered.reduce(0) { sum, input in
      if case .values(let values) = input.content { sum + values.count } else { sum }
    }
    guard body.hold(made) else {
      throw Fault(.unavailable, "the server holds as much of your requests, or of all together, as it may: try again")
    }
  }

  /// Refuses values that would become others on their way through the network, or read what is not its own.
  ///
  /// What one version takes may be too much for another, whose tables are shorter.
  static func check(_ inputs: [SharedBytes], _ shapes: [[Int]], of served: ServedVersion) throws(Fault) {
    for (index, spec) in served.inputs.enumerated() where !served.runtime.carriesWholeNumbers {
      try ValueRange.check(inputs[index], of: spec, shape: shapes[index])
      try served.integers.check(inputs[index], of: spec)
    }
  }

  /// The same of another version that takes the same tensors.
  ///
  /// - Throws: where it does not take these values.
  func asked(of other: ServedVersion) throws(Fault) -> TensorCall {
    try Self.check(inputs, shapes, of: other)
    var call = self
    call.served = other
    return call
  }

  /// A client that sends the network's own tensor to a model with a manifest is told where it is taken.
  private static func inputs(of head: InferCall, for served: ServedVersion) throws(Fault) -> [InferCall.Input] {
    do throws(Fault) { return try head.inputs(for: served.inputs) } catch {
      guard served.picture != nil, head.inputs.contains(where: { $0.element == .f32 || $0.element == .f16 }) else {
        throw error
      }
      throw Fault(
        error.kind,
        "\(error.message); with a manifest a model takes pictures as bytes and prepares them itself, without one its network's own tensor: serve it from a folder without model.yaml for that",
        cause: error.cause)
    }
  }

  private static func head(of body: Body, _ headCount: Int?, _ served: ServedVersion) throws(Fault) -> InferCall {
    try body.withBytes { (bytes) throws(Fault) in
      guard headCount == 0 else { return try InferCall.parse(bytes, headCount: headCount) }
      guard served.inputs.count == 1 else {
        throw Fault(
          .badInput,
          "a body without JSON is one tensor alone, and the model '\(served.model)' takes \(served.inputs.count): name them in JSON"
        )
      }
      return try InferCall.raw(bytes, for: served.inputs[0])
    }
  }

  func response(to outcome: InferenceRequest.Outcome, _ request: Request) -> Response {
    do throws(Failure) { return try response(try outcome.tensors) } catch { return error.response(request) }
  }

  /// As a message of gRPC: in an answer of many where it `isStreamed`.
  func message(to outcome: InferenceRequest.Outcome, isStreamed: Bool) throws(Failure) -> [UInt8] {
    let tensors = try outcome.tensors
    do throws(Fault) {
      return try head.message(
        tensors, model: served.model, version: served.version, labels: labels, isStreamed: isStreamed)
    } catch { throw Failure(error) }
  }

  private var labels: [String] { served.picture?.recipe.labels ?? [] }

  private func response(_ tensors: Outputs) throws(Failure) -> Response {
    if isMessage { return .rpc(try message(to: .answered(tensors), isStreamed: false)) }
    let answer: InferAnswer
    do throws(Fault) {
      answer = try head.answer(tensors, model: served.model, version: served.version, labels: labels)
    } catch { throw Failure(error) }
    guard let count = answer.headCount else { return .json(answer.bytes) }
    return Response(
      200,
      headers: [
        ("Content-Type", "application/octet-stream"), ("Inference-Header-Content-Length", "\(count)"),
        // Who computes elsewhere what others go on with must know that it was the version that was meant.
        ("X-Model-Digest", served.digest),
      ],
      body: answer.bytes)
  }
}

extension InferenceRequest.Outcome {
  /// What came of it where it went well, lent for the call of its request's `done`.
  fileprivate var tensors: Outputs {
    get throws(Failure) {
      switch self {
      case .answered(let tensors): return tensors
      case .late: throw .late
      case .cancelled: throw .clientLeft
      case .failed(let fault), .lost(let fault): throw Failure(fault)
      }
    }
  }
}
