internal import Base
internal import Catalog
internal import Items
internal import Library
internal import SearchLanguage
internal import Store

/// Follows the library's changes behind the readers of moments, and asks the alerts of what ended.
///
/// It holds up no reader of moments, and waits for one that has not come so far. How far it has come is written behind what it told: what is read twice, by two
/// processes or after a kill, is told once, as its notices see to that. Moments that are derived anew are no news to it.
struct AlertReader: Sendable {
  let library: Library
  let part: MomentReader.Part
  let limits: FirstFinder.Limits
  /// Hears of alerts that ask too much, once of each.
  var complain: @Sendable (Fault) -> Void = { _ in }
  var goesOn: @Sendable () -> Bool = { true }

  private let told = Monitor(Set<ULID>())
  private let unread = Monitor(Set<String>())

  init(
    library: Library, part: MomentReader.Part, limits: FirstFinder.Limits = FirstFinder.Limits(),
    complain: @escaping @Sendable (Fault) -> Void = { _ in }, goesOn: @escaping @Sendable () -> Bool = { true }
  ) {
    (self.library, self.part, self.limits) = (library, part, limits)
    (self.complain, self.goesOn) = (complain, goesOn)
  }

  private var table: any Table { library.table }

  /// Reads what is outstanding, until the end of the changes or of the moments was met, or a moment (monotonic nanoseconds) is reached.
  func follow(before deadline: UInt64) throws(Fault) {
    while goesOn(), Clock.now < deadline { if try advance() { return } }
  }

  /// `true` where there is nothing to do for now.
  private func advance() throws(Fault) -> Bool {
    let alerts = try AlertDesk(library).known { fault in
      if unread.update({ $0.insert(fault.message).inserted }) { complain(fault.at("an alert that tells of nothing")) }
    }
    guard !alerts.isEmpty else { return true }
    guard let item = try table.get(part.alertPosition) else { return try begin(over: nil) }
    let page: ChangePage
    do throws(Fault) {
      page = try table.changes(after: try ReaderPosition.read(item), limit: 256)
    } catch {
      // Forgotten, or of a life that a restored backup ended.
      guard [.notFound, .badInput].contains(error.kind) else { throw error }
      return try begin(over: item)
    }
    guard !page.changes.isEmpty else { return !page.hasMore }
    var (asked, reached) = (AskedAlerts(alerts, at: library.now), ChangePosition?.none)
    for change in page.changes {
      guard goesOn(), try take(change, &asked) else {
        if let reached { _ = try table.write([write(reached, over: item)]) }
        return true
      }
      reached = change.position
    }
    _ = try table.write([write(page.position, over: item)])
    return false
  }

  private func begin(over item: Item?) throws(Fault) -> Bool {
    _ = try table.write([write(try library.lastPosition(), over: item)])
    return false
  }

  /// `false` where its moments are not there yet.
  private func take(_ change: Change, _ asked: inout AskedAlerts) throws(Fault) -> Bool {
    switch part {
    case .streams:
      var own: [SearchAlert] = []
      let ended = try EndedMoment(change, in: table) { event in
        own = asked.alerts(of: event.client).filter { $0.created <= event.updated }
        return !own.isEmpty
      }
      switch ended {
      case .none: return true
      case .notYet: return false
      case .damaged(let gap): for alert in own { tell(alert, Fault(.badInput, gap.message)) }
      case .moment(let moment):
        for alert in own {
          try ask(alert, &asked) { (finder: inout FirstFinder) throws(Fault) in try finder.found(with: moment) }
        }
      }
    case .analyses:
      guard let set = FinishedSet(change) else { return true }
      let own = asked.alerts(of: set.client).filter { $0.created / 1000 <= change.time }
      guard !own.isEmpty else { return true }
      var gaps: [AnswerGap] = []
      guard let moments = try set.moments(in: table, &gaps) else { return false }
      for alert in own {
        if let gap = gaps.first { tell(alert, Fault(.badInput, gap.message)) }
        try ask(alert, &asked) { (finder: inout FirstFinder) throws(Fault) in try finder.found(within: moments) }
      }
    }
    return true
  }

  /// One that asks too much misses this, and others do not.
  private func ask(
    _ alert: SearchAlert, _ asked: inout AskedAlerts, _ look: (inout FirstFinder) throws(Fault) -> [[Moment]]
  ) throws(Fault) {
    do throws(Fault) {
      var finder = FirstFinder(try asked.query(of: alert), client: alert.client, table, limits: limits)
      try AlertNotices(library: library, alert: alert).note(try look(&finder).map { $0[0] })
      if let gap = finder.gaps.first { tell(alert, Fault(.badInput, gap.message)) }
    } catch {
      // Anything else is tried again.
      guard [.badInput, .notFound, .unsupported].contains(error.kind) else { throw error }
      tell(alert, error)
    }
  }

  private func tell(_ alert: SearchAlert, _ fault: Fault) {
    guard told.update({ $0.insert(alert.id).inserted }) else { return }
    complain(fault.at("the alert '\(alert.name)' of the client '\(alert.client)', which does not tell of everything"))
  }

  private func write(_ position: ChangePosition, over item: Item?) -> Write {
    .put(part.alertPosition, ReaderPosition.json(position), if: item.map { .version($0.version) } ?? .absent)
  }
}

/// Alerts with their searches, each read once for all that is looked at in one go.
struct AskedAlerts {
  private let alerts: [SearchAlert]
  private let now: Int
  private var queries: [ULID: SearchQuery] = [:]

  init(_ alerts: [SearchAlert], at now: Int) { (self.alerts, self.now) = (alerts, now) }

  func alerts(of client: String) -> [SearchAlert] { alerts.filter { $0.client.hasSameBytes(as: client) } }

  mutating func query(of alert: SearchAlert) throws(Fault) -> SearchQuery {
    if let known = queries[alert.id] { return known }
    let query = try SearchQuery(alert.query, zone: alert.zone, at: now)
    queries[alert.id] = query
    return query
  }
}

extension MomentReader.Part {
  /// How far alerts have come.
  var alertPosition: ItemKey {
    switch self {
    case .streams: LibraryKeys.alertsOfStreams
    case .analyses: LibraryKeys.alertsOfAnalyses
    }
  }
}
