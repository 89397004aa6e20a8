public import Base
public import Catalog
internal import Items
public import Library
internal import Store

/// What a server lacks, written down as events of the kind `health`, and what is not as it was, of the kind `drift`: one for each incident, from when it is noticed until it is over.
///
/// For any thread that may block. What is raised again while it is open changes nothing.
public final class IncidentDesk: Sendable {
  public struct Place: Sendable, Hashable {
    /// Such as `source-gone`, `disk-short`.
    public let kind: String
    public let client: String
    public let stream: String
    /// Of which kind its events are.
    public var event: StreamEvent.Kind { kind == Self.drift ? .drift : .health }

    /// What a stream shows, or what is answered about it, is not as it was.
    public static let drift = "drift"

    /// About a stream, or about the server itself.
    public init(_ kind: String, client: String, stream: String = StreamEvent.serverStream) {
      (self.kind, self.client, self.stream) = (kind, client, stream)
    }
  }

  private let library: Library
  private let open = Monitor<[Place: StreamEvent]>([:])

  public init(_ library: Library) { self.library = library }

  /// Whose incidents those of the server itself are: the library's only client, or else `local`.
  public func owner() throws(Fault) -> String {
    let clients = try library.clients(scope: .all)
    return clients.count == 1 ? clients[0].name : "local"
  }

  /// From now on something is wrong; whether that is news.
  ///
  /// Where its client is not there nothing is written, and the fault is `closed`.
  @discardableResult
  public func raise(_ place: Place, _ problem: String) throws(Fault) -> Bool {
    guard open.update({ $0[place] }) == nil else { return false }
    let event = event(place, problem)
    try library.keep(event, picture: nil)
    open.update { $0[place] = event }
    return true
  }

  /// It is over, where it was open; whether it was.
  @discardableResult
  public func clear(_ place: Place) throws(Fault) -> Bool {
    guard var event = open.update({ $0[place] }) else { return false }
    event.end(at: library.now)
    try library.keep(event, picture: nil)
    open.update { $0[place] = nil }
    return true
  }

  /// Something happened that is over as it is noticed, such as something that was thrown away.
  public func tell(_ place: Place, _ problem: String) throws(Fault) {
    var event = event(place, problem)
    event.end(at: event.from)
    try library.keep(event, picture: nil)
  }

  /// One that begins now.
  private func event(_ place: Place, _ problem: String) -> StreamEvent {
    var random = SystemRandomNumberGenerator()
    let now = library.now
    var event = StreamEvent(
      id: ULID(milliseconds: now, using: &random), client: place.client, stream: place.stream, rule: place.kind,
      from: now, pipeline: "")
    (event.kind, event.problem, event.count) = (place.event, problem, 1)
    return event
  }

  /// What is open by now.
  public var places: Set<Place> { open.update { Set($0.keys) } }
}
