internal import Access
internal import Base
internal import Web

/// Sign-in for people: a key is exchanged for a session, which a browser keeps as a cookie.
enum SessionRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: ServerRoutes.tag,
    routes: [
      Route(
        session: .post,
        Operation(
          "signIn", "Exchange a key for a session; the cookie comes with the answer", ok("Session"),
          failures: [.badRequest])
      ) { (context) throws(Failure) in
        context.body(.small, on: .loop) { (_) throws(Failure) in try signIn(context) }
      },
      Route(
        session: .get,
        Operation(
          "getSession", "Who one is, by a key or a session; csrf and expires where it is a session", ok("Session"))
      ) { context in .answer(answer(context.caller, [])) },
      Route(
        session: .delete,
        Operation(
          "signOut", "End the session, in the browser and on the server", done(204, "It is over."),
          failures: [.noRoom])
      ) { context in context.body(.small, signOut(context)) },
    ], schemas: schemas)

  private static func signIn(_ context: RequestContext) throws(Failure) -> Response {
    guard let keys = context.gateway.keys, context.caller.key != nil else {
      throw Failure(Fault(.usage, "this server asks for no key, so there is nothing to sign in to"))
    }
    // A session is no way to another one: it ends when it ends.
    guard context.caller.session == nil else { throw Failure(.noKey) }
    var (random, date) = (SystemRandomNumberGenerator(), Clock.date)
    guard let new = keys.signIn(context.caller, at: date, using: &random) else { throw Failure(.unknownKey) }
    date = new.session.expires - date
    let cookie = SessionCookie.header(new.text, seconds: date, isSecure: context.request.isSecureForClient)
    var caller = context.caller
    caller.session = new.session
    return answer(caller, [cookie])
  }

  private static func answer(_ caller: Caller, _ headers: [(String, String)]) -> Response {
    let json = JSONWriter.object(capacity: 256) { json in
      json.field("client", caller.client)
      json.field("user", ifKnown: caller.user)
      json.array("scopes") { for scope in caller.scopes.list { $0.string(scope.rawValue) } }
      json.field("csrf", ifKnown: caller.session?.csrf)
      json.field("expires", ifKnown: caller.session.map { UTC.text($0.expires) })
      json.field("key", ifKnown: caller.key)
    }
    var response = Response.json(json)
    response.headers += [("Cache-Control", "no-store")] + headers
    return response
  }

  /// Waits for the library's disk, where the server has one, on a thread of the library's.
  private static func signOut(_ context: RequestContext) -> BodyWork {
    BodyWork { (_, exchange) throws(Failure) in
      guard let desk = context.gateway.library else { return exchange.answer(try end(context)) }
      // Also for a browser that did not wait: what it asked for is to be signed out.
      try desk.threads.run(exchange, from: context.source, waitingFor: "the library") { () throws(Failure) in
        exchange.answer(try end(context))
      }
    }
  }

  private static func end(_ context: RequestContext) throws(Failure) -> Response {
    guard let keys = context.gateway.keys, let session = context.caller.session else {
      throw Failure(
        Fault(
          .usage,
          "there is no session to sign out of: it is ended by its own cookie \(SessionCookie.name), without 'Authorization'"
        ))
    }
    do throws(Fault) { try keys.signOut(session, at: Clock.date) } catch {
      throw error.kind == .exhausted ? Failure(507, error) : Failure(error)
    }
    return Response(204, headers: [SessionCookie.removal(isSecure: context.request.isSecureForClient)])
  }

  private static let schemas: Document = [
    "Session": object(
      [
        "client": about("Whose assets the key is for.", string),
        "scopes": about(
          "What the key may be used for.",
          list(["type": "string", "enum": .list(Scope.allCases.map { .text($0.rawValue) })])),
      ],
      optional: [
        "user": about("The person that the key is for, where one was named.", string),
        "key": about("The key's id; there is none where the server asks for no key, and shows everything.", string),
        "csrf": about("To be sent in X-CSRF-Token with whatever is not GET or HEAD.", string),
        "expires": about("When the session ends.", moment),
      ])
  ]
}

extension Route {
  /// A route about the key or session itself: any may ask, whatever it is for.
  convenience init(
    session method: Method, _ operation: Operation,
    answer: @escaping @Sendable (RequestContext) throws(Failure) -> Handling
  ) {
    let body: BodyLimit? = method == .get ? nil : .small
    self.init(method, "/v1/session", (), nil, body, needsKey: true, operation, handler: answer)
  }
}
