internal import Base
internal import Catalog
internal import Items
internal import SearchLanguage
internal import Store

/// Finds what a search finds because of moments that came to be: the sequences that hold one of them.
///
/// What has not ended counts for nothing. Whoever looks at each moment once it stands there, in any order, meets every sequence that there is: at the
/// latest with the last of its moments.
struct FirstFinder {
  private let steps: [SearchQuery.Step]
  private var chains: ChainFinder
  private var sight: MomentSight
  private var looked = 0

  /// What is looked at for one that ended, and for a film, at most.
  struct Limits: Sendable {
    var ofMoment = 20_000
    var ofFilm = 400_000
  }

  private let limits: Limits
  /// What could not be read.
  var gaps: [AnswerGap] { sight.gaps }

  init(_ query: SearchQuery, client: String, _ table: any Table, limits: Limits = Limits()) {
    (steps, self.limits) = (query.steps, limits)
    chains = ChainFinder(query.steps, client: client, table: table, countsOpen: false)
    sight = MomentSight(client: client, table: table)
  }

  /// Those that hold a moment of a stream that has ended; each begins with another one.
  mutating func found(with new: Moment) throws(Fault) -> [[Moment]] {
    guard steps.count > 1 else { return steps[0].condition.matches(new) ? [[new]] : [] }
    var found: [[Moment]] = []
    for first in try firsts(of: new) {
      guard let chain = try chain(from: first, most: limits.ofMoment) else { continue }
      if chain.contains(where: { $0.id == new.id }) { found.append(chain) }
    }
    return found
  }

  /// Those that hold one of the moments that a series has of a film.
  mutating func found(within new: [Moment]) throws(Fault) -> [[Moment]] {
    guard let source = new.first?.source else { return [] }
    let isFirst = { [condition = steps[0].condition] (moment: Moment) in condition.matches(moment) }
    guard steps.count > 1 else { return new.filter(isFirst).map { [$0] } }
    let own = Set(new.map(\.itemKey))
    let entries = try chains.entries(steps[0].condition, in: source, 0..<SearchPlan.end, most: limits.ofFilm)
    let others = try sight.moments(entries.filter { !own.contains($0.key) })
    var found: [[Moment]] = []
    for first in (new + others) where isFirst(first) {
      guard let chain = try chain(from: first, most: limits.ofFilm) else { continue }
      if chain.contains(where: { own.contains($0.itemKey) }) { found.append(chain) }
    }
    return found
  }

  private mutating func chain(from first: Moment, most: Int) throws(Fault) -> [Moment]? {
    let chain = try chains.chain(from: first, &sight)
    looked += chains.looked
    guard looked <= most else {
      throw Fault(
        .badInput, "more than \(most) moments would have to be looked at: say more of the steps, or a shorter 'within'")
    }
    return chain
  }

  /// First moments whose sequence can hold a moment of their stream.
  private mutating func firsts(of new: Moment) throws(Fault) -> [Moment] {
    var firsts = steps[0].condition.matches(new) ? [new] : []
    guard let range = try reach(of: new) else { return firsts }
    let entries = try chains.entries(steps[0].condition, in: new.source, range, most: limits.ofMoment)
    looked += entries.count
    for moment in try sight.moments(entries) where moment.id != new.id && !moment.isOpen {
      if steps[0].condition.matches(moment) { firsts.append(moment) }
    }
    return firsts
  }

  /// When a sequence in which a moment is a further step can have begun; `nil` where it is none.
  private mutating func reach(of new: Moment) throws(Fault) -> Range<Int>? {
    var reach: Range<Int>?
    for place in steps.indices.dropFirst() where steps[place].condition.matches(new) {
      var (from, to, end) = (new.from, new.from, new.to)
      for link in steps[1...place].reversed().compactMap(\.link) {
        // Behind the step before one that began from here to there.
        if link.order == .near { to = end + link.within }
        from = try beginning(of: new.source, at: from - link.within)
        end = try ending(of: new.source, at: to)
      }
      let range = from..<(to + 1)
      reach = reach.map { min($0.lowerBound, range.lowerBound)..<max($0.upperBound, range.upperBound) } ?? range
    }
    return reach
  }

  /// When those can have begun that went on at a time.
  private mutating func beginning(of source: Moment.Source, at time: Int) throws(Fault) -> Int {
    let first = try chains.long(in: source, at: time, &sight).first?.from
    return min(time - Moment.leastLong, first ?? time)
  }

  /// When those can have ended that had begun by a time.
  private mutating func ending(of source: Moment.Source, at time: Int) throws(Fault) -> Int {
    try chains.long(in: source, at: time, &sight).reduce(time + Moment.leastLong) { max($0, $1.to) }
  }
}
