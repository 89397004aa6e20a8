internal import Access
internal import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Library
internal import Web

/// A request to the library, with whose items its caller may see.
struct LibraryCall: Sendable {
  let context: RequestContext
  let desk: LibraryDesk
  let body: Body

  var library: Library { desk.library }
  var caller: Caller { context.caller }

  var scope: ClientScope { context.libraryScope }

  /// Whose items are asked about: as the query says, else the caller's own.
  ///
  /// A caller without a key that does not say gets the library's only client, where there is one.
  func client(_ query: Query) throws(Failure) -> String {
    if let named = try query(LibraryQuery.client) { return named }
    guard caller.key == nil else { return caller.client }
    do throws(Fault) {
      let clients = try library.clients(scope: scope)
      return clients.count == 1 ? clients[0].name : caller.client
    } catch { throw Failure(error) }
  }

  /// A campaign without its brand is refused: it would be taken for the whole client.
  func group(_ query: Query) throws(Failure) -> AssetGroup {
    let group = AssetGroup(
      client: try client(query), brand: try query(LibraryQuery.brand), campaign: try query(LibraryQuery.campaign))
    try perform { () throws(Fault) in try group.check() }
    return group
  }

  func asset(_ id: String) throws(Failure) -> VersionedAsset {
    do throws(Fault) { return try library.asset(id, scope: scope) } catch { throw Failure(error) }
  }

  /// Runs what the library does, with its faults as answers.
  func perform<Result>(_ work: () throws(Fault) -> Result) throws(Failure) -> Result {
    do throws(Fault) { return try work() } catch { throw Failure(error) }
  }

  /// The picture of an event, as it was kept: one that the disk changed is no answer.
  func picture(_ digest: String, of event: String) throws(Failure) -> [UInt8] {
    let jpeg = try perform { () throws(Fault) in try library.read(digest) }
    guard SHA256.hex(of: jpeg).hasSameBytes(as: digest) else {
      let words =
        "the picture of the event '\(event)' was damaged on this server's disk: see 'ridley library verify --bytes'"
      throw Failure(500, Fault(.unavailable, words))
    }
    return jpeg
  }

  /// As ``perform(_:)``, for what holds on the version that was seen: 412 where it is another one, 507 where there is no room.
  func change<Result>(_ work: () throws(Fault) -> Result) throws(Failure) -> Result {
    do throws(Fault) { return try work() } catch {
      switch error.kind {
      case .closed: throw Failure(412, error)
      case .exhausted: throw Failure(507, error)
      default: throw Failure(error)
      }
    }
  }

  /// An answer with its tag; without a body where the client has it already.
  func answer(_ bytes: [UInt8], _ type: String = "application/json", tag: String) -> Response {
    .tagged(EntityTag(tag), bytes, type, headers: [("Cache-Control", "private, no-cache")], for: context.request)
  }
}

extension RequestContext {
  /// The one place where a caller becomes a scope: without a key all, as the machine's owner; with one its client's own.
  var libraryScope: ClientScope { caller.key == nil ? .all : .client(caller.client) }

  func libraryDesk() throws(Failure) -> LibraryDesk {
    guard let desk = gateway.library else {
      throw .notFound("this server has no library: start it with 'ridley serve --library DIR'")
    }
    return desk
  }

  /// Work on one of the library's threads, since it waits for the disk; what it throws is answered.
  func onLibrary(
    isSlow: Bool = false, _ work: @escaping @Sendable (LibraryCall, Exchange) throws(Failure) -> Void
  ) throws(Failure) -> BodyWork {
    let desk = try libraryDesk()
    return BodyWork { (body, exchange) throws(Failure) in
      let call = LibraryCall(context: self, desk: desk, body: body)
      let threads = isSlow ? desk.slowThreads : desk.threads
      try threads.run(exchange, from: source, waitingFor: "the library") { () throws(Failure) in
        if !exchange.isGone { try work(call, exchange) }
      }
    }
  }
}

extension Route {
  /// A route of the library, answered on one of its threads, since it waits for the disk; `check` looks at the caller before.
  convenience init<each Value: Sendable>(
    library method: Method, _ pattern: String, _ parameters: repeat PathParameter<each Value>, for scope: Scope,
    body: BodyLimit? = nil, isSlow: Bool = false, _ operation: Operation,
    check: @escaping @Sendable (RequestContext) throws(Failure) -> Void = { (_) throws(Failure) in },
    answer: @escaping @Sendable (LibraryCall, repeat each Value) throws(Failure) -> Response
  ) {
    self.init(method, pattern, (repeat each parameters), scope, body, operation) {
      (context: RequestContext, values: repeat each Value) throws(Failure) in
      try check(context)
      let work = try context.onLibrary(isSlow: isSlow) { (call, exchange) throws(Failure) in
        exchange.answer(try answer(call, repeat each values))
      }
      return context.body(body ?? .small, work)
    }
  }
}
