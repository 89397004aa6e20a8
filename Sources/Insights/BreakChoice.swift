internal import Base

/// Which of the moments that may be breaks are taken: where stretches have a greatest length, as few breaks are missing as can be, and
/// then the sum of scores is the greatest that distances and number allow.
///
/// Times are counted in whole microseconds, one of which they may be off, so that distances of frames are as exact as they are meant. Two breaks
/// are at least a millisecond apart.
struct BreakChoice {
  private let settings: BreakSettings
  private let film: ClosedRange<Int>
  /// The greatest length of a stretch, and the least distance.
  private let most: Int
  private let least: Int

  init(_ settings: BreakSettings, film: ClosedRange<Double>) {
    self.settings = settings
    self.film = Self.micro(film.lowerBound)...Self.micro(film.upperBound)
    most = settings.maxDistance.map { max(1000, Self.micro($0)) } ?? 1 << 60
    least = max(1000, Self.micro(settings.minDistance)) - 1
  }

  private static func micro(_ seconds: Double) -> Int { Int((max(-1e9, min(seconds, 1e9)) * 1e6).rounded()) }

  /// Takes moments in the order of time, and gives those that are chosen with their ranks, and the wishes that could not be fulfilled.
  func choose(_ candidates: [StoryBreak]) -> ([StoryBreak], notes: [String]) {
    let first = film.lowerBound + Self.micro(settings.skipFirst) - 1
    let last = film.upperBound - Self.micro(settings.skipLast) + 1
    // Where stretches have a greatest length, weak moments may be needed too.
    let allowed = candidates.filter { one in
      (settings.maxDistance != nil || one.score >= settings.threshold)
        && first <= last && (first...last).contains(Self.micro(one.time))
    }
    var chosen = best(of: Course(allowed, self)).map { allowed[$0] }
    let order = chosen.indices.sorted { (-chosen[$0].score, $0) < (-chosen[$1].score, $1) }
    for (rank, index) in order.enumerated() { chosen[index].rank = rank + 1 }
    return (chosen, notes(chosen))
  }

  private func notes(_ chosen: [StoryBreak]) -> [String] {
    let ends = [film.lowerBound] + chosen.map { Self.micro($0.time) } + [film.upperBound]
    let long = zip(ends, ends.dropFirst()).count { missing($0, $1) > 0 }
    guard long > 0 else { return [] }
    let stretches = long == 1 ? "1 stretch is" : "\(long) stretches are"
    let why =
      chosen.count == settings.count ? "no more breaks are asked for" : "nothing else may be a break there"
    return ["\(stretches) longer than the greatest distance: \(why)"]
  }

  /// What a moment is worth: weak ones cost, so that they are taken only where a stretch would be too long.
  private func worth(_ moment: StoryBreak) -> Double {
    moment.score >= settings.threshold ? moment.score : moment.score - 1
  }

  /// How many breaks a stretch would need at least to be nowhere too long.
  private func missing(_ from: Int, _ to: Int) -> Int { max(0, (to - from - 1 + most - 1) / most - 1) }

  // MARK: - The best chain

  /// Moments as times, what they are worth, and where each lies within a greatest length.
  ///
  /// With `to - 1` as Q lengths and a rest R, and `from` as q lengths and a rest r, a stretch is missing Q - q - 1 breaks, and one more if R > r.
  /// So the best moment before is found by q for those with a rest of at least R, and for all others.
  private struct Course {
    var times: [Int] = []
    var worths: [Double] = []
    /// The place of each among all by its rest, and the first place of those whose rest is at least that of the time before it.
    var places: [Int] = []
    var reaches: [Int] = []

