internal import Access
public import Base
internal import Fleet
public import Web

/// The door to which nodes come: TLS with both keys known, and nothing behind it but what nodes need.
///
/// Who asks is told by the key in the client's certificate, never by a path or a body. A key that was revoked is refused with the next request
/// on a connection that is open.
public final class EdgeDoor: RequestHandler {
  /// Every route there is: each part has its own, in a file beside this one.
  static let routes = EnrolRoutes.routes + LedgerRoutes.routes + UpdateRoutes.routes + NodeLogRoutes.routes

  private let fleet: FleetDesk
  private let rates = Monitor(DoorRates())
  private let onEnded: Gateway.OnEnded

  public init(_ fleet: FleetDesk, onEnded: @escaping Gateway.OnEnded = { _, _, _ in }) {
    (self.fleet, self.onEnded) = (fleet, onEnded)
  }

  public func handle(_ request: Request) -> Handling {
    do throws(Failure) {
      let context = try context(of: request)
      let (route, values) = try Self.find(request)
      guard context.node != nil || route.pattern == EnrolRoutes.enrolment else { throw Self.stranger }
      if route.pattern == EnrolRoutes.beats { try count(DoorRates.beat, "beats of \(context.source)", request) }
      return try route.handle(context, values)
    } catch { return .answer(error.response(request)) }
  }

  /// Whose request it is; who shows no key that is known has few of them.
  private func context(of request: Request) throws(Failure) -> EdgeContext {
    let key = request.clientKey
    switch key.map(fleet.ring.verdict) ?? .unknown {
    case .enrolled(let node):
      try count(DoorRates.node, node.name.text, request)
      return EdgeContext(fleet: fleet, request: request, key: key ?? [], node: node)
    case .revoked(let name):
      try count(DoorRates.stranger, "once \(name.text)", request)
      throw Failure(403, Fault(.denied, "the key of the node '\(name.text)' was revoked"))
    case .unknown: try count(DoorRates.stranger, "from \(request.origin)", request)
    }
    guard let key else {
      throw Failure(
        401,
        Fault(
          .denied,
          "this door is for nodes, and no certificate was shown (of an EC P-256 or Ed25519 key): 'ridley serve --join' has one"
        ))
    }
    return EdgeContext(fleet: fleet, request: request, key: key, node: nil)
  }

  private func count(_ rate: Rate, _ who: String, _ request: Request) throws(Failure) {
    guard let wait = rates.update({ $0.take(rate, from: who, at: Int(request.receivedAt)) }) else { return }
    throw Failure(
      429, Fault(.exhausted, "too many requests at once: \(rate.text) are answered"), retryAfter: Double(wait) / 1e9)
  }

  static let stranger = Failure(
    403,
    Fault(.denied, "the key of this node is not enrolled here: enrol it with a token of 'ridley edge token'"))

  static func find(_ request: Request) throws(Failure) -> (EdgeRoute, [String]) {
    guard let segments = PathPattern.segments(of: request.path) else { throw .nothing(at: request.path) }
    var allowed: [String] = []
    for route in routes {
      guard let values = route.pattern.values(of: segments) else { continue }
      if route.method.rawValue == request.method { return (route, values) }
      allowed.append(route.method.rawValue)
    }
    guard !allowed.isEmpty else { throw .notFound("there is nothing at \(request.path) for nodes") }
    let words = allowed.joined(separator: ", ")
    throw Failure(
      405, Fault(.unsupported, "\(request.path) takes \(words), not \(request.method)"), headers: [("Allow", words)])
  }

  public func ended(_ record: Record) {
    onEnded(record, (try? Self.find(record.request))?.0.pattern.text) { nil }
  }

  public func answer(to rejected: RejectedRequest) -> Response {
    Failure(rejected.status, rejected.fault).response(path: nil, id: rejected.id)
  }
}

extension PathPattern {
  /// The values of its parameters in a path that it fits; `nil` for another path.
  func values(of path: [Substring]) -> [String]? {
    guard path.count == segments.count else { return nil }
    var values: [String] = []
    for (segment, part) in zip(segments, path) {
      switch segment {
      case .literal(let text): if text != part { return nil }
      case .parameter:
        guard !part.isEmpty else { return nil }
        values.append(String(part))
      }
    }
    return values
  }
}
