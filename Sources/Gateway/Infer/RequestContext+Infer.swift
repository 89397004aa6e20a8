internal import Base
internal import Execution
internal import Inference
internal import OpenInference
internal import Rollouts
internal import Serving
internal import Web

extension RequestContext {
  /// Asks a model with tensors; `version` is `nil` for the usual one.
  func infer(_ model: String, _ version: String?) throws(Failure) -> BodyWork {
    // What is not there is told before the body comes.
    _ = try find(model, version)
    let headCount = try headCount()
    try refuseCodedBody()
    let work = BodyWork { (body, exchange) throws(Failure) in
      guard !exchange.isGone else { return }
      let route = try self.route(model, version, sameTensors: true) { body.withBytes { RolloutKey.of($0) } }
      try self.infer(body, headCount, route, version, exchange)
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

  /// The version that answers; `digest` is of what is asked, and made where the request does not say its key.
  func route(
    _ model: String, _ version: String?, sameTensors: Bool = false, digest: () -> String
  ) throws(Failure) -> RoutedVersion {
    do throws(Fault) {
      return try models.route(model, version: version, sameTensors: sameTensors) {
        request.header(RolloutKey.header) ?? digest()
      }
    } catch { throw Failure(error) }
  }

  private func headCount() throws(Failure) -> Int? {
    guard let text = request.header("inference-header-content-length") else { return nil }
    guard let count = Int(text), count >= 0, text.utf8.first != UInt8(ascii: "+") else {
      throw Failure(Fault(.badInput, "Inference-Header-Content-Length is '\(text)', which is no number of bytes"))
    }
    return count
  }

  private func infer(
    _ body: Body, _ headCount: Int?, _ route: RoutedVersion, _ version: String?, _ exchange: Exchange
  ) throws(Failure) {
    let began = Clock.now
    let (call, answering) = try self.call(route) { (served) throws(Fault) in try TensorCall(body, headCount, served) }
    let deadline = deadline(seconds: call.head.timeout.map { Double($0) / 1e6 }, from: request.receivedAt)
    try ask(call, began, answering, version, deadline: deadline, exchange)
  }

  /// The call of the version that is to answer it: of the baseline where a candidate does not take what that takes.
  func call(
    _ route: RoutedVersion, _ make: (ServedVersion) throws(Fault) -> TensorCall
  ) throws(Failure) -> (TensorCall, RoutedVersion) {
    do throws(Fault) { return (try make(route.served), route) } catch {
      guard error.kind != .unavailable, let rescue = route.rescue, let call = try? make(rescue.served) else {
        throw Failure(error)
      }
      rescue.countRefusal()
      return (call, rescue)
    }
  }

  /// Asks the version, and answers when it does, or at the deadline.
  ///
  /// One that was replaced in this moment has a successor.
  func ask(
    _ call: TensorCall, _ began: UInt64, _ route: RoutedVersion, _ version: String?, deadline: UInt64,
    _ reply: some InferReply, _ leaving: Leaving? = nil
  ) throws(Failure) {
    var (route, call) = (route, call)
    let mine = leaving ?? Leaving()
    for _ in 0..<3 {
      let ask = request(call, began, route, version, deadline: deadline, reply, mine)
      // Before it is asked: where it is lost at once, it is what is asked instead that is given up.
      mine.cancels(mine.begin()) { [served = route.served] in served.cancel(ask) }
      do throws(AdmissionRefusal) {
        try route.served.submit(ask)
        if leaving == nil { reply.onGone(mine.left) }
        // One that left in between has given up what was not asked yet.
        if reply.isGone { route.served.cancel(ask) }
        return
      } catch {
        guard error.fault.kind == .closed else {
          if let rescue = route.rescue, let other = try? call.asked(of: rescue.served) {
            rescue.countRescue()
            (route, call) = (rescue, other)
            continue
          }
          if !reply.isPatient || error.fault.kind != .exhausted {
            route.served.metrics.add(InferenceFailure.refused(error))
          }
          throw Failure(error.fault, retryAfter: error.retryAfter)
        }
      }
      let next = try self.route(route.served.model, version, sameTensors: true) { [route] in route.key }
      guard next.served.hasTensors(like: route.served) else { break }
      do throws(Fault) { (route, call) = (next, try call.asked(of: next.served)) } catch { throw Failure(error) }
    }
    throw Failure(Fault(.unavailable, "the model is being replaced: ask again"))
  }

  private func request(
    _ call: TensorCall, _ began: UInt64, _ route: RoutedVersion, _ version: String?, deadline: UInt64,
    _ reply: some InferReply, _ leaving: Leaving
  ) -> InferenceRequest {
    InferenceRequest(call.inputs, rows: call.rows, source: source, deadline: deadline, trace: trace) { outcome, times in
      let metrics = route.served.metrics
      metrics.add(unanswered: outcome)
      guard !reply.isGone else { return }
      if outcome.isLoss, let rescue = route.rescue, let other = try? call.asked(of: rescue.served) {
        rescue.countRescue()
        if (try? self.ask(other, began, rescue, version, deadline: deadline, reply, leaving)) != nil { return }
      }
      let writing = Clock.now
      reply.answer(outcome, of: call)
      guard case .answered(let outputs) = outcome else { return }
      let now = Clock.now
      let prepared = writing - began - times.queued - times.inferred
      metrics.answered(prepare: prepared, write: now - writing, total: now - reply.arrivedAt)
      tell("prepare", from: began, to: began + prepared)
      tell("write", from: writing, to: now)
      call.note(outputs, route)
    }
  }
}

extension InferenceRequest.Outcome {
  /// The version gave no answer, and another may.
  fileprivate var isLoss: Bool {
    switch self {
    case .failed, .lost: true
    case .answered, .late, .cancelled: false
    }
  }
}

extension Response {
  /// Names the request, and where it stands in its caller's trace.
  func traced(_ request: Request) -> Response {
    var response = self
    response.headers.append(("X-Request-Id", request.id))
    if let caller = request.caller {
      let here = Trace(id: caller.id, parent: request.span, isSampled: caller.isSampled)
      response.headers.append(("traceresponse", here.header))
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
