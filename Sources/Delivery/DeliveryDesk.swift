public import Base
public import Catalog
internal import Items
public import Library
internal import Objects
internal import Store

/// Targets and what they were told, as use cases; for any thread that may block.
public final class DeliveryDesk: Sendable {
  public let library: Library
  /// What the configuration says of its targets' credentials, which no item has.
  let configured = Monitor<[ItemKey: DeliveryTarget.Credentials]>([:])

  /// The key that links are signed with, once it was read.
  let linkKeys = Monitor<[UInt8]?>(nil)

  public init(_ library: Library) { self.library = library }

  var table: any Table { library.table }

  /// All targets of all clients, those of the configuration with their credentials where this process has them.
  func known() throws(Fault) -> [KnownTarget] { try known(Query(LibraryKeys.targets, limit: ItemLimits.pageCount)) }

  private func known(_ query: Query) throws(Fault) -> [KnownTarget] {
    let credentials = configured.update { $0 }
    var (found, token) = ([KnownTarget](), PageToken?.none)
    repeat {
      let page = try table.items(query, after: token)
      for item in page.elements {
        var target = try DeliveryTarget(item)
        if target.isConfigured, let own = credentials[item.key] { target.credentials = own }
        found.append(KnownTarget(target: target, version: item.version))
      }
      token = page.next
    } while token != nil
    return found
  }

  /// A client's targets, by name.
  public func targets(of client: String, scope: ClientScope) throws(Fault) -> [DeliveryTarget] {
    guard scope.covers(client) else { return [] }
    return try known(Query(LibraryKeys.targets, .prefix(LibraryKeys.targets(of: client)))).map(\.target)
  }

  /// The fault is `notFound` where it is not there or not for this caller, one as the other.
  public func target(_ name: String, client: String, scope: ClientScope) throws(Fault) -> DeliveryTarget {
    try found(name, client, scope).target
  }

  private func found(_ name: String, _ client: String, _ scope: ClientScope) throws(Fault) -> KnownTarget {
    let none = Fault(.notFound, "there is no target '\(name.prefix(64))'")
    guard scope.covers(client), !name.isEmpty, name.utf8.count <= 64,
      let item = try table.get(LibraryKeys.target(client, name))
    else { throw none }
    return KnownTarget(target: try DeliveryTarget(item), version: item.version)
  }

  /// What became of a target that was asked for.
  public struct Placed: Sendable, Hashable {
    /// As it is kept.
    public let target: DeliveryTarget
    public let isNew: Bool
    /// What was made for it now, and is told this once.
    public let secret: String?
  }

  /// Adds a target, or puts another one into its place.
  ///
  /// A webhook without a secret keeps the one that it has, or gets a new one. One that was paused goes on.
  public func put(_ wanted: DeliveryTarget, scope: ClientScope) throws(Fault) -> Placed {
    guard scope.covers(wanted.client) else {
      throw Fault(.denied, "a target is added for one's own client alone")
    }
    try AssetGroup.check(client: wanted.client)
    try wanted.check()
    return try library.change("the target '\(wanted.name)'") { () throws(Fault) in
      let client = try library.openClient(wanted.client)
      let key = LibraryKeys.target(wanted.client, wanted.name)
      let item = try table.get(key)
      let old = try item.map { (item) throws(Fault) in try DeliveryTarget(item) }
      guard old?.isConfigured != true || wanted.isConfigured else {
        throw Fault(.conflict, "the target '\(wanted.name)' stands in the server's configuration: change it there")
      }
      var (target, made) = (wanted, String?.none)
      target.created = old?.created ?? library.now
      if target.isConfigured {
        target.credentials = DeliveryTarget.Credentials()
      } else if target.kind == .webhook, target.credentials.secret == nil {
        if old?.credentials.secret == nil { made = SignedRequest.secret() }
        target.credentials.secret = old?.credentials.secret ?? made
      }
      let placed = Placed(target: target, isNew: old == nil, secret: made)
      if target == old { return ([], placed) }
      var writes: [Write] = [
        .check(LibraryKeys.client(target.client), if: .version(client)),
        .put(key, target.json, if: item.map { .version($0.version) } ?? .absent),
      ]
      if old == nil { writes += try room(for: target) }
      return (writes, placed)
    }
  }

  /// The first target of a library is told nothing of what happened before it.
  private func room(for target: DeliveryTarget) throws(Fault) -> [Write] {
    let all = try known()
    let own = all.filter { $0.target.client.hasSameBytes(as: target.client) }
    guard own.count < DeliveryTarget.mostOfClient else {
      throw Fault(.exhausted, "'\(target.client)' has \(own.count) targets, which is the most: remove one first")
    }
    guard all.isEmpty else { return [] }
    let last = try library.lastPosition()
    var position = try library.noticePosition() ?? NoticePosition(change: last)
    position.change = last
    return [position.write]
  }

  /// Takes a target away, with all that it was to be told and was told.
  public func remove(_ name: String, client: String, scope: ClientScope) throws(Fault) {
    let known = try found(name, client, scope)
    guard !known.target.isConfigured else {
      throw Fault(.conflict, "the target '\(name)' stands in the server's configuration: take it out there")
    }
    try remove(known.target)
  }

  private func remove(_ target: DeliveryTarget) throws(Fault) {
    _ = try table.write([.delete(LibraryKeys.target(target.client, target.name))])
    try library.removeNotices(of: target.client, target.name)
  }

  /// Has a target that was paused go on, or holds one up.
  public func pause(
    _ name: String, client: String, reason: String?, scope: ClientScope
  ) throws(Fault) -> DeliveryTarget {
    try library.change("the target '\(name)'") { () throws(Fault) in
      let known = try found(name, client, scope)
      var target = known.target
      target.pause = reason
      if target == known.target { return ([], target) }
      return ([.put(LibraryKeys.target(client, target.name), target.json, if: .version(known.version))], target)
    }
  }

  /// Takes over the targets of a configuration; with `isWhole` others that came from one are taken away.
  public func configure(_ targets: [DeliveryTarget], isWhole: Bool) throws(Fault) {
    var credentials: [ItemKey: DeliveryTarget.Credentials] = [:]
    for target in targets {
      var target = target
      target.isConfigured = true
      credentials[LibraryKeys.target(target.client, target.name)] = target.credentials
      do throws(Fault) { _ = try put(target, scope: .all) } catch { throw error.at("the target '\(target.name)'") }
    }
    let own = credentials
    configured.update { $0 = own }
    guard isWhole else { return }
    for known in try known() where known.target.isConfigured {
      if own[LibraryKeys.target(known.target.client, known.target.name)] == nil { try remove(known.target) }
    }
  }
}
