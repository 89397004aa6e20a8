/// Which of the moments that may be breaks are taken, so that the sum of their scores is the greatest that distances and number allow.
struct BreakChoice {
  private let settings: BreakSettings
  private let film: ClosedRange<Double>
  /// Wishes that could not be fulfilled.
  private(set) var notes: [String] = []

  init(_ settings: BreakSettings, film: ClosedRange<Double>) { (self.settings, self.film) = (settings, film) }

  /// Takes moments in the order of time, and gives those that are chosen with their ranks.
  mutating func choose(_ candidates: [StoryBreak]) -> [StoryBreak] {
    let (first, last) = (film.lowerBound + settings.skipFirst, film.upperBound - settings.skipLast)
    let allowed = candidates.filter { $0.time >= first && $0.time <= last && isWorth($0) }
    var chosen = best(of: allowed).map { allowed[$0] }
    if let most = settings.maxDistance {
      let ends = [film.lowerBound] + chosen.map(\.time) + [film.upperBound]
      let long = zip(ends, ends.dropFirst()).count { $1 - $0 > most + 1e-6 }
      if long > 0 {
        notes.append("\(long) stretches are longer than the greatest distance: nothing in them may be a break")
      }
    }
    for (rank, index) in chosen.indices.sorted(by: { chosen[$0].score > chosen[$1].score }).enumerated() {
      chosen[index].rank = rank + 1
    }
    return chosen
  }

  /// Where stretches have a greatest length, weak moments may be needed too.
  private func isWorth(_ one: StoryBreak) -> Bool { settings.maxDistance != nil || one.score >= settings.threshold }

  /// The best chain through moments, as indices: over the last moment and, where there is a most, how many there are.
  private func best(of moments: [StoryBreak]) -> [Int] {
    guard !moments.isEmpty, settings.count != 0 else { return [] }
    let most = settings.count.map { min($0, moments.count) }
    // By how many breaks there are so far (all in one row where it does not matter) and which is the last.
    var rows: [[(value: Double, before: Int)]] = []
    repeat {
      let previous = rows.last
      rows.append(row(moments, after: most == nil ? nil : previous, isFirst: rows.isEmpty, isOpen: most == nil))
    } while most.map { rows.count < $0 } ?? false
    return chain(rows, moments)
  }

  /// The best value of a chain that ends with each moment.
  private func row(
    _ moments: [StoryBreak], after previous: [(value: Double, before: Int)]?, isFirst: Bool, isOpen: Bool
  ) -> [(value: Double, before: Int)] {
    var row: [(value: Double, before: Int)] = []
    // The best of those far enough back for every later moment, where there is no greatest distance to think of.
    var (reached, best) = (0, -1)
    for (index, moment) in moments.enumerated() {
      let alone = isFirst ? worth(moment) - gap(film.lowerBound, moment.time) : -.infinity
      var found = (value: alone, before: -1)
      let values = isOpen ? row : previous ?? []
      while reached < min(index, values.count), moment.time - moments[reached].time >= settings.minDistance - 1e-9 {
        if best < 0 || values[reached].value > values[best].value { best = reached }
        reached += 1
      }
      if settings.maxDistance == nil {
        if best >= 0, values[best].value + worth(moment) > found.value {
          found = (values[best].value + worth(moment), best)
        }
      } else {
        for before in 0..<reached {
          let value = values[before].value + worth(moment) - gap(moments[before].time, moment.time)
          if value > found.value { found = (value, before) }
        }
      }
      row.append(found)
    }
    return row
  }

  /// What a moment is worth: weak ones cost, so that they are taken only where a stretch would be too long.
  private func worth(_ moment: StoryBreak) -> Double {
    moment.score >= settings.threshold ? moment.score : moment.score - 1
  }

  /// What a stretch that is too long costs: more than any moment is worth, and the more the longer.
  private func gap(_ from: Double, _ to: Double) -> Double {
    guard let most = settings.maxDistance, to - from > most + 1e-6 else { return 0 }
    return 10 * ((to - from) / most).rounded(.down)
  }

  /// Back from the best end; no break at all is a chain too.
  private func chain(_ rows: [[(value: Double, before: Int)]], _ moments: [StoryBreak]) -> [Int] {
    var (bestValue, bestRow, bestIndex) = (-gap(film.lowerBound, film.upperBound), -1, -1)
    for (number, row) in rows.enumerated() {
      for (index, entry) in row.enumerated() {
        let value = entry.value - gap(moments[index].time, film.upperBound)
        if value > bestValue { (bestValue, bestRow, bestIndex) = (value, number, index) }
      }
    }
    var chain: [Int] = []
    while bestIndex >= 0 {
      chain.append(bestIndex)
      bestIndex = rows[bestRow][bestIndex].before
      if rows.count > 1 { bestRow -= 1 }
    }
    return chain.reversed()
  }
}
