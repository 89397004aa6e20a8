internal import Base
internal import Execution
internal import Inference
internal import OpenInference
internal import Serving
internal import Web

extension RequestContext {
  /// Asks a model with tensors; `version` is `nil` for the usual one.
  func infer(_ model: String, _ version: String?) throws(Failure) -> BodyWork {
    let served = try find(model, version)
    let headCount = try headCount()
    try refuseCodedBody()
    let work = BodyWork { (body, exchange) throws(Failure) in
      guard !exchange.isGone else { return }
      try self.infer(body, headCount, served, version, exchange)
    }
    return BodyWork(lead: headCount ?? 0) { (body, exchange) throws(Failure) in
      // Others wait meanwhile where it is read here.
      if headCount ?? body.count <= Self.lightJSON { return try work.run(body, exchange) }
      guard gateway.crew.take(from: source, { work.finish(body, exchange) }) else { throw Self.crowded }
    }
  }

  /// Bytes of JSON that are read in well under a millisecond.
  static let lightJSON = 64 << 10
  static let crowded = Failure(
    Fault(.exhausted, "too many requests wait to be read: ask again later, or send tensors as binary data"))

  func find(_ model: String, _ version: String?) throws(Failure) -> ServedVersion {
    do { return try models.find(model, version: version) } catch { throw Failure(error) }
  }

  private func headCount() throws(Failure) -> Int? {
    guard let text = request.header("inference-header-content-length") else { return nil }
    guard let count = Int(text), count >= 0, text.utf8.first != UInt8(ascii: "+") else {
      throw Failure(Fault(.badInput, "Inference-Header-Content-Length is '\(text)', which is no number of bytes"))
    }
    return count
  }

  private func infer(
    _ body: Body, _ headCount: Int?, _ served: ServedVersion, _ version: String?, _ exchange: Exchange
  ) throws(Failure) {
    let began = Clock.now
    let call: TensorCall
    do throws(Fault) { call = try TensorCall(body, headCount, served) } catch { throw Failure(error) }
    let deadline = deadline(seconds: call.head.timeout.map { Double($0) / 1e6 }, from: request.receivedAt)
    try ask(call, began, served, version, deadline: deadline, exchange)
  }

  /// Asks the version, and answers when it does, or at the deadline.
  func ask(
    _ call: TensorCall, _ began: UInt64, _ served: ServedVersion, _ version: String?, deadline: UInt64,
    _ reply: some InferReply
  ) throws(Failure) {
    let ask = InferenceRequest(call.inputs, rows: call.rows, source: source, deadline: deadline) { outcome, times in
      served.metrics.add(unanswered: outcome)
      guard !reply.isGone else { return }
      let writing = Clock.now
      reply.answer(outcome, of: call)
      guard case .answered = outcome else { return }
      let now = Clock.now
      let prepared = writing - began - times.queued - times.inferred
      served.metrics.answered(prepare: prepared, write: now - writing, total: now - reply.arrivedAt)
    }
    let taken = try submit(ask, served, version, isPatient: reply.isPatient)
    reply.onGone { taken.cancel(ask) }
  }

  /// The version that takes it: one that was replaced in this moment has a successor.
  private func submit(
    _ ask: InferenceRequest, _ served: ServedVersion, _ version: String?, isPatient: Bool
  ) throws(Failure) -> ServedVersion {
    var served = served
    for _ in 0..<3 {
      do throws(AdmissionRefusal) {
        try served.submit(ask)
        return served
      } catch {
        guard error.fault.kind == .closed else {
          if !isPatient || error.fault.kind != .exhausted { served.metrics.add(InferenceFailure.refused(error)) }
          throw Failure(error.fault, retryAfter: error.retryAfter)
        }
      }
      served = try find(served.model, version)
    }
    throw Failure(Fault(.unavailable, "the model is being replaced: ask again"))
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

extension ModelMetrics {
  /// Counts a request that has no answer.
  fileprivate func add(unanswered outcome: InferenceRequest.Outcome) {
    switch outcome {
    case .answered: break
    case .late: add(InferenceFailure.late)
    case .cancelled: add(InferenceFailure.cancelled)
    case .failed(let fault), .lost(let fault): add(InferenceFailure.failed(fault))
    }
  }
}
