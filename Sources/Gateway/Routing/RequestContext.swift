internal import Access
internal import Base
internal import Serving
internal import Web

/// A request that was let in, and what is there to answer it with.
struct RequestContext: Sendable {
  let gateway: Gateway
  let request: Request
  let caller: Caller
  let route: Route
  /// Where it stands in a trace that is kept.
  let trace: Trace?

  var models: ModelRepository { gateway.models }

  /// What stands behind the question mark; only what the route's entry lists may.
  func query() throws(Failure) -> Query {
    try Query(request.query, known: route.parameters.filter { $0.place == .query }.map(\.name))
  }

  /// Who the request counts for when time and memory are shared out.
  var source: String { caller.key == nil ? request.origin : caller.client }

  /// Monotonic nanoseconds by which an answer must be there, where the request, which was there at `moment`, allows so many seconds, or
  /// does not say.
  func deadline(seconds: Double?, from moment: UInt64) -> UInt64 {
    let seconds = seconds.map { min($0, Gateway.longestTimeout) } ?? gateway.options.timeout
    return moment + UInt64(seconds * 1e9)
  }

  /// Why the caller, who was let in, may not ask once more in the same call; `nil` where it may, which counts as a request.
  func denial() -> Failure? {
    guard let scope = route.scope, let keys = gateway.keys else { return nil }
    return keys.denial(of: caller, for: scope, at: Moment(nanoseconds: Int(Clock.now), date: Clock.date)).map {
      Failure($0)
    }
  }

  func refuseCodedBody() throws(Failure) {
    guard let coding = request.header("content-encoding"), coding != "identity" else { return }
    throw Failure(415, Fault(.unsupported, "bodies in Content-Encoding '\(coding)' are not read: send it as it is"))
  }

  /// Takes a body and answers it.
  func body(
    _ limit: Route.BodyLimit, on runner: Route.Runner,
    answer: @escaping @Sendable (Body) throws(Failure) -> Response
  ) -> Handling {
    let work = BodyWork { (body, exchange) throws(Failure) in exchange.answer(try answer(body)) }
    switch runner {
    case .loop: return self.body(limit, work)
    case .control:
      return self.body(
        limit,
        BodyWork { [control = gateway.control] (body, exchange) throws(Failure) in
          guard control.take({ work.finish(body, exchange) }) else {
            throw Failure(Fault(.exhausted, "too many models wait to be loaded: ask again later"))
          }
        })
    }
  }

  /// Takes a body and works on it.
  func body(_ limit: Route.BodyLimit, _ work: BodyWork) -> Handling {
    let count =
      switch limit {
      case .small: 64 << 10
      case .media: gateway.options.bodyLimit
      case .streamed: preconditionFailure("a body that goes to a sink is not kept")
      }
    return .body(limit: count, lead: work.lead, owner: source, announced: work.announced, then: work.finish)
  }
}

extension BodyWork {
  /// Runs it, and answers what it throws.
  func finish(_ body: Body, _ exchange: Exchange) {
    do throws(Failure) { try run(body, exchange) } catch { exchange.answer(error.response(exchange.request)) }
  }
}
