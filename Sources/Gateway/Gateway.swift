public import Access
public import Base
public import Serving
public import Streams
public import Telemetry
public import Web

/// What is behind the address: finds the route of a request, asks whether its sender may, and lets the route answer.
public final class Gateway: RequestHandler {
  /// Seconds that a request may ask to be waited for; longer, and few callers could hold what all share.
  static let longestTimeout = 600.0

  /// Limits and times are the configuration's own unless they are set.
  public struct Options: Sendable {
    /// Bytes of a request to infer or predict.
    public var bodyLimit = ServeConfiguration.Limits().body
    /// Seconds that a request may take where it does not say.
    public var timeout = ServeConfiguration.Queue().timeoutSeconds
    /// The program's version.
    public var version = ""

    public init() {}
  }

  /// Every route there is: one group a resource, each in its file under `Routes`.
  static let table = RouteTable([
    ProtocolServerRoutes.group, ProtocolModelRoutes.group, InferRoutes.group, RepositoryRoutes.group,
    ModelRoutes.group, RolloutRoutes.group, PredictRoutes.group, PipelineRoutes.group, AssetRoutes.group,
    UploadRoutes.group,
    JobRoutes.group, TriggerRoutes.group, StreamRoutes.group, ViewRoutes.group, CapacityRoutes.group,
    DriftRoutes.group, EventRoutes.group, RecordingRoutes.group, HoldRoutes.group, ZoneRoutes.group,
    DeliveryRoutes.group, LinkRoutes.group, AnalysisRoutes.group, InsightRoutes.group, ChangeRoutes.group,
    RPCRoutes.group, TotalRoutes.group, SearchRoutes.group, SimilarRoutes.group, WordsRoutes.group,
    AlertRoutes.group, ShareRoutes.group, RegistryRoutes.group, TrialRoutes.group,
    SharedRoutes.group, CatalogueRoutes.group, FleetRoutes.group, FleetLedgerRoutes.group, FleetLogRoutes.group,
    SessionRoutes.group, ServerRoutes.group, PageRoutes.group,
  ])

  let options: Options
  let models: ModelRepository
  let keys: KeyRing?
  let library: LibraryDesk?
  let streams: StreamDesk
  let catalogue: CatalogueDesk
  /// Nodes at the edge, where this server is their centre.
  let fleet: FleetDesk?
  /// Thread pool that reads long JSON.
  let crew: FairThreadPool
  /// Where pictures and clips are decoded.
  let pictures: PictureDesk
  /// Loads and unloads: some may wait long for their network, the others go on.
  let control = ThreadPool(threads: 8, limit: 16)
  /// Calls of gRPC that go on.
  let watches = RPCWatches()
  /// When this began, in monotonic nanoseconds and in seconds since 1970.
  let begun = Clock.now
  let began = Clock.date
  let routeCounters = RouteCounters(table)
  /// Where traces go; `nil` for nowhere.
  let telemetry: Telemetry?
  private let server = Monitor<Server?>(nil)
  /// The description of all routes.
  let description: [UInt8]
  private let onEnded: OnEnded

  /// Called after each answer, with the pattern of its route, where it had one, and with what tells where it stood in a trace, where it did.
  public typealias OnEnded = @Sendable (_ record: Record, _ route: String?, _ place: () -> Trace?) -> Void

  /// Without `keys` every client may do everything: only for an address that this machine alone reaches.
  public init(
    _ models: ModelRepository, keys: KeyRing?, options: Options = Options(), pictures: PictureDesk,
    library: LibraryDesk? = nil, streams: StreamDesk? = nil, catalogue: CatalogueDesk = CatalogueDesk(folder: nil),
    fleet: FleetDesk? = nil, telemetry: Telemetry? = nil, onEnded: @escaping OnEnded = { _, _, _ in }
  ) {
    (self.models, self.keys, self.options, self.onEnded) = (models, keys, options, onEnded)
    (self.pictures, self.library, self.catalogue, self.telemetry) = (pictures, library, catalogue, telemetry)
    (self.streams, self.fleet) = (streams ?? StreamDesk(models), fleet)
    crew = FairThreadPool(threads: 2, limit: 64)
    description = Description(table: Self.table).json(version: options.version)
  }

  public func handle(_ request: Request) -> Handling {
    do throws(Failure) {
      guard let match = Self.table.match(request.path) else {
        throw RPC.isOne(request) ? .noMethod(request.path) : .nothing(at: request.path)
      }
      guard let route = match.route(for: request.method) else {
        throw Failure(
          405, Fault(.unsupported, "\(request.path) takes \(match.allowed), not \(request.method)"),
          headers: [("Allow", match.allowed)])
      }
      let caller = try caller(of: request, for: route)
      let trace = telemetry == nil ? nil : place(of: request).flatMap { $0.isSampled ? $0 : nil }
      let context = RequestContext(gateway: self, request: request, caller: caller, route: route, trace: trace)
      return try route.handle(context, match.values)
    } catch {
      return .answer(error.response(request).speakingTus(to: request.path))
    }
  }

  /// Counts of connections are this server's.
  public func count(_ server: Server) { self.server.update { $0 = server } }

  var counts: Counts { server.update { $0 }?.counts ?? Counts() }

  public func ended(_ record: Record) {
    let route = Self.table.match(record.request.path)?.route(for: record.request.method)
    routeCounters.count(route, record.status)
    if let telemetry { tell(record, route?.pattern.text, to: telemetry) }
    onEnded(record, route?.pattern.text) { place(of: record.request) }
  }

  public func answer(to rejected: RejectedRequest) -> Response {
    let failure = Failure(rejected.status, rejected.fault)
    return rejected.request.map(failure.response) ?? failure.response(path: nil, id: rejected.id)
  }

  private func caller(of request: Request, for route: Route) throws(Failure) -> Caller {
    guard route.needsKey, let keys else { return .local }
    let (host, origin) = (request.header("host"), request.header("origin"))
    let credential = Credential(request)
    // Before the key's rate is used up: no other site's page can spend it.
    if case .session = credential, let stranger = OriginGuard.stranger(toSessionAt: host, origin: origin) {
      throw Failure(stranger.fault)
    }
    let moment = Moment(nanoseconds: Int(request.receivedAt), date: Clock.date)
    switch keys.authorize(credential, for: route.scope, at: moment) {
    case .allowed(let caller):
      guard caller.key == nil else { return caller }
      guard let stranger = OriginGuard.stranger(host: host, origin: origin) else { return caller }
      throw Failure(stranger.fault)
    case .refused(let denial): throw Failure(denial)
    }
  }
}

extension Response {
  /// The beginning of server-sent events, with the first bytes of them.
  static func events(_ body: [UInt8]) -> Response {
    let headers = [
      ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"),
    ]
    return Response(200, headers: headers, body: body)
  }

  static func json(_ bytes: [UInt8], status: Int = 200) -> Response {
    Response(status, headers: [("Content-Type", "application/json")], body: bytes)
  }
}
