internal import Base
internal import Catalog
internal import Items
internal import Library
internal import SearchLanguage
internal import Store

/// Finds what belongs to the first moment of a sequence.
struct ChainFinder {
  let steps: [SearchQuery.Step]
  let client: String
  let table: any Table
  /// Moments that were looked at for one first moment, at most.
  private static let most = 5000

  private var lengths: [Moment.Source: Int] = [:]
  private(set) var looked = 0

  init(_ steps: [SearchQuery.Step], client: String, table: any Table) {
    (self.steps, self.client, self.table) = (steps, client, table)
  }

  /// The whole sequence, each step the earliest that leads to its end; `nil` where there is none.
  mutating func chain(from first: Moment, _ sight: inout MomentSight) throws(Fault) -> [Moment]? {
    looked = 0
    return try extend([first], &sight)
  }

  private mutating func extend(_ chain: [Moment], _ sight: inout MomentSight) throws(Fault) -> [Moment]? {
    guard chain.count < steps.count else { return chain }
    let step = steps[chain.count]
    guard let link = step.link, let last = chain.last else { return nil }
    for moment in try candidates(step, link, behind: last, &sight) {
      guard step.condition.matches(moment), link.joins(last, moment), !chain.contains(where: { $0.id == moment.id })
      else { continue }
      if let whole = try extend(chain + [moment], &sight) { return whole }
    }
    return nil
  }

  private mutating func candidates(
    _ step: SearchQuery.Step, _ link: SearchQuery.Link, behind last: Moment, _ sight: inout MomentSight
  ) throws(Fault) -> [Moment] {
    var lower = last.from
    if link.order == .near { lower -= link.within + (try length(last.source)) }
    let range = max(0, lower)..<(last.to + link.within + 1)
    var found: [ItemKey] = []
    let wanted = range.clamped(to: step.condition.range.clamped(to: 0..<SearchPlan.end))
    guard !wanted.isEmpty else { return [] }
    let query = Query(partition(step.condition, last.source), SearchPlan.keys(wanted), limit: 500)
    let index = label(step.condition) == nil ? LibrarySchema.momentPlace : LibrarySchema.momentSight
    var token: PageToken?
    repeat {
      let page = try table.entries(of: index, query, after: token)
      found += page.elements.map(\.key)
      token = page.next
      looked += page.elements.count
      guard looked <= Self.most else {
        throw Fault(
          .badInput,
          "more than \(Self.most) moments stand beside one of \(CompositeKey.time(milliseconds: last.from)) in \(last.source.key): say more of the steps, or a shorter 'within'"
        )
      }
    } while token != nil
    return try sight.moments(found)
  }

  private func label(_ condition: Condition) -> String? {
    for part in condition.conjuncts {
      if case .name(.label, let pattern) = part, let name = pattern.literal, name.utf8.count <= 400 { return name }
    }
    return nil
  }

  private func partition(_ condition: Condition, _ source: Moment.Source) -> String {
    let place = ["CLIENT", client, "MOMENTS", "PLACE", source.key]
    return CompositeKey.joined(place + (label(condition).map { ["LABEL", $0] } ?? []))
  }

  /// How long a moment of a source can be.
  private mutating func length(_ source: Moment.Source) throws(Fault) -> Int {
    if let known = lengths[source] { return known }
    let item = try table.get(LibraryKeys.longest(client, source))
    let length = try item.map(MomentWords.length) ?? 0
    lengths[source] = length
    return length
  }
}
