public import Base
public import Catalog
internal import Crypto
public import Items
internal import Store

/// Which assets of one client are wanted; what is not said is not asked for.
public struct AssetFilter: Sendable, Hashable {
  public var group: AssetGroup
  /// Every one of them.
  public var tags: [String] = []
  public var state: Asset.State?
  /// `true` for pictures, `false` for videos.
  public var isPicture: Bool?
  /// Words of names, tags, brands and campaigns.
  public var text: String?
  /// When it was added: from the first moment on, and before the second; milliseconds since 1970.
  public var from: Int?
  public var before: Int?
  /// Only what was recorded of a live stream, of one kind, and overlaps with a time in milliseconds since 1970.
  public var stream: String?
  public var recording = Recording.Kind.continuous
  public var recorded: ClosedRange<Int>?

  public init(client: String) { group = AssetGroup(client: client) }

  /// More than a group and a range of time, for which there are indexes.
  var isSearch: Bool { !tags.isEmpty || state != nil || isPicture != nil || text != nil }

  var conditions: [(attribute: String, value: String)] {
    var conditions = tags.map { (attribute: "tags", value: $0) }
    if let brand = group.brand { conditions.append(("brand", brand)) }
    if let campaign = group.campaign { conditions.append(("campaign", campaign)) }
    if let state { conditions.append(("state", state.rawValue)) }
    if let isPicture { conditions.append(("kind", isPicture ? "picture" : "video")) }
    return conditions
  }
}

/// New words about an asset; `nil` leaves what is there.
public struct AssetEdit: Sendable {
  public var group: AssetGroup?
  public var name: String?
  public var tags: [String]?
  public var captured: Int??
  /// Parts of the group, for who does not know the others: what is `nil` stays.
  public var client: String?
  public var brand: String??
  public var campaign: String??

  public init() {}

  /// Another brand leaves the old campaign behind, unless one is given.
  func moved(_ old: AssetGroup) -> AssetGroup {
    var group = self.group ?? old
    if let client { group.client = client }
    if let brand { (group.brand, group.campaign) = (brand, nil) }
    if let campaign { group.campaign = campaign }
    return group
  }
}

/// An asset as it was read, with the version that a condition compares.
public struct VersionedAsset: Sendable {
  public let asset: Asset
  public let version: ItemVersion

}

extension Library {
  /// Names a representation; made of it alone, so that it tells nothing of other clients' writes.
  public static func tag(of representation: [UInt8]) -> String {
    String(SHA256.hex(of: representation).prefix(32))
  }
}

extension Library {
  /// The asset, where it is there and the caller may see it; else the fault `notFound`, one as the other.
  public func asset(_ id: String, scope: ClientScope) throws(Fault) -> VersionedAsset {
    guard let ulid = ULID(id), let item = try table.get(LibraryKeys.asset(ulid)) else { throw Self.noAsset(id) }
    let asset = try Asset(item)
    guard scope.covers(asset.group.client) else { throw Self.noAsset(id) }
    return VersionedAsset(asset: asset, version: item.version)
  }

  /// Those of some assets that are there still, and that the caller may see.
  public func assets(_ ids: some Sequence<ULID>, scope: ClientScope) throws(Fault) -> [Asset] {
    try assets(ids.map { LibraryKeys.asset($0) }).filter { scope.covers($0.group.client) }
  }

  /// A page of assets, newest first.
  public func list(
    _ filter: AssetFilter, scope: ClientScope, limit: Int, after token: PageToken? = nil
  ) throws(Fault) -> Page<Asset> {
    guard scope.covers(filter.group.client) else { return Page(elements: [], next: nil) }
    if let stream = filter.stream { return try list(filter, of: stream, limit: limit, after: token) }
    if filter.isSearch { return try search(filter, limit: limit, after: token) }
    let range: Query.Range =
      filter.from == nil && filter.before == nil
      ? .all
      : .between(
        CompositeKey.time(milliseconds: filter.from ?? 0), CompositeKey.time(milliseconds: (filter.before ?? .max) - 1))
    let page = try table.entries(
      of: LibrarySchema.assets(of: filter.group.level),
      Query(CompositeKey.joined(filter.group.keyParts), range, order: .descending, limit: limit), after: token)
    return Page(elements: try assets(page.elements.map(\.key)), next: page.next)
  }

  /// By words and by everything that is said of assets.
  ///
  /// What was added outside of a range of time is passed over, up to so many assets a page: a page may then be shorter and still have a next one.
  private func search(_ filter: AssetFilter, limit: Int, after token: PageToken?) throws(Fault) -> Page<Asset> {
    let query = TextQuery(
      CompositeKey.joined("CLIENT", filter.group.client), filters: filter.conditions, text: filter.text, limit: limit)
    var (found, next, rounds) = ([Asset](), token, 0)
    repeat {
      let page = try table.matches(of: LibrarySchema.search, query, after: next)
      for item in page.elements {
        let asset = try Asset(item)
        if asset.added >= filter.from ?? .min, asset.added < filter.before ?? .max { found.append(asset) }
      }
      (next, rounds) = (page.next, rounds + 1)
    } while next != nil && found.isEmpty && rounds < 20
    return Page(elements: found, next: next)
  }

