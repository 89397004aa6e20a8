public import Base
public import Catalog
internal import Crypto
internal import Items
internal import JSON
public import Library
internal import SearchLanguage
internal import Store

/// Links to searches, as use cases: who has one may ask its search, and sees of each moment what it allows.
///
/// A link is a search and no result: what is found is found at each use. Its token is kept nowhere, only the SHA-256 of it.
public struct ShareDesk: Sendable {
  public let library: Library

  public init(_ library: Library) { self.library = library }

  var table: any Table { library.table }

  /// What is to be shared.
  public struct Draft: Sendable, Hashable {
    public var query: String
    /// Whose times are meant; UTC where there is none.
    public var zone: String?
    public var fields = SearchShare.usualFields
    /// For how long.
    public var seconds = SearchShare.usualSeconds

    public init(query: String) { self.query = query }

    /// Names of fields, as people write them.
    public mutating func show(_ names: [String]) throws(Fault) {
      fields = []
      for name in names {
        guard let field = Moment.Field(rawValue: name) else {
          let known = Moment.Field.allCases.map(\.rawValue)
          throw Fault(
            .badInput,
            "a moment has no field '\(name.prefix(40))'\(Suggestion.hint(for: name, among: known)): the fields are \(known.joined(separator: ", "))"
          )
        }
        if !fields.contains(field) { fields.append(field) }
      }
      guard !fields.isEmpty else { throw Fault(.badInput, "a link shows at least one field of a moment") }
    }
  }

  /// Makes a link; its token is told this once.
  ///
  /// Faults are `badInput` where the search cannot be read or no index serves it.
  public func add(
    _ draft: Draft, client: String, scope: ClientScope
  ) throws(Fault) -> (share: SearchShare, token: String) {
    guard scope.covers(client) else { throw Fault(.denied, "one's own client's moments alone are shared") }
    try AssetGroup.check(client: client)
    guard (1...SearchShare.mostSeconds).contains(draft.seconds) else {
      throw Fault(.badInput, "a link holds for a second to \(SearchShare.mostSeconds / 86_400) days")
    }
    let query = try SearchQuery(draft.query, zone: draft.zone, at: library.now)
    _ = try MomentDesk(library).explain(query, client: client, scope: scope)
    var random = SystemRandomNumberGenerator()
    let token = Self.text((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
    let share = SearchShare(
      id: ULID(milliseconds: library.now, using: &random), client: client, query: draft.query, zone: draft.zone,
      fields: draft.fields, created: library.now, expires: library.now + draft.seconds * 1000,
      digest: Self.digest(of: token))
    try makeRoom(for: client)
    try library.change("the links of '\(client)'") { () throws(Fault) in
      let version = try library.openClient(client)
      let place = JSONWriter.object(capacity: 128) { json in
        json.field("share", share.id.text)
        json.field("owner", client)
      }
      let writes: [Write] = [
        .check(LibraryKeys.client(client), if: .version(version)), .put(share.itemKey, share.json, if: .absent),
        .put(LibraryKeys.shareToken(share.digest), place, if: .absent),
      ]
      return (writes, ())
    }
    return (share, token)
  }

  /// Base 64 as addresses take it, without padding.
  private static func text(_ bytes: [UInt8]) -> String {
    let plain = Base64.encode(bytes).utf8.compactMap { (byte) -> UInt8? in
      switch byte {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: byte
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }

  static func digest(of token: String) -> String { SHA256.hex(of: Array(token.utf8)) }

  /// The oldest of those that are over goes where there are too many.
  private func makeRoom(for client: String) throws(Fault) {
    let known = try shares(of: client, scope: .all)
    guard known.count >= SearchShare.mostOfClient else { return }
    guard let over = known.last(where: { $0.state(at: library.now) != .open }) else {
      throw Fault(.exhausted, "'\(client)' has \(known.count) links, which is the most: revoke one first")
    }
    _ = try table.write([.delete(over.itemKey), .delete(LibraryKeys.shareToken(over.digest))])
    let uses = Query(
      LibraryKeys.shareUsesPartition(client), .prefix(CompositeKey.prefix(over.id.text)), limit: ItemLimits.writeCount)
    while case let items = try table.items(uses).elements, !items.isEmpty {
      _ = try table.write(items.map { .delete($0.key) })
    }
  }

  /// A client's links, the newest first; those that are over too.
  public func shares(of client: String, scope: ClientScope) throws(Fault) -> [SearchShare] {
    guard scope.covers(client) else { return [] }
    let query = Query(LibraryKeys.shares, .prefix(LibraryKeys.shares(of: client)), order: .descending, limit: 500)
    var found: [SearchShare] = []
    try table.forEach(query) { (item) throws(Fault) in found.append(try SearchShare(item)) }
    return found
  }

  private func item(_ id: String, _ client: String, _ scope: ClientScope) throws(Fault) -> Item {
    guard scope.covers(client), let ulid = ULID(id), let item = try table.get(LibraryKeys.share(client, ulid)) else {
      throw Fault(.notFound, "there is no link '\(id.prefix(64))'")
    }
    return item
  }

  /// Ends a link at once; it stays in the list, with its uses.
  public func revoke(_ id: String, client: String, scope: ClientScope) throws(Fault) {
    try library.change("the link '\(id.prefix(64))'") { () throws(Fault) in
      let item = try item(id, client, scope)
      var share = try SearchShare(item)
      guard share.revoked == nil else { return ([], ()) }
      share.revoked = library.now
      return (
        [
          .put(item.key, share.json, if: .version(item.version)), .delete(LibraryKeys.shareToken(share.digest)),
        ], ()
      )
    }
  }

  /// How often a link was used, and the last of these, the newest first.
  public func uses(
    of id: String, client: String, scope: ClientScope
  ) throws(Fault) -> (count: Int, last: [ShareUse]) {
    let share = try SearchShare(try item(id, client, scope))
    let query = Query(
      LibraryKeys.shareUsesPartition(client), .prefix(LibraryKeys.shareUses(share.id)), order: .descending,
      limit: ShareUse.most)
    var uses: [ShareUse] = []
    for item in try table.items(query).elements { uses.append(try ShareUse(item)) }
    return (try useCount(of: share)?.count ?? 0, uses)
  }

  private enum CountKey: String, CaseIterable { case count }

  func useCount(of share: SearchShare) throws(Fault) -> (count: Int, version: ItemVersion)? {
    guard let item = try table.get(LibraryKeys.shareUseCount(share.client, share.id)) else { return nil }
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    return (try document.root.fields(CountKey.self).required(.count).integer(in: 0 ... .max), item.version)
  }
}
