public import Access
internal import Base
public import Serving
public import Web

/// What is behind the address: finds out what a request is for, whether its sender may, and who answers.
public final class Gateway: Site {
  public struct Options: Sendable {
    /// Bytes of a request to infer or predict.
    public var bodyLimit = 64 << 20
    /// Seconds that a request may take where it does not say.
    public var timeout = 10.0
    /// Seconds that it may ask for.
    public var longestTimeout = 600.0
    /// The program's version.
    public var version = ""

    public init() {}
  }

  let options: Options
  let models: ModelRepository
  let keys: KeyRing?
  /// Decodes pictures.
  let crew: Crew
  /// Loads and unloads, one thing after the other.
  let control = Crew(threads: 1, limit: 16)
  /// When this began, in monotonic nanoseconds and in seconds since 1970.
  let begun = Clock.now
  let began = Clock.date
  private let server = Monitor<Server?>(nil)
  /// The description of all routes.
  let description: [UInt8]
  private let onEnded: @Sendable (Record) -> Void

  /// Without `keys` everybody may do everything: only for an address that nobody else reaches.
  public init(
    _ models: ModelRepository, keys: KeyRing?, options: Options = Options(), decoders: Int,
    onEnded: @escaping @Sendable (Record) -> Void = { _ in }
  ) {
    (self.models, self.keys, self.options, self.onEnded) = (models, keys, options, onEnded)
    crew = Crew(threads: decoders, limit: 64)
    description = Description.json(version: options.version)
  }

  public func route(_ request: Request) -> Route {
    do throws(Failure) {
      guard let target = Target(path: request.path) else {
        throw .notFound("there is nothing at \(request.path): /openapi.json lists what there is")
      }
      guard target.methods.contains(request.method) else {
        let methods = target.methods.joined(separator: ", ")
        throw Failure(
          405, Fault(.unsupported, "\(request.path) takes \(methods), not \(request.method)"),
          headers: [("Allow", methods)])
      }
      return try route(request, target, try caller(request, target))
    } catch {
      return .answer(error.response(request))
    }
  }

  /// Counts of connections are this server's.
  public func count(_ server: Server) { self.server.update { $0 = server } }

  var counts: Counts { server.update { $0 }?.counts ?? Counts() }

  public func ended(_ record: Record) { onEnded(record) }

  public func answer(to refusal: Web.Refusal) -> Response {
    Failure(refusal.status, refusal.fault, headers: refusal.status == 503 ? [("Retry-After", "1")] : [])
      .response(refusal.request)
  }

  private func caller(_ request: Request, _ target: Target) throws(Failure) -> Caller {
    guard let scope = target.scope, let keys else { return .local }
    let moment = Moment(nanoseconds: Int(request.receivedAt), date: Clock.date)
    switch keys.authorize(BearerKey.read(authorization: request.header("authorization")), for: scope, at: moment) {
    case .allowed(let caller):
      guard caller.key == nil else { return caller }
      let (host, origin) = (request.header("host"), request.header("origin"))
      guard let stranger = OriginGuard.stranger(host: host, origin: origin) else { return caller }
      throw Failure(stranger.fault)
    case .refused(let denial): throw Failure(denial)
    }
  }

  private func route(_ request: Request, _ target: Target, _ caller: Caller) throws(Failure) -> Route {
    switch target {
    case .infer(let model, let version): try infer(request, model, version, caller)
    case .predict(let model, let version): try predict(request, model, version, caller)
    case .index: small { (body) throws(Failure) in try self.index(body) }
    case .load(let model): controlled { (body) throws(Failure) in try self.load(model, body) }
    case .unload(let model): controlled { (body) throws(Failure) in try self.unload(model, body) }
    case .alias(let model, let alias) where request.method == "DELETE":
      controlled { (_) throws(Failure) in try self.set(alias, of: model, to: nil) }
    case .alias(let model, let alias):
      controlled { (body) throws(Failure) in try self.set(alias, of: model, to: body) }
    default: .answer(try read(request, target))
    }
  }

  /// A short body, answered where it comes in.
  private func small(_ answer: @escaping @Sendable (Body) throws(Failure) -> Response) -> Route {
    .body(limit: 1 << 16) { body, exchange in
      do throws(Failure) { exchange.answer(try answer(body)) } catch {
        exchange.answer(error.response(exchange.request))
      }
    }
  }

  /// A short body, answered by the thread that changes what is served.
  private func controlled(_ answer: @escaping @Sendable (Body) throws(Failure) -> Response) -> Route {
    .body(limit: 1 << 16) { [control] body, exchange in
      let isTaken = control.take {
        do throws(Failure) { exchange.answer(try answer(body)) } catch {
          exchange.answer(error.response(exchange.request))
        }
      }
      if !isTaken {
        exchange.answer(
          Failure(Fault(.exhausted, "too many models wait to be loaded: ask again later")).response(exchange.request))
      }
    }
  }

  /// Who a request counts for when units share out their time.
  func source(_ caller: Caller, _ request: Request) -> String { caller.key == nil ? request.peer : caller.client }

  /// Monotonic nanoseconds by which an answer must be there.
  func deadline(_ request: Request, seconds: Double?) -> UInt64 {
    request.receivedAt + UInt64(min(seconds ?? options.timeout, options.longestTimeout) * 1e9)
  }
}
