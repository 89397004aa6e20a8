public import Base
public import Catalog
public import Items
internal import Objects
internal import Predictions
internal import Store

/// Which events are asked for.
public struct EventFilter: Sendable {
  public var client: String
  public var stream: String?
  public var label: String?
  public var zone: String?
  public var kind: StreamEvent.Kind?
  /// Milliseconds since 1970 in which they began.
  public var range = 0...EventFilter.end

  public static let end = Int(1e15)

  public init(client: String) { self.client = client }

  func matches(_ event: StreamEvent) -> Bool {
    (stream?.hasSameBytes(as: event.stream) ?? true) && range.contains(event.from)
      && (kind.map { $0 == event.kind } ?? true)
      && (label.map { event.label?.hasSameBytes(as: $0) ?? false } ?? true)
      && (zone.map { event.zone?.hasSameBytes(as: $0) ?? false } ?? true)
  }
}

/// A change of an event as those that follow its stream see it.
public struct StreamEventChange: Sendable {
  public let event: StreamEvent
  /// It was not there before.
  public let isNew: Bool
  /// Behind this change.
  public let position: ChangePosition
}

extension Library {
  /// Writes an event down as it is by now, with the picture of its best moment where there is a new one.
  ///
  /// The fault is `closed` where its client is not there, or is being purged: an event makes no client anew.
  public func keep(_ event: StreamEvent, picture: [UInt8]?) throws(Fault) {
    var event = event
    guard let client = try openVersion(of: event.client) else {
      throw Fault(.closed, "the client '\(event.client)' was removed: none of its events is kept any more")
    }
    // Held until it is referred to.
    let object = try picture.map { (picture) throws(Fault) in try put(picture) }
    let item = try table.get(event.itemKey)
    let old = try item.map { (item) throws(Fault) in try StreamEvent(item) }
    // One that was removed, or ended, by others is not opened again.
    guard old?.state != .over else { return }
    event.snapshot = object?.name.digest ?? old?.snapshot
    var writes: [Write] = [
      .check(LibraryKeys.client(event.client), if: .version(client)),
      .put(event.itemKey, event.json, if: item.map { .version($0.version) } ?? .absent),
    ]
    if let new = event.reference, new != old?.reference { writes.append(.put(new, Array("{}".utf8))) }
    if let before = old?.reference, before != event.reference { writes.append(.delete(before)) }
    guard case .committed = try table.write(writes) else {
      throw Fault(.unavailable, "the event \(event.id) was changed by others meanwhile")
    }
    withExtendedLifetime(object) {}
  }

  /// Ends the events that a server left open when it died; gives how many these were.
  ///
  /// Of a shared library only those of streams that `isOwn` says are the server's, of none, and what nobody has told of for a day: the others go
  /// on elsewhere.
  public func endOpenEvents(
    isOwn: (_ stream: String, _ client: String) -> Bool = { _, _ in true }
  ) throws(Fault) -> Int {
    var (count, token) = (0, PageToken?.none)
    repeat {
      let page = try table.entries(
        of: LibrarySchema.eventState, Query(CompositeKey.joined("EVENTS", "open")), after: token)
      for item in try table.present(of: page.elements) {
        var event = try StreamEvent(item)
        // A node's, which tells of its end itself.
        if event.isForwarded { continue }
        let goesOn = isShared && event.updated > now - 86_400_000 && !event.stream.isEmpty
        if goesOn, !isOwn(event.stream, event.client) { continue }
        event.leave(at: now)
        if case .committed = try table.write([.put(item.key, event.json, if: .version(item.version))]) { count += 1 }
      }
      token = page.next
    } while token != nil
    return count
  }

  /// Events of a stream that are open.
  public func openEvents(of stream: String, client: String) throws(Fault) -> [StreamEvent] {
    let partition = LibraryKeys.streamPartition(client, stream)
    var own: [ItemKey] = []
    try table.forEach(
      Query(CompositeKey.joined("EVENTS", "open"), limit: ItemLimits.pageCount), of: LibrarySchema.eventState
    ) { (entry) in if entry.key.partition.hasSameBytes(as: partition) { own.append(entry.key) } }
    return try table.present(own).map { (item) throws(Fault) in try StreamEvent(item) }
  }

  /// Removes events that began before a moment in milliseconds since 1970, with their pictures.
  public func removeEvents(before moment: Int) throws(Fault) -> Int {
    let range = Query.Range.between("", CompositeKey.time(milliseconds: moment))
    return try removeEvents(
      of: LibrarySchema.eventState, Query(CompositeKey.joined("EVENTS", "over"), range, limit: 33))
  }

