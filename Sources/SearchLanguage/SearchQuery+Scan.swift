public import Catalog

extension SearchQuery {
  /// The first moments of all chains among these, in their order, by trying all: what every faster way must answer, for tests.
  ///
  /// A chain has a moment for each step, all of one client and source, none twice.
  package func scan(_ moments: [Moment]) -> [Moment] {
    let fitting = steps.map { step in moments.filter { step.condition.matches($0) } }
    return fitting[0].filter { isBegun(by: [$0], among: fitting) }
  }

  private func isBegun(by chain: [Moment], among fitting: [[Moment]]) -> Bool {
    guard chain.count < steps.count, let link = steps[chain.count].link else { return true }
    let last = chain[chain.count - 1]
    return fitting[chain.count].contains { next in
      link.joins(last, next) && !chain.contains { $0.id == next.id } && isBegun(by: chain + [next], among: fitting)
    }
  }
}

extension SearchQuery.Link {
  /// Whether the second of two moments may be the step behind the first.
  public func joins(_ first: Moment, _ second: Moment) -> Bool {
    guard first.client == second.client, first.source == second.source, first.id != second.id else { return false }
    if sameTrack {
      // Numbers of tracks begin anew with another pipeline.
      guard let track = first.track, second.track == track, first.series == second.series else { return false }
    }
    return switch order {
    case .then: second.from >= first.from && second.from - first.to <= within
    case .near: max(second.from - first.to, first.from - second.to) <= within
    }
  }
}
