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

  /// Moments that are looked at for one that ended, and for a film.
  private static let mostOfMoment = 20_000
  private static let mostOfFilm = 400_000

  init(_ query: SearchQuery, client: String, _ table: any Table) {
    steps = query.steps
    chains = ChainFinder(query.steps, client: client, table: table, countsOpen: false)
    sight = MomentSight(client: client, table: table)
  }

  /// Those that hold a moment of a stream that has ended; each begins with another one.
  mutating func found(with new: Moment) throws(Fault) -> [[Moment]] {
    guard steps.count > 1 else { return steps[0].condition.matches(new) ? [[new]] : [] }
    var found: [[Moment]] = []
    for first in try firsts(of: new) {
      guard let chain = try chain(from: first, most: Self.mostOfMoment) else { continue }
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
    let keys = try chains.keys(steps[0].condition, in: source, 0..<SearchPlan.end, most: Self.mostOfFilm)
    let others = try sight.moments(keys.filter { !own.contains($0) })
    var found: [[Moment]] = []
    for first in (new + others) where isFirst(first) {
      guard let chain = try chain(from: first, most: Self.mostOfFilm) else { continue }
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
    let keys = try chains.keys(steps[0].condition, in: new.source, range, most: Self.mostOfMoment)
    looked += keys.count
    for moment in try sight.moments(keys) where moment.id != new.id && !moment.isOpen {
      if steps[0].condition.matches(moment) { firsts.append(moment) }
    }
    return firsts
  }

  /// When a sequence in which a moment is a further step can have begun; `nil` where it is none.
  private mutating func reach(of new: Moment) throws(Fault) -> Range<Int>? {
    let longest = try chains.length(of: new.source)
    var (before, behind, range) = (0, 0, Range<Int>?.none)
    for step in steps.dropFirst() {
      guard let link = step.link else { continue }
      before += link.within + longest
      if link.order == .near { behind += link.within + longest }
      if step.condition.matches(new) { range = (new.from - before)..<(new.from + behind + 1) }
    }
    return range
  }
}
