public import Base
public import Catalog
public import Items
internal import Objects
internal import Store

extension Library {
  /// Makes an asset of a film that was recorded, whose file nobody writes any more; without copying its bytes where they lie on one disk.
  ///
  /// The same bytes under the same name are added once. A client is not made anew: the fault is `notFound` where it was removed,
  /// `unavailable` while it is being purged, and `denied` where it may store no more. The file stays where it is.
  public func add(
    recorded path: String, _ draft: AssetDraft, examiner: any MediaExaminer
  ) throws(Fault) -> AddedAsset {
    try checkAdding(draft, scope: .all, makesClient: false)
    let byteCount = try FileSystem.byteCount(of: path)
    let promise: BytePromise
    do throws(Fault) { promise = try self.promise(byteCount, to: draft.group.client) } catch {
      // What waited for that would fill the disk for all.
      throw error.kind == .exhausted ? Fault(.denied, error.message) : error
    }
    defer { withExtendedLifetime(promise) {} }
    return try addOrRefuse(try objects.adopt(file: path), draft, examiner)
  }

  /// The clip of an event; `nil` where there is none, or none yet.
  public func clip(of event: ULID, client: String) throws(Fault) -> Asset? {
    let query = Query(CompositeKey.joined("CLIENT", client, "CLIP", event.text), limit: 1)
    return try assets(try table.entries(of: LibrarySchema.clips, query).elements.map(\.key)).first
  }

  /// Recordings of a stream that a filter lets through, the newest first.
  func list(
    _ filter: AssetFilter, of stream: String, limit: Int, after token: PageToken?
  ) throws(Fault) -> Page<Asset> {
    guard filter.text == nil else {
      throw Fault(.badInput, "words are not looked for among the recordings of a stream: leave them away")
    }
    let range = filter.recorded ?? 0...EventFilter.end
    let page = try table.entries(
      of: LibrarySchema.recordings,
      Query(
        Self.partition(stream, filter.recording, filter.group.client), Self.times(of: range), order: .descending,
        limit: limit), after: token)
    let found = try assets(page.elements.map(\.key)).filter { asset in
      let isInTime = asset.recording.map { $0.to > range.lowerBound && $0.from < range.upperBound } ?? false
      let isOfGroup =
        filter.group.brand.map { asset.group.brand == $0 } ?? true
        && filter.group.campaign.map { asset.group.campaign == $0 } ?? true
      return isInTime && isOfGroup && asset.added < filter.before ?? .max && asset.added >= filter.from ?? .min
        && filter.tags.allSatisfy(asset.tags.contains) && filter.state.map { $0 == asset.state } ?? true
        && filter.isPicture.map { $0 == asset.media.isPicture } ?? true
    }
    return Page(elements: found, next: page.next)
  }

  private static func partition(_ stream: String, _ kind: Recording.Kind, _ client: String) -> String {
    CompositeKey.joined("CLIENT", client, "STREAM", stream, "RECORDING", kind.rawValue)
  }

  /// Of beginnings of what may reach into a range.
  private static func times(of range: ClosedRange<Int>) -> Query.Range {
    .between(
      CompositeKey.time(milliseconds: max(0, range.lowerBound - longest)),
      CompositeKey.joined(CompositeKey.time(milliseconds: range.upperBound), "~"))
  }

  /// Milliseconds that a recording is long at most, with the group of pictures behind its end.
  private static let longest = 2 * 3_600_000

  /// All recordings of all clients, of one kind, the oldest first.
  public func recordings(
    _ kind: Recording.Kind, after token: PageToken?
  ) throws(Fault) -> Page<Asset> {
    let query = Query(CompositeKey.joined("RECORDINGS", kind.rawValue), limit: ItemLimits.pageCount)
    let page = try table.entries(of: LibrarySchema.recordingKind, query, after: token)
    return Page(elements: try assets(page.elements.map(\.key)), next: page.next)
  }

  /// Takes a recording away, with its bytes, at once; of one that was analysed the asset stays without them, so that what was found is told of
  /// still.
  ///
  /// The fault is `notFound` where it is not there any more.
  public func removeRecording(_ id: ULID) throws(Fault) {
    let asset = try change("the asset '\(id)'") { () throws(Fault) -> ([Write], Asset) in
      let found = try self.asset(id.text, scope: .all)
      guard found.asset.recording != nil, found.asset.hasBytes else { throw Self.noAsset(id.text) }
      guard found.asset.analysisCount > 0 else { return ([], found.asset) }
      return (AssetChange.removeBytes(found.asset, at: found.version, now: now), found.asset)
    }
    if asset.analysisCount == 0 { try delete(id.text, scope: .all) }
    for digest in [asset.object, asset.analysisCount == 0 ? asset.thumbnail : nil].compactMap(\.self) {
      guard let name = ObjectName(digest), let lease = try objects.lease(name) else { continue }
      refuse(StoredObject(name: name, byteCount: asset.byteCount, lease: lease))
    }
  }

  /// Recordings of a stream, of one kind, that have something of a range of milliseconds since 1970, in their order.
  public func recordings(
    of stream: String, _ kind: Recording.Kind, client: String, scope: ClientScope, in range: ClosedRange<Int>,
    limit: Int = ItemLimits.pageCount, after token: PageToken? = nil
  ) throws(Fault) -> Page<Asset> {
    guard scope.covers(client) else { return Page(elements: [], next: nil) }
    let query = Query(Self.partition(stream, kind, client), Self.times(of: range), limit: limit)
    let page = try table.entries(of: LibrarySchema.recordings, query, after: token)
    let found = try assets(page.elements.map(\.key))
    return Page(elements: found.filter { $0.recording.map { $0.to > range.lowerBound } ?? false }, next: page.next)
  }
}
