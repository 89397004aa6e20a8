internal import Base
internal import OpenInference
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
      try self.inferMessage(body, seconds, exchange)
    }
    return BodyWork { (body, exchange) throws(Failure) in
      // Tensors that stand apart are not gone through; others wait while elements are read one by one.
      let isLight =
        body.count <= Self.lightJSON
        || body.withBytes { InferMessage.isLight($0, at: RPC.prefixCount..<$0.byteCount) }
      if isLight { return try work.run(body, exchange) }
      guard gateway.crew.take(from: source, { work.finish(body, exchange) }) else { throw Self.crowded }
    }
  }

  private func inferMessage(_ body: Body, _ seconds: Double?, _ exchange: Exchange) throws(Failure) {
    let began = Clock.now
    let message = try read(body) { (bytes, range) throws(Fault) in try InferMessage.parse(bytes, at: range) }
    let served = try find(message.model, message.version)
    let call: TensorCall
    do throws(Fault) { call = try TensorCall(message.call, body, served, isMessage: true) } catch {
      throw Failure(error)
    }
    let told = call.head.timeout.map { Double($0) / 1e6 }
    let limit = [seconds, told].compactMap(\.self).min()
    try ask(call, began, served, message.version, seconds: limit, exchange)
  }
}