  /// Removes what an index has, page after page.
  func removeEvents(of index: IndexDeclaration, _ query: Query) throws(Fault) -> Int {
    var count = 0
    while true {
      let keys = try table.entries(of: index, query).elements.map(\.key)
      if keys.isEmpty { return count }
      var writes = keys.map { Write.delete($0) }
      for item in try table.present(keys) {
        let event = try StreamEvent(item)
        writes += [event.reference, event.place].compactMap(\.self).map { .delete($0) }
      }
      _ = try table.write(writes)
      count += keys.count
    }
  }

  /// Looks through so many pages for one that is asked for; one may have less than the limit, and still more behind it.
  private static let mostPages = 10

  /// Events of a client, the newest first.
  public func events(
    _ filter: EventFilter, scope: ClientScope, limit: Int, after token: PageToken?
  ) throws(Fault) -> Page<StreamEvent> {
    guard scope.covers(filter.client) else { return Page(elements: [], next: nil) }
    var (found, token) = ([StreamEvent](), token)
    for _ in 0..<Self.mostPages {
      let page = try page(filter, limit: limit - found.count, token)
      found += page.elements.filter(filter.matches)
      token = page.next
      if token == nil || found.count == limit { break }
    }
    return Page(elements: found, next: token)
  }

  private func page(_ filter: EventFilter, limit: Int, _ token: PageToken?) throws(Fault) -> Page<StreamEvent> {
    if let stream = filter.stream {
      let range = LibraryKeys.events(from: filter.range.lowerBound, to: filter.range.upperBound)
      let query = Query(
        LibraryKeys.streamPartition(filter.client, stream), range, order: .descending, limit: limit)
      let page = try table.items(query, after: token)
      return Page(elements: try page.elements.map { (item) throws(Fault) in try StreamEvent(item) }, next: page.next)
    }
    let (index, last): (IndexDeclaration, [String]) =
      if let kind = filter.kind, kind != .event {
        (LibrarySchema.eventKind, ["KIND", kind.rawValue])
      } else if let label = filter.label {
        (LibrarySchema.eventLabel, ["LABEL", label])
      } else if let zone = filter.zone {
        (LibrarySchema.eventZone, ["ZONE", zone])
      } else { (LibrarySchema.events, ["EVENTS"]) }
    let range = Query.Range.between(
      CompositeKey.time(milliseconds: filter.range.lowerBound),
      CompositeKey.joined(CompositeKey.time(milliseconds: filter.range.upperBound), "~"))
    let query = Query(
      CompositeKey.joined(["CLIENT", filter.client] + last), range, order: .descending, limit: limit)
    let page = try table.entries(of: index, query, after: token)
    let items = try table.present(of: page.elements)
    return Page(elements: try items.map { (item) throws(Fault) in try StreamEvent(item) }, next: page.next)
  }

  /// An event by its id.
  public func event(_ id: String, client: String, scope: ClientScope) throws(Fault) -> StreamEvent {
    let none = Fault(.notFound, "there is no event '\(id.prefix(64))'")
    guard scope.covers(client), let ulid = ULID(id) else { throw none }
    func item(from moment: Int) throws(Fault) -> Item? {
      let sort = CompositeKey.joined(CompositeKey.time(milliseconds: moment), ulid.text)
      let query = Query(CompositeKey.joined("CLIENT", client, "EVENTS"), .prefix(sort), limit: 1)
      return try table.entries(of: LibrarySchema.events, query).elements.first.flatMap { (entry) throws(Fault) in
        try table.get(entry.key)
      }
    }
    // Where its id says first: no other's place hides it.
    var found = try item(from: ulid.milliseconds)
    if found == nil, let place = try table.get(LibraryKeys.eventPlace(client, ulid)) {
      found = try item(from: try EventPlace.read(place))
    }
    guard let item = found else { throw none }
    return try StreamEvent(item)
  }

  /// What became of a stream's events behind a position; of others' nothing shows, not even that there was something.
  public func eventChanges(
    of client: String, stream: String, scope: ClientScope, after position: ChangePosition
  ) throws(Fault) -> (changes: [StreamEventChange], position: ChangePosition, hasMore: Bool) {
    guard scope.covers(client) else { return ([], position, false) }
    let partition = LibraryKeys.streamPartition(client, stream)
    let page = try table.changes(after: position, limit: 1000)
    var changes: [StreamEventChange] = []
    for change in page.changes where change.key.partition.hasSameBytes(as: partition) {
      guard change.key.sort.utf8.starts(with: LibraryKeys.events.utf8), let item = change.after else { continue }
      changes.append(
        StreamEventChange(event: try StreamEvent(item), isNew: change.before == nil, position: change.position))
    }
    return (changes, page.position, page.hasMore)
  }
}
