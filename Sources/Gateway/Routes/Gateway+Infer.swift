internal import Access
internal import Base
internal import Inference
internal import OpenInference
internal import Serving
internal import Vision
internal import Web

/// Tensors in, tensors out.
extension Gateway {
  func infer(_ request: Request, _ model: String, _ version: String?, _ caller: Caller) throws(Failure) -> Route {
    let served = try find(model, version)
    let headCount = try count(request.header("inference-header-content-length"))
    try refuseCoded(request)
    return .body(limit: options.bodyLimit, lead: headCount ?? 0) { [self] body, exchange in
      let work = { @Sendable [self] in
        guard !exchange.isGone else { return }
        do throws(Failure) {
          try infer(body, headCount, served, version, caller, exchange)
        } catch {
          exchange.answer(error.response(exchange.request))
        }
      }
      // Others wait meanwhile where it is read here.
      if headCount ?? body.count <= Self.lightJSON { return work() }
      if !crew.take(work) { exchange.answer(Self.crowded.response(exchange.request)) }
    }
  }

  /// Bytes of JSON that are read in well under a millisecond.
  private static let lightJSON = 64 << 10
  private static let crowded = Failure(
    Fault(.exhausted, "too many requests wait to be read: ask again later, or send tensors as binary data"))

  func find(_ model: String, _ version: String?) throws(Failure) -> ServedVersion {
    do { return try models.find(model, version: version) } catch { throw Failure(error) }
  }

  func refuseCoded(_ request: Request) throws(Failure) {
    guard let coding = request.header("content-encoding"), coding != "identity" else { return }
    throw Failure(415, Fault(.unsupported, "bodies in Content-Encoding '\(coding)' are not read: send it as it is"))
  }

  private func count(_ text: String?) throws(Failure) -> Int? {
    guard let text else { return nil }
    guard let count = Int(text), count >= 0, text.utf8.first != UInt8(ascii: "+") else {
      throw Failure(Fault(.badInput, "Inference-Header-Content-Length is '\(text)', which is no number of bytes"))
    }
    return count
  }

  private func infer(
    _ body: Body, _ headCount: Int?, _ served: ServedVersion, _ version: String?, _ caller: Caller, _ exchange: Exchange
  ) throws(Failure) {
    let request = exchange.request
    let began = Clock.now
    let call: InferCall
    let inputs: [LentBytes]
    let rows: Int
    do throws(Fault) {
      call = try parse(body, headCount, served)
      try call.checkOutputs(of: served.outputs)
      let whole = LentBytes(body.bytes, of: body)
      let ordered = try call.inputs(for: served.inputs)
      rows = try served.rows(of: ordered.map(\.shape))
      inputs = ordered.map { input in
        switch input.content {
        case .body(let range): whole[range]
        case .values(let values): LentBytes(values)
        }
      }
    } catch { throw Failure(error) }
    let labels = served.picture?.recipe.labels ?? []
    let ask = InferenceRequest(
      inputs, rows: rows, source: source(caller, request),
      deadline: deadline(request, seconds: call.timeout.map { Double($0) / 1e6 })
    ) { outcome, times in
      guard !exchange.isGone else { return }
      let writing = Clock.now
      let response = Self.response(to: outcome, call, served, labels, request)
      exchange.answer(response.traced(request))
      guard case .answered = outcome else { return }
      let now = Clock.now
      let prepared = writing - began - times.queued - times.inferred
      served.metrics.answered(prepare: prepared, write: now - writing, total: now - request.receivedAt)
    }
    let taken = try submit(ask, served, version)
    exchange.onGone { taken.cancel(ask) }
  }

  private func parse(_ body: Body, _ headCount: Int?, _ served: ServedVersion) throws(Fault) -> InferCall {
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

  /// The version that takes it: one that was replaced in this moment has a successor.
  func submit(_ ask: InferenceRequest, _ served: ServedVersion, _ version: String?) throws(Failure) -> ServedVersion {
    var served = served
    for _ in 0..<3 {
      do throws(AdmissionRefusal) {
        try served.submit(ask)
        return served
      } catch {
        guard error.fault.kind == .closed else { throw Failure(error.fault, retryAfter: error.retryAfter) }
      }
      served = try find(served.model, version)
    }
    throw Failure(Fault(.unavailable, "the model is being replaced: ask again"))
  }

  private static func response(
    to outcome: InferenceRequest.Outcome, _ call: InferCall, _ served: ServedVersion, _ labels: [String],
    _ request: Request
  ) -> Response {
    switch outcome {
    case .answered(let tensors):
      do throws(Fault) {
        let answer = try call.answer(tensors, model: served.model, version: served.version, labels: labels)
        guard let count = answer.headCount else {
          return Response(200, headers: [("Content-Type", "application/json")], body: answer.bytes)
        }
        return Response(
          200,
          headers: [
            ("Content-Type", "application/octet-stream"), ("Inference-Header-Content-Length", "\(count)"),
          ], body: answer.bytes)
      } catch {
        return Failure(error).response(request)
      }
    case .late: return Failure.late.response(request)
    case .cancelled: return Failure(499, Fault(.closed, "the client left")).response(request)
    case .failed(let fault): return Failure(fault).response(request)
    }
  }
}

extension Response {
  /// Names the request, and where it stands in its caller's trace.
  func traced(_ request: Request) -> Response {
    var response = self
    response.headers.append(("X-Request-Id", request.id))
    if let trace = request.header("traceparent").flatMap({ Trace($0) }) {
      var random = SystemRandomNumberGenerator()
      response.headers.append(("traceresponse", trace.child(using: &random).header))
    }
    return response
  }
}