    init(_ moments: [StoryBreak], _ choice: BreakChoice) {
      times = moments.map { BreakChoice.micro($0.time) - choice.film.lowerBound }
      worths = moments.map(choice.worth)
      let order = times.indices.sorted { (times[$0] % choice.most, $0) < (times[$1] % choice.most, $1) }
      let rests = order.map { times[$0] % choice.most }
      places = Array(repeating: 0, count: times.count)
      for (place, index) in order.enumerated() { places[index] = place }
      reaches = times.map { time in rests.partitioningIndex { $0 >= max(0, time - 1) % choice.most } }
    }
  }

  /// The best way through moments to one of them.
  private struct Chain {
    /// Breaks that the stretches so far would need besides.
    var missing: Int
    var sum: Double
    /// The moment before; -1 where this is the first.
    var before: Int

    func isBetter(than other: Chain) -> Bool {
      missing == other.missing ? sum > other.sum : missing < other.missing
    }
  }

  /// Where a chain ends: at which moment, in which row.
  private struct End { var chain: Chain, row: Int, moment: Int }

  /// The indices of the best chain; of equals the one that ends first.
  ///
  /// No break at all is a chain too.
  private func best(of course: Course) -> [Int] {
    let nothing = Chain(missing: missing(film.lowerBound, film.upperBound), sum: 0, before: -1)
    var end = End(chain: nothing, row: 0, moment: -1)
    let open = row(course, after: nil)
    take(open, 0, course, &end)
    let free = chain([open.map { Int32($0?.before ?? -1) }], end)
    guard let count = settings.count, free.count > count else { return free }
    // By how many breaks there are: a row for each number.
    end = End(chain: nothing, row: 0, moment: -1)
    var rows: [[Int32]] = []
    var last: [Chain?] = []
    for number in 0..<max(0, count) {
      last = row(course, after: last)
      take(last, number, course, &end)
      rows.append(last.map { Int32($0?.before ?? -1) })
    }
    return chain(rows, end)
  }

  /// The best chain that ends with each moment: one moment longer than those of the row before, of any length where that is `nil`, and
  /// of one moment where it is empty.
  private func row(_ course: Course, after previous: [Chain?]?) -> [Chain?] {
    var row: [Chain?] = []
    row.reserveCapacity(course.times.count)
    var (far, all, reached) = (SuffixBest(count: course.times.count), SuffixBest.Entry?.none, 0)
    for (index, time) in course.times.enumerated() {
      while reached < index, time - course.times[reached] >= least {
        let found = if let previous { previous.isEmpty ? nil : previous[reached] } else { row[reached] }
        if let found {
          let entry = SuffixBest.Entry(
            missing: found.missing - course.times[reached] / most, sum: found.sum, moment: reached)
          far.add(entry, at: course.places[reached])
          if all.map(entry.isBetter) ?? true { all = entry }
        }
        reached += 1
      }
      let begins = previous?.isEmpty ?? true
      var best = begins ? Chain(missing: missing(0, time), sum: course.worths[index], before: -1) : nil
      let lengths = (time - 1) / most
      for (entry, more) in [(all, lengths), (far.best(from: course.reaches[index]), lengths - 1)] {
        guard let entry else { continue }
        let chain = Chain(
          missing: entry.missing + more, sum: entry.sum + course.worths[index], before: entry.moment)
        if best.map(chain.isBetter) ?? true { best = chain }
      }
      row.append(best)
    }
    return row
  }

  private func take(_ row: [Chain?], _ number: Int, _ course: Course, _ end: inout End) {
    for (index, chain) in row.enumerated() {
      guard var chain else { continue }
      chain.missing += missing(course.times[index], film.upperBound - film.lowerBound)
      if chain.isBetter(than: end.chain) { end = End(chain: chain, row: number, moment: index) }
    }
  }

  /// Back from its end; a single row leads to itself.
  private func chain(_ rows: [[Int32]], _ end: End) -> [Int] {
    var (chain, moment, row) = ([Int](), end.moment, end.row)
    while moment >= 0 {
      chain.append(moment)
      moment = Int(rows[row][moment])
      row = max(0, row - 1)
    }
    return chain.reversed()
  }
}
