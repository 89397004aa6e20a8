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
  let table: any TableReader
  /// What has not ended can be a step.
  private let countsOpen: Bool
  /// Moments that were looked at for one first moment, at most.
  private static let most = 5000

  private var lengths: [Moment.Source: MomentLengths] = [:]
  private(set) var looked = 0

  init(_ steps: [SearchQuery.Step], client: String, table: any TableReader, countsOpen: Bool = true) {
    (self.steps, self.client, self.table, self.countsOpen) = (steps, client, table, countsOpen)
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
      guard countsOpen || !moment.isOpen, step.condition.matches(moment), link.joins(last, moment),
        !chain.contains(where: { $0.id == moment.id })
      else { continue }
      if let whole = try extend(chain + [moment], &sight) { return whole }
    }
    return nil
  }

  private mutating func candidates(
    _ step: SearchQuery.Step, _ link: SearchQuery.Link, behind last: Moment, _ sight: inout MomentSight
  ) throws(Fault) -> [Moment] {
    var (lower, before) = (last.from, [Moment]())
    if link.order == .near {
      let end = last.from - link.within
      lower = end - Moment.leastLong
      before = try long(in: last.source, at: end, &sight).filter { $0.from < lower }
    }
    let range = lower..<(last.to + link.within + 1)
    let found = try entries(step.condition, in: last.source, range, most: Self.most - looked)
    // That it was asked counts too.
    looked += found.count + 1
    return try before + sight.moments(found)
  }

  /// The long moments of a source that had begun at a time and had not ended, in the order of their beginnings.
  ///
  /// Of each class of lengths those are read that began so near before that they may go on; at least those of the nearer half do.
  mutating func long(in source: Moment.Source, at time: Int, _ sight: inout MomentSight) throws(Fault) -> [Moment] {
    var found: [Moment] = []
    for number in try lengths(of: source).classes {
      let range = max(0, time - (1 << (number + 1)) + 1)..<max(0, time + 1)
      guard case let wanted = range.clamped(to: 0..<SearchPlan.end), !wanted.isEmpty else { continue }
      let place = ["CLIENT", client, "MOMENTS", "PLACE", source.key, "CLASS", CompositeKey.number(number)]
      let entries = try entries(
        of: LibrarySchema.momentLong, CompositeKey.joined(place), wanted, in: source, most: Self.most)
      looked += entries.count + 1
      found += try sight.moments(entries).filter { $0.to >= time }
    }
    return found.sorted { $0.place.isBefore($1.place) }
  }

  /// Where the moments of a source stand that can fulfil a condition and began in a range, in the order of their beginnings; refused where these are
  /// more than `most`.
  func entries(
    _ condition: Condition, in source: Moment.Source, _ range: Range<Int>, most: Int
  ) throws(Fault) -> [IndexEntry] {
    let wanted = range.clamped(to: condition.range.clamped(to: 0..<SearchPlan.end))
    guard !wanted.isEmpty else { return [] }
    let index = label(condition) == nil ? LibrarySchema.momentPlace : LibrarySchema.momentSight
    return try entries(of: index, partition(condition, source), wanted, in: source, most: most)
  }

  private func entries(
    of index: IndexDeclaration, _ partition: String, _ wanted: Range<Int>, in source: Moment.Source, most: Int
  ) throws(Fault) -> [IndexEntry] {
    let query = Query(partition, SearchPlan.keys(wanted), limit: 500)
    var (found, token) = ([IndexEntry](), PageToken?.none)
    repeat {
      let page = try table.entries(of: index, query, after: token)
      found += page.elements
      token = page.next
      guard found.count <= most else {
        throw Fault(
          .badInput,
          "too many moments stand beside one of \(CompositeKey.time(milliseconds: wanted.lowerBound)) in \(source.key): say more of the steps, or a shorter 'within'"
        )
      }
    } while token != nil
    return found
  }

  private func label(_ condition: Condition) -> String? {
    for part in condition.conjuncts {
      if case .name(.label, let pattern) = part, let name = pattern.literal, name.utf8.count <= 200 { return name }
    }
    return nil
  }

  private func partition(_ condition: Condition, _ source: Moment.Source) -> String {
    let place = ["CLIENT", client, "MOMENTS", "PLACE", source.key]
    return CompositeKey.joined(place + (label(condition).map { ["LABEL", $0] } ?? []))
  }

  private mutating func lengths(of source: Moment.Source) throws(Fault) -> MomentLengths {
    if let known = lengths[source] { return known }
    var found = MomentLengths()
    if let item = try table.get(LibraryKeys.momentLengths(client, source)) {
      // Of what cannot be read anything may be there.
      found = (try? MomentLengths(item)) ?? .all
    }
    lengths[source] = found
    return found
  }
}
