internal import Base
internal import OpenInference
internal import Rollouts
internal import Serving
internal import Web

extension RequestContext {
  /// Reads the one message of a call, and answers with one.
  func rpc(
    _ body: Body, _ answer: (RawSpan, Range<Int>) throws(Fault) -> [UInt8]
  ) throws(Failure) -> Response {
    .rpc(try read(body, answer))
  }

  /// The same where the answer is a thing of the server's, asked for by what the message says.
  func rpc<Asked>(
    _ body: Body, _ parse: (RawSpan, Range<Int>) throws(Fault) -> Asked, _ answer: (Asked) throws(Failure) -> [UInt8]
  ) throws(Failure) -> Response {
    .rpc(try answer(try read(body, parse)))
  }

  private func read<Asked>(
    _ body: Body, _ parse: (RawSpan, Range<Int>) throws(Fault) -> Asked
  ) throws(Failure) -> Asked {
    try checkRPC()
    do throws(Fault) {
      return try body.withBytes { (bytes) throws(Fault) in try parse(bytes, try RPC.message(in: bytes)) }
    } catch { throw Failure(error) }
  }

  private func checkRPC() throws(Failure) {
    guard RPC.isOne(request) else {
      throw Failure(415, Fault(.unsupported, "\(request.path) speaks gRPC: ask with Content-Type '\(RPC.type)'"))
    }
    guard request.version == .http2 else {
      throw Failure(Fault(.unsupported, "gRPC is spoken over HTTP/2 alone, and this came over HTTP/1"))
    }
  }

  /// Asks a model with the tensors of a message.
  func inferMessage() throws(Failure) -> BodyWork {
    try checkRPC()
    let seconds = try RPC.seconds(request.header("grpc-timeout"))
    let work = BodyWork { (body, exchange) throws(Failure) in
      guard !exchange.isGone else { return }
      let range: Range<Int>
      do throws(Fault) { range = try body.withBytes { (bytes) throws(Fault) in try RPC.message(in: bytes) } } catch {
        throw Failure(error)
      }
      try self.infer(body, range, exchange) { told in
        deadline(seconds: [seconds, told].compactMap(\.self).min(), from: request.receivedAt)
      }
    }
    return BodyWork(announced: RPC.announced) { (body, exchange) throws(Failure) in
      if Self.isLight(body, from: RPC.prefixCount) { return try work.run(body, exchange) }
      guard gateway.crew.take(from: source, { work.finish(body, exchange) }) else { throw Self.crowded }
    }
  }

  /// Asks models with the tensors of one message after the other.
  func inferStream() throws(Failure) -> BodyStream {
    try checkRPC()
    let last = try deadlineOfCall()
    let stream = RPCStream(self, limit: gateway.options.bodyLimit, deadline: last) { body, question in
      self.take(body, last, question, isAgain: false)
    }
    return BodyStream(sink: stream)
  }

  private func take(_ body: Body, _ last: UInt64, _ question: RPCStream.Question, isAgain: Bool) {
    guard !question.isGone else { return }
    if Self.isLight(body, from: 0) { return infer(body, last, question, isAgain: isAgain) }
    let isTaken = gateway.crew.take(from: source) { self.infer(body, last, question, isAgain: isAgain) }
    if !isTaken { question.waitForRoom(isAgain: isAgain) { self.take(body, last, question, isAgain: true) } }
  }

  /// Answers questions about the services themselves.
  func reflect() throws(Failure) -> BodyStream {
    try checkRPC()
    let stream = RPCStream(self, limit: 64 << 10, deadline: try deadlineOfCall()) { body, question in
      question.answer(
        body.withBytes { ReflectionMessage.answer($0, at: 0..<$0.byteCount, from: .served) })
    }
    return BodyStream(sink: stream)
  }

  /// Tells a client how a service is, from now on.
  func watchHealth() throws(Failure) -> BodyWork {
    try checkRPC()
    let last = try deadlineOfCall()
    return BodyWork { (body, exchange) throws(Failure) in
      let service = try self.read(body) { (bytes, range) throws(Fault) in try HealthMessage.service(bytes, at: range) }
      let isKnown = RPCRoutes.isHealthKnown(of: service)
      gateway.watches.add(
        HealthWatch(exchange, deadline: last) { [models] in
          isKnown ? models.isSettled ? .serving : .notServing : .serviceUnknown
        })
    }
  }

  /// Monotonic nanoseconds at which the client gives the call up; `.max` where it does not say.
  private func deadlineOfCall() throws(Failure) -> UInt64 {
    guard let seconds = try RPC.seconds(request.header("grpc-timeout")) else { return .max }
    // No call lives for thirty years.
    return request.receivedAt + UInt64(min(seconds, 1e9) * 1e9)
  }

  /// Tensors that stand apart are not gone through; others wait while elements are read one by one.
  private static func isLight(_ body: Body, from start: Int) -> Bool {
    body.count <= lightJSON || body.withBytes { InferMessage.isLight($0, at: start..<$0.byteCount) }
  }

  /// The same for a message of a call that goes on, whatever becomes of this one; `last` is when the whole call must be over.
  private func infer(_ body: Body, _ last: UInt64, _ question: RPCStream.Question, isAgain: Bool) {
    do throws(Failure) {
      try infer(body, 0..<body.count, question) { told in
        min(last, deadline(seconds: told, from: question.arrivedAt))
      }
    } catch {
      // It waits here for what its own call and others have in the queue.
      if error.status == 429 {
        return question.waitForRoom(isAgain: isAgain) { self.take(body, last, question, isAgain: true) }
      }
      question.fail(error, id: body.withBytes { InferMessage.id(of: $0, at: 0..<$0.byteCount) })
    }
  }

  /// `deadline` makes a moment of the seconds that the message allows, where it does.
  private func infer(
    _ body: Body, _ range: Range<Int>, _ reply: some InferReply, deadline: (Double?) -> UInt64
  ) throws(Failure) {
    let began = Clock.now
    let message: InferMessage
    do throws(Fault) {
      message = try body.withBytes { (bytes) throws(Fault) in try InferMessage.parse(bytes, at: range) }
    } catch { throw Failure(error) }
    let route = try route(message.model, message.version, sameTensors: true) { body.withBytes { RolloutKey.of($0) } }
    let (call, answering) = try self.call(route) { (served) throws(Fault) in
      try TensorCall(message.call, body, served, isMessage: true)
    }
    let told = call.head.timeout.map { Double($0) / 1e6 }
    try ask(call, began, answering, message.version, deadline: deadline(told), reply)
  }
}
