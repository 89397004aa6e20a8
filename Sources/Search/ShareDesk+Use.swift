public import Base
public import Catalog
public import Items
internal import JSON
internal import Library
internal import SearchLanguage
internal import Store

/// What a link shows of some of what its search finds.
public struct SharedAnswer: Sendable {
  /// Each is one moment, or the moments of a sequence.
  public let found: [[Moment]]
  /// What is shown of them.
  public let fields: Set<Moment.Field>
  /// Where it goes on; it tells nothing of what was found.
  public let next: String?
  /// In milliseconds since 1970: what ended up to then is found.
  public let upTo: Int
  /// Something may be missing; of what, the link's owner is told.
  public let isIncomplete: Bool

  /// The members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.array("found") { json in for chain in found { Self.write(chain, fields, into: &json) } }
    if isIncomplete { json.field("incomplete", true) }
    json.field("asOf", CompositeKey.time(milliseconds: upTo))
    json.field("next", ifKnown: next)
  }

  /// The moments of a sequence, of each what may be shown.
  public static func write(_ chain: [Moment], _ fields: Set<Moment.Field>, into json: inout JSONWriter) {
    json.array { json in for moment in chain { json.object { moment.write(fields, into: &$0) } } }
  }
}

/// Who has a link and hears of what comes in.
public struct SharedListener: Sendable {
  public let share: SearchShare
  /// Behind what was there before.
  public let position: ChangePosition
  let use: ShareUse
}

/// Links, as they are used. What holds no more is as what never was: the fault is `notFound`, and says the same.
extension ShareDesk {
  static let none = Fault(.notFound, "there is nothing behind this link, or not any more")

  private enum PlaceKey: String, CaseIterable { case share, owner }

  private func open(_ token: String) throws(Fault) -> SearchShare {
    guard token.utf8.count == 43, let place = try table.get(LibraryKeys.shareToken(Self.digest(of: token))) else {
      throw Self.none
    }
    let document = try JSONDocument(parsing: place.body.span.bytes, name: "the item \(place.key)")
    let fields = try document.root.fields(PlaceKey.self)
    let client = try fields.required(.owner).string()
    guard let id = ULID(try fields.required(.share).string()) else { throw Self.none }
    let found = try table.get([LibraryKeys.share(client, id), LibraryKeys.client(client)])
    guard let item = found[0], case let share = try SearchShare(item), share.state(at: library.now) == .open,
      let owner = found[1], try Client(owner).state == .open
    else { throw Self.none }
    return share
  }

  /// Whether a link holds by now.
  public func holds(_ token: String) -> Bool { (try? open(token)) != nil }

  /// A page of what a link's search finds now; `token` is the link's, `place` the `next` of the page before.
  public func search(
    _ token: String, limit: Int, after place: String?, from address: String
  ) throws(Fault) -> SharedAnswer {
    let share = try open(token)
    let behind = try place.map { (place) throws(Fault) in try next(place, of: share) }
    let answer = try plainly { () throws(Fault) in
      let query = try SearchQuery(share.query, zone: share.zone, at: library.now)
      return try MomentDesk(library).search(
        query, client: share.client, scope: .client(share.client), limit: limit, after: behind)
    }
    let use = try log(.page, found: answer.found.count, next: answer.next, of: share, from: address)
    return SharedAnswer(
      found: answer.found, fields: Set(share.fields), next: answer.next.map { _ in use.id.text }, upTo: answer.upTo,
      isIncomplete: !answer.incomplete.isEmpty)
  }

  /// What keeps a search from being answered may name what its link does not show.
  private func plainly<Result>(_ work: () throws(Fault) -> Result) throws(Fault) -> Result {
    do throws(Fault) { return try work() } catch {
      guard error.kind == .badInput else { throw error }
      throw Fault(.unavailable, "what this link shows cannot be found now: ask whoever gave it to you")
    }
  }

  /// Where a page goes on stands with the use that gave it: it says more than a link may show.
  private func next(_ place: String, of share: SearchShare) throws(Fault) -> String {
    guard let id = ULID(place), let item = try table.get(LibraryKeys.shareUse(share.client, share.id, id)),
      let next = try ShareUse(item).next
    else { throw Fault(.badInput, "the page token is not one that was given out: leave it away to begin anew") }
    return next
  }

  /// Begins to hear of what comes in.
  public func listen(_ token: String, from address: String) throws(Fault) -> SharedListener {
    let share = try open(token)
    let position = try library.lastPosition()
    return SharedListener(
      share: share, position: position, use: try log(.events, found: 0, next: nil, of: share, from: address))
  }

  /// What a link's search finds because of what ended in streams behind a position.
  public func news(
    for listener: SharedListener, after position: ChangePosition
  ) throws(Fault) -> (found: [[Moment]], position: ChangePosition, hasMore: Bool) {
    let share = listener.share
    return try plainly { () throws(Fault) in
      let query = try SearchQuery(share.query, zone: share.zone, at: library.now)
      let page = try table.changes(after: position, limit: 256)
      var (found, reached) = ([[Moment]](), position)
      for change in page.changes {
        let ended = try EndedMoment(change, in: table) { $0.client.hasSameBytes(as: share.client) }
        switch ended {
        case .none, .damaged: break
        case .notYet: return (found, reached, false)
        case .moment(let moment):
          var finder = FirstFinder(query, client: share.client, table)
          found += try finder.found(with: moment)
        }
        reached = change.position
      }
      return (found, page.position, page.hasMore)
    }
  }

  /// So much was told by now.
  public func note(_ found: Int, to listener: SharedListener) throws(Fault) {
    var use = listener.use
    use.found = found
    let key = LibraryKeys.shareUse(listener.share.client, listener.share.id, use.id)
    _ = try table.write([.put(key, use.json, if: .present)])
  }

  /// Writes a use down, which is refused where the link was revoked meanwhile; the oldest of too many goes.
  private func log(
    _ kind: ShareUse.Kind, found: Int, next: String?, of share: SearchShare, from address: String
  ) throws(Fault) -> ShareUse {
    var random = SystemRandomNumberGenerator()
    var use = ShareUse(
      id: ULID(milliseconds: library.now, using: &random), kind: kind, found: found, address: address)
    use.next = next
    let (mark, key) = (LibraryKeys.shareToken(share.digest), LibraryKeys.shareUse(share.client, share.id, use.id))
    let all = Query(
      LibraryKeys.shareUsesPartition(share.client), .prefix(LibraryKeys.shareUses(share.id)), limit: 1)
    return try library.change("the uses of a link") { [use] () throws(Fault) in
      guard try table.get(mark) != nil else { throw Self.none }
      let known = try useCount(of: share)
      let count = JSONWriter.object(capacity: 32) { $0.field("count", (known?.count ?? 0) + 1) }
      var writes: [Write] = [
        .check(mark, if: .present), .put(key, use.json, if: .absent),
        .put(
          LibraryKeys.shareUseCount(share.client, share.id), count,
          if: known.map { .version($0.version) } ?? .absent),
      ]
      if known?.count ?? 0 >= ShareUse.most, let oldest = try table.items(all).elements.first {
        writes.append(.delete(oldest.key))
      }
      return (writes, use)
    }
  }
}
