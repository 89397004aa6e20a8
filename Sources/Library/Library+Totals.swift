public import Base
public import Catalog
public import Items
internal import Store

/// A total as it is answered.
public struct TotalAnswer: Sendable, Hashable {
  public let name: TotalName
  public let total: Total
  /// The asset with the least score, and with the greatest; `nil` for the total of assets.
  public let least: ScoredAsset?
  public let greatest: ScoredAsset?
}

public struct ScoredAsset: Sendable, Hashable {
  public let asset: ULID
  /// In millionths.
  public let score: Int
}

/// How far totals have come.
public struct TotalsState: Sendable, Hashable {
  public let position: ChangePosition
  /// When the last change that they hold was written, in seconds since 1970; 0 where there is none.
  public let time: Int
}

extension Library {
  /// Brings totals up to date, within so many seconds; `false` where that was not enough.
  @discardableResult
  public func settle(within seconds: Double = 30) throws(Fault) -> Bool {
    try totals.apply(before: Clock.now + UInt64(seconds * 1e9))
  }

  public func totalsState() throws(Fault) -> TotalsState {
    let position = try totals.position()
    return TotalsState(position: position.change, time: position.time)
  }

  /// Brings totals up to date, and answers the moment up to which they hold every change, in seconds since 1970.
  ///
  /// Where the time is not enough that is when the last change that they hold was written.
  public func totalsMoment(within seconds: Double) throws(Fault) -> Int {
    let begun = now / 1000
    return try settle(within: seconds) ? begun : try totalsState().time
  }

  /// The totals of exactly one group: of its assets, and of every score; a page of them.
  public func totals(
    of group: AssetGroup, scope: ClientScope, limit: Int = 100, after token: PageToken? = nil
  ) throws(Fault) -> Page<TotalAnswer> {
    try totals(group.client, prefix: TotalName.prefix(of: group), scope, limit, token)
  }

  /// The totals of every brand of a client, or of every campaign.
  public func totals(
    ofEach level: AssetLevel, of client: String, scope: ClientScope, limit: Int = 100, after token: PageToken? = nil
  ) throws(Fault) -> Page<TotalAnswer> {
    try totals(client, prefix: level.prefix, scope, limit, token)
  }

  private func totals(
    _ client: String, prefix: String, _ scope: ClientScope, _ limit: Int, _ token: PageToken?
  ) throws(Fault) -> Page<TotalAnswer> {
    guard scope.covers(client) else { return Page(elements: [], next: nil) }
    let query = Query(LibraryKeys.totalsPartition(client), .prefix(prefix), limit: limit)
    let page = try table.items(query, after: token)
    var answers: [TotalAnswer] = []
    for item in page.elements {
      guard let name = TotalName(item.key) else { continue }
      answers.append(
        TotalAnswer(
          name: name, total: try Total(item), least: try extreme(name, .ascending),
          greatest: try extreme(name, .descending)))
    }
    return Page(elements: answers, next: page.next)
  }

  /// The first or last entry of the index of scores.
  private func extreme(_ name: TotalName, _ order: Query.Order) throws(Fault) -> ScoredAsset? {
    guard case .score(let series, let label) = name.measure else { return nil }
    return try scored(name.group, series: series, label: label, scope: .all, order, limit: 1).elements.first
  }

  /// Assets of a group by one score, the greatest first or last.
  public func scored(
    _ group: AssetGroup, series: String, label: String, scope: ClientScope, _ order: Query.Order, limit: Int,
    after token: PageToken? = nil
  ) throws(Fault) -> Page<ScoredAsset> {
    guard scope.covers(group.client) else { return Page(elements: [], next: nil) }
    let query = Query(group.scoresPartition(series: series, label: label), order: order, limit: limit)
    let page = try table.entries(of: LibrarySchema.scores(of: group.level), query, after: token)
    return Page(
      elements: page.elements.compactMap { entry in
        let parts = CompositeKey.parts(of: entry.key.partition)
        guard parts.count == 2, let id = ULID(parts[1]), let score = CompositeKey.number(of: entry.sort) else {
          return nil
        }
        return ScoredAsset(asset: id, score: score)
      }, next: page.next)
  }
}
