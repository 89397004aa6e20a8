public import Base
public import Catalog
internal import Items
internal import Store

extension Library {
  /// Holds of one client at most.
  private static let mostHolds = 1000

  /// Holds what was and will be recorded of a stream in a time.
  ///
  /// The fault is `exhausted` where the client has very many.
  public func hold(_ hold: RecordingHold) throws(Fault) {
    guard hold.from < hold.to else { throw Fault(.badInput, "a hold ends behind its beginning") }
    let many = Query(CompositeKey.joined("CLIENT", hold.client, "HOLDS"), limit: Self.mostHolds)
    guard try table.entries(of: LibrarySchema.holds, many).elements.count < Self.mostHolds else {
      throw Fault(.exhausted, "a client has at most \(Self.mostHolds) holds: take away what is not needed any more")
    }
    let client = try openClient(hold.client)
    let writes: [Write] = [
      .check(LibraryKeys.client(hold.client), if: .version(client)), .put(hold.itemKey, hold.json, if: .absent),
    ]
    guard case .committed = try table.write(writes) else {
      throw Fault(.unavailable, "the client '\(hold.client)' was changed by others meanwhile")
    }
  }

  /// What is held of a stream, in the order of holding.
  public func holds(of stream: String, client: String, scope: ClientScope) throws(Fault) -> [RecordingHold] {
    guard scope.covers(client) else { return [] }
    var holds: [RecordingHold] = []
    try table.forEach(Query(LibraryKeys.streamPartition(client, stream), .prefix(LibraryKeys.holds))) {
      (item) throws(Fault) in holds.append(try RecordingHold(item))
    }
    return holds
  }

  /// Takes a hold away.
  public func release(_ id: String, of stream: String, client: String, scope: ClientScope) throws(Fault) {
    let none = Fault(.notFound, "there is no hold '\(id.prefix(64))' of the stream '\(stream.prefix(64))'")
    guard scope.covers(client), let ulid = ULID(id) else { throw none }
    let key = LibraryKeys.hold(client, stream, ulid)
    guard let item = try table.get(key), case .committed = try table.write([.delete(key, if: .version(item.version))])
    else { throw none }
  }

  /// All holds of all clients.
  public func allHolds() throws(Fault) -> [RecordingHold] {
    var (holds, token) = ([RecordingHold](), PageToken?.none)
    repeat {
      let page = try table.entries(of: LibrarySchema.allHolds, Query("HOLDS", limit: 1000), after: token)
      for item in try table.present(of: page.elements) { holds.append(try RecordingHold(item)) }
      token = page.next
    } while token != nil
    return holds
  }

  /// The times that a hold is about: all of it, or those of events of its label, with what happened around them.
  public func times(of hold: RecordingHold) throws(Fault) -> [ClosedRange<Int>] {
    guard let label = hold.label else { return [hold.from...hold.to] }
    var filter = EventFilter(client: hold.client)
    (filter.stream, filter.label) = (hold.stream, label)
    // One that began before may last into it.
    filter.range = max(0, hold.from - 86_400_000)...hold.to
    var (times, token) = ([ClosedRange<Int>](), PageToken?.none)
    repeat {
      let page = try events(filter, scope: .all, limit: 1000, after: token)
      for event in page.elements where event.to >= hold.from { times.append(event.from...max(event.from, event.to)) }
      token = page.next
    } while token != nil
    return times
  }
}
