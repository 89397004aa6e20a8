internal import Base
internal import Fleet
internal import Web

/// A request at the nodes' door whose sender has proved to hold a key.
struct EdgeContext: Sendable {
  let fleet: FleetDesk
  let request: Request
  /// SHA-256 of its key.
  let key: [UInt8]
  /// Who holds it, from the certificate alone; `nil` for somebody who comes in just now.
  let node: FleetNode?

  /// Whose memory and time it takes.
  var source: String { node.map { "node \($0.name.text)" } ?? request.origin }
}

/// A request of a node, with its whole body, on a thread that may block.
struct EdgeCall: Sendable {
  let context: EdgeContext
  let node: FleetNode
  let body: Body

  var fleet: FleetDesk { context.fleet }
  var request: Request { context.request }

  /// Runs what the fleet does, with its faults as answers.
  func perform<Result>(_ work: () throws(Fault) -> Result) throws(Failure) -> Result {
    do throws(Fault) { return try work() } catch { throw Failure(error) }
  }
}

/// What the nodes' door answers at one path.
struct EdgeRoute: Sendable {
  let method: Route.Method
  let pattern: PathPattern
  private let handler: @Sendable (EdgeContext, [String]) throws(Failure) -> Handling

  /// `values` are those of the path's parameters.
  func handle(_ context: EdgeContext, _ values: [String]) throws(Failure) -> Handling { try handler(context, values) }

  /// One that decides from the head alone, as for bodies that go to a sink; `context.node` is there, but for enrolment.
  init(
    _ method: Route.Method, _ pattern: String,
    handler: @escaping @Sendable (EdgeContext, [String]) throws(Failure) -> Handling
  ) {
    (self.method, self.pattern, self.handler) = (method, PathPattern(pattern), handler)
  }

  /// One that answers a node, with its body of at most so many bytes, on one of the door's threads.
  init(
    _ method: Route.Method, _ pattern: String, bodyLimit: Int,
    answer: @escaping @Sendable (EdgeCall, [String]) throws(Failure) -> Response
  ) {
    self.init(method, pattern) { (context, values) throws(Failure) in
      guard let node = context.node else { throw EdgeDoor.stranger }
      return context.body(bodyLimit) { (body) throws(Failure) in
        try answer(EdgeCall(context: context, node: node, body: body), values)
      }
    }
  }
}

extension EdgeContext {
  /// Takes a body and answers it on one of the door's threads, of which no node has more than its share.
  func body(_ limit: Int, _ answer: @escaping @Sendable (Body) throws(Failure) -> Response) -> Handling {
    .body(limit: limit, owner: source) { [self] body, exchange in
      do throws(Failure) {
        try fleet.threads.run(exchange, from: source, waitingFor: "the fleet") { () throws(Failure) in
          exchange.answer(try answer(body))
        }
      } catch { exchange.answer(error.response(exchange.request)) }
    }
  }
}