  /// Those of some items that are still there, in their order.
  func assets(_ keys: [ItemKey]) throws(Fault) -> [Asset] {
    var assets: [Asset] = []
    for item in try table.present(keys) { assets.append(try Asset(item)) }
    return assets
  }

  /// Changes what is said of an asset; another group moves it, with its scores, in one transaction.
  ///
  /// `version` is the one that the caller saw, where it insists on it: the fault is then `closed` when it is another one by now.
  public func update(
    _ id: String, _ edit: AssetEdit, scope: ClientScope, ifVersion version: ItemVersion? = nil
  ) throws(Fault) -> Asset {
    let (old, new) = try change("the asset '\(id)'") { () throws(Fault) -> ([Write], (Asset, Asset)) in
      let found = try asset(id, scope: scope)
      guard version == nil || version == found.version else { throw Self.changed(id) }
      var new = found.asset
      new.group = edit.moved(new.group)
      if let name = edit.name { new.name = name }
      if let tags = edit.tags { new.tags = tags }
      if let captured = edit.captured { new.captured = captured }
      try new.check()
      guard scope.covers(new.group.client) else {
        throw Fault(.denied, "an asset can be moved within its own client alone")
      }
      guard new != found.asset else { return ([], (new, new)) }
      let isMoved = !new.group.client.hasSameBytes(as: found.asset.group.client)
      if isMoved {
        try checkRoom(new.byteCount + new.foundByteCount, of: new.group.client)
        try followMove(of: new.id)
      }
      let client = isMoved ? try openClient(new.group.client) : nil
      let writes = AssetChange.update(
        new, from: found.version, scores: try scores(found.asset.id), client: client,
        former: isMoved ? found.asset.group.client : nil)
      return (writes, (found.asset, new))
    }
    if !new.group.client.hasSameBytes(as: old.group.client) {
      try forgetTriggered(old)
      try followMove(of: new.id)
    }
    return new
  }

  static func changed(_ id: String) -> Fault {
    Fault(.closed, "the asset '\(id)' was changed since: read it again")
  }

  /// Deletes an asset and all that was made of it.
  public func delete(_ id: String, scope: ClientScope, ifVersion version: ItemVersion? = nil) throws(Fault) {
    let deleted = try change("the asset '\(id)'") { () throws(Fault) in
      let found = try asset(id, scope: scope)
      guard version == nil || version == found.version else { throw Self.changed(id) }
      try close(uploadOf: found.asset.id)
      try followMove(of: found.asset.id)
      let scores = try scores(found.asset.id).map(\.scores)
      return (AssetChange.delete(found.asset, at: found.version, scores: scores), found.asset)
    }
    let unreadable = try removeRemains(of: deleted.id)
    try forgetTriggered(deleted)
    if let unreadable { throw unreadable }
  }

  /// An asset that is gone from a client, or deleted, leaves no marks of what triggers started for it there.
  private func forgetTriggered(_ asset: Asset) throws(Fault) {
    let query = Query(
      LibraryKeys.triggeredPartition(asset.group.client), .prefix(LibraryKeys.triggered(asset.id)),
      limit: ItemLimits.writeCount)
    while true {
      let marks = try table.items(query).elements
      if marks.isEmpty { return }
      _ = try table.write(marks.map { .delete($0.key) })
    }
  }

  /// The scores of an asset, one item a series.
  func scores(_ id: ULID) throws(Fault) -> [(scores: Scores, version: ItemVersion)] {
    let query = Query(LibraryKeys.assetPartition(id), .prefix(LibraryKeys.scores))
    var found: [(scores: Scores, version: ItemVersion)] = []
    try table.forEach(query) { (item) throws(Fault) in found.append((try Scores(item), item.version)) }
    return found
  }

  /// Takes away what is left of assets that were deleted by processes that did not come to the end.
  ///
  /// An analysis that cannot be read stays, with the bytes that it needs, and is the fault once all else is done.
  public func removeRemains() throws(Fault) {
    var unreadable: Fault?
    try table.forEach(Query(LibraryKeys.remains)) { (item) throws(Fault) in
      guard let id = ULID(item.key.sort) else { return }
      unreadable = try removeRemains(of: id) ?? unreadable
    }
    if let unreadable { throw unreadable }
  }

  /// Gives why an analysis stays.
  private func removeRemains(of id: ULID) throws(Fault) -> Fault? {
    let client = try table.get(LibraryKeys.remains(id)).flatMap { (item) throws(Fault) in
      try FormerClient(item).client
    }
    var unreadable: Fault?
    try table.forEach(Query(LibraryKeys.assetPartition(id), .prefix(LibraryKeys.analyses), limit: 20)) {
      (item) throws(Fault) in
      let analysis: Analysis
      do throws(Fault) { analysis = try Analysis(item) } catch {
        unreadable = error
        return
      }
      _ = try table.write(AssetChange.remove(analysis, of: client))
    }
    try removeRenditions(of: id)
    if unreadable == nil { _ = try table.write([.delete(LibraryKeys.remains(id))]) }
    return unreadable
  }
}
