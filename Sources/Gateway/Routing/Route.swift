internal import Access
internal import Web

/// An entry of the route table: all that there is to say of one method of one path.
///
/// What it answers to, who may ask, how large a body it takes, what the description of all routes says, and who answers. There
/// are four ways to answer, one initialiser each: from the head alone, with the body, later, or with the body as a stream.
final class Route: Sendable {
  enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case patch = "PATCH"
    /// Only where HEAD has an answer of its own: else it goes where GET goes.
    case head = "HEAD"
    case options = "OPTIONS"

    /// For the header `Allow`.
    var allowed: [String] { self == .get ? ["GET", "HEAD"] : [rawValue] }
  }

  /// How large a body may be.
  enum BodyLimit: Sendable {
    /// A few fields of JSON: 64 KiB.
    case small
    /// Pictures, clips and tensors: as large as the server is set to take.
    case media
    /// Of any length, or as long as its route says: it is not kept, but goes to a sink while it comes.
    case streamed
  }

  /// The thread that answers once the body is there.
  enum Runner: Sendable {
    /// The connection's own: for what takes well under a millisecond and never waits.
    case loop
    /// The one that changes what is served, one thing after the other.
    case control
  }

  let method: Method
  let pattern: PathPattern
  /// What a key must be for; `nil` where it may be for anything, or where every client may ask.
  let scope: Scope?
  /// Whether a key or a session is asked for.
  let needsKey: Bool
  /// `nil` where no body is wanted.
  let body: BodyLimit?
  let operation: Operation
  /// Those of the path first.
  let parameters: [ParameterDocument]
  private let handler: @Sendable (RequestContext, [String]) throws(Failure) -> Handling

  /// What becomes of a request that matched, whose caller may ask; `values` are those of the path's parameters.
  func handle(_ context: RequestContext, _ values: [String]) throws(Failure) -> Handling {
    try handler(context, values)
  }

  init<each Value: Sendable>(
    _ method: Method, _ pattern: String, _ parameters: (repeat PathParameter<each Value>), _ scope: Scope?,
    _ body: BodyLimit?, needsKey: Bool = false, _ operation: Operation,
    handler: @escaping @Sendable (RequestContext, repeat each Value) throws(Failure) -> Handling
  ) {
    (self.method, self.pattern, self.scope) = (method, PathPattern(pattern), scope)
    (self.body, self.operation, self.needsKey) = (body, operation, needsKey || scope != nil)
    var documents: [ParameterDocument] = []
    repeat documents.append((each parameters).documentation)
    precondition(
      documents.map(\.name) == self.pattern.names, "the parameters of \(pattern) are not those that are given with it")
    self.parameters = documents + operation.parameters
    self.handler = { (context, values) throws(Failure) in
      var place = 0
      func next<One>(_ parameter: PathParameter<One>) throws(Failure) -> One {
        defer { place += 1 }
        guard let value = parameter.read(values[place]) else { throw .nothing(at: context.request.path) }
        return value
      }
      return try handler(context, repeat try next(each parameters))
    }
  }

  /// A route that answers from the head alone.
  convenience init<each Value: Sendable>(
    _ method: Method, _ pattern: String, _ parameters: repeat PathParameter<each Value>, for scope: Scope?,
    _ operation: Operation,
    answer: @escaping @Sendable (RequestContext, repeat each Value) throws(Failure) -> Response
  ) {
    self.init(method, pattern, (repeat each parameters), scope, nil, operation) {
      (context: RequestContext, values: repeat each Value) throws(Failure) in
      .answer(try answer(context, repeat each values))
    }
  }

  /// A route that answers as soon as the body is there.
  convenience init<each Value: Sendable>(
    _ method: Method, _ pattern: String, _ parameters: repeat PathParameter<each Value>, for scope: Scope?,
    body: BodyLimit, on runner: Runner, _ operation: Operation,
    answer: @escaping @Sendable (RequestContext, Body, repeat each Value) throws(Failure) -> Response
  ) {
    self.init(method, pattern, (repeat each parameters), scope, body, operation) {
      (context: RequestContext, values: repeat each Value) throws(Failure) in
      context.body(body, on: runner) { (body) throws(Failure) in try answer(context, body, repeat each values) }
    }
  }

  /// A route that looks at the head first, and answers later, through the exchange: what `begin` returns gets the body.
  convenience init<each Value: Sendable>(
    _ method: Method, _ pattern: String, _ parameters: repeat PathParameter<each Value>, for scope: Scope?,
    body: BodyLimit, _ operation: Operation,
    begin: @escaping @Sendable (RequestContext, repeat each Value) throws(Failure) -> BodyWork
  ) {
    self.init(method, pattern, (repeat each parameters), scope, body, operation) {
      (context: RequestContext, values: repeat each Value) throws(Failure) in
      context.body(body, try begin(context, repeat each values))
    }
  }

  /// A route that takes the body as a stream, however long it is: the sink that `begin` names, from the head alone, gets it part by
  /// part on a thread that may block, and answers through its exchange.
  convenience init<each Value: Sendable>(
    _ method: Method, _ pattern: String, _ parameters: repeat PathParameter<each Value>, for scope: Scope?,
    _ operation: Operation,
    stream begin: @escaping @Sendable (RequestContext, repeat each Value) throws(Failure) -> BodyStream
  ) {
    self.init(method, pattern, (repeat each parameters), scope, .streamed, operation) {
      (context: RequestContext, values: repeat each Value) throws(Failure) in
      let stream = try begin(context, repeat each values)
      return .stream(limit: stream.limit, owner: context.source, to: stream.sink)
    }
  }
}

/// Where a body goes that is taken as a stream.
struct BodyStream: Sendable {
  /// Bytes that it may have, above which it is refused with 413; `nil` for no limit but what the sink itself knows.
  var limit: Int?
  let sink: any BodySink
}

/// What is done with a body once it is there.
struct BodyWork: Sendable {
  /// The number of its byte that lies at a multiple of 64 in memory.
  var lead = 0
  /// How long a body of unknown length will be, from its first bytes, where they say.
  var announced: (@Sendable (RawSpan) -> Int?)?
  /// Must not block; what it throws is answered, else it sees to it that the exchange is.
  let run: @Sendable (Body, Exchange) throws(Failure) -> Void
}

/// The routes of one resource, with the schemas of what goes in and comes out.
struct RouteGroup: Sendable {
  /// The heading under which the description lists them; groups may share one.
  let tag: String
  let routes: [Route]
  /// By name; those that several resources share are in ``Description``.
  let schemas: Document
  /// They stand in the description, which speaks of plain HTTP alone.
  var isDescribed = true
}
