/// From transitions that were found to shots: what belongs to one black stretch or to one fade becomes one, what is too short goes.
///
/// Places are those of a ``FilmTrack``.
struct ShotAssembly {
  /// Seconds: an even colour that lasts longer between two transitions is a shot, as a slide is.
  private static let longestFadeThrough = 2.0
  /// Seconds: the same where one even colour is cut to another one, as cards of colour follow each other and fades do not go.
  private static let longestFlicker = 0.25

  let track: FilmTrack
  let settings: ShotSettings
  let filmEnd: Double?
  /// A cut ends a fade; not a network's, since they take the midst of fades for cuts.
  let cutsEndFades: Bool

  typealias Change = ShotTransition

  func shots(from found: [Change]) -> ShotList {
    guard track.count > 0 else { return ShotList() }
    let runs = track.blackRuns(atLeast: settings.minBlack, filmEnd: filmEnd)
    var changes = apart(found.sorted { ($0.from, $0.to) < ($1.from, $1.to) })
    let cuts = cutsEndFades ? Set(changes.filter { $0.to - $0.from == 1 }.map(\.to)) : []
    let regions = joined(runs.map { region(of: $0, cuts) })
    changes = throughEven(merged(changes, with: regions))
    let lead = changes.first.flatMap { $0.from < 0 ? $0 : nil }
    let first = lead?.to ?? 0
    let tail = changes.last.flatMap { $0.to >= track.count ? $0 : nil }
    let last = tail?.from ?? track.count - 1
    var list = ShotList()
    list.black = runs.map(span)
    guard first < track.count, last >= 0, first <= last else { return list }
    changes.removeAll { $0.from < first || $0.to > last }
    list.shots = shots(first, last, longEnough(changes, first, last))
    if let lead { list.shots[0].transitionIn = told(lead) }
    return list
  }

  // MARK: - What is one

  /// Joins transitions with nothing but an even colour between them: into white and out of it is one.
  private func throughEven(_ changes: [Change]) -> [Change] {
    changes.reduce(into: []) { joined, change in
      guard let last = joined.last, last.to <= change.from, change.from < track.count,
        last.kind != .black || change.kind != .black,
        track.times[change.from] - track.times[last.to] <= longest(last, change),
        (last.to...change.from).allSatisfy(track.isEven)
      else { return joined.append(change) }
      let isBlack = (last.to...change.from).contains(where: track.isBlack)
      let kind: Change.Kind = isBlack ? .black : change.to - last.from > 2 ? .gradual : .cut
      joined[joined.count - 1] = Change(
        kind: kind, from: last.from, to: change.to, score: max(last.score, change.score))
    }
  }

  private func longest(_ into: Change, _ out: Change) -> Double {
    let isCard = { (change: Change) in
      change.kind == .cut && change.from >= 0 && track.isEven(change.from) && track.isEven(change.to)
    }
    return isCard(into) || isCard(out) ? Self.longestFlicker : Self.longestFadeThrough
  }

  /// Transitions that overlap share no frame afterwards; one inside another goes.
  private func apart(_ changes: [Change]) -> [Change] {
    changes.reduce(into: []) { kept, change in
      var change = change
      if let last = kept.last {
        guard change.to > last.to else { return }
        change.from = max(change.from, last.to)
      }
      kept.append(change)
    }
  }

  /// Black with the fades around it; before the film or behind it where it is black there.
  private func region(of run: ClosedRange<Int>, _ cuts: Set<Int>) -> Change {
    let from = track.fade(from: run.lowerBound, step: -1, isCut: cuts.contains) ?? -1
    let to = track.fade(from: run.upperBound, step: 1, isCut: cuts.contains) ?? track.count
    return Change(kind: .black, from: from, to: to, score: 1)
  }

  private func joined(_ regions: [Change]) -> [Change] {
    regions.reduce(into: []) { kept, region in
      guard let last = kept.last, region.from < last.to else { return kept.append(region) }
      kept[kept.count - 1].to = max(last.to, region.to)
    }
  }

  /// Puts in the black stretches for all transitions that touch them.
  private func merged(_ changes: [Change], with regions: [Change]) -> [Change] {
    var regions = regions
    let others = changes.filter { change in
      guard let at = regions.firstIndex(where: { change.from < $0.to && change.to > $0.from }) else { return true }
      // A gradual one may begin before the fade is seen in the light; not at the ends of the film.
      if regions[at].from >= 0 { regions[at].from = min(regions[at].from, change.from) }
      if regions[at].to < track.count { regions[at].to = max(regions[at].to, change.to) }
      return false
    }
    return apart((others + joined(regions)).sorted { ($0.from, $0.to) < ($1.from, $1.to) })
  }

  // MARK: - Shots

  /// Takes out the weaker neighbour of what is too short, the shortest first; black stays.
  private func longEnough(_ changes: [Change], _ first: Int, _ last: Int) -> [Change] {
    var changes = changes
    while settings.minShot > 0, !changes.isEmpty {
      let starts = [first] + changes.map(\.to)
      let ends = changes.map(\.from) + [last]
      let lengths = zip(starts, ends).map { track.end(of: $1, filmEnd: filmEnd) - track.times[$0] }
      let weakest = lengths.indices.filter { lengths[$0] < settings.minShot - 1e-6 }
        .sorted { (lengths[$0], $0) < (lengths[$1], $1) }.lazy
        .compactMap { shot in
          [shot - 1, shot].filter { changes.indices.contains($0) && changes[$0].kind != .black }
            .min { changes[$0].score < changes[$1].score }
        }.first
      guard let weakest else { break }
      changes.remove(at: weakest)
    }
    return changes
  }

  private func shots(_ first: Int, _ last: Int, _ changes: [Change]) -> [Shot] {
    let ends = changes.map(\.from) + [last]
    let starts = [first] + changes.map(\.to)
    return zip(starts, ends).enumerated().map { number, shot in
      Shot(
        start: track.times[shot.0], end: track.end(of: shot.1, filmEnd: filmEnd), startFrame: track.numbers[shot.0],
        endFrame: track.numbers[shot.1], transitionIn: number > 0 ? told(changes[number - 1]) : nil)
    }
  }

  private func span(_ run: ClosedRange<Int>) -> BlackSpan {
    BlackSpan(
      start: track.times[run.lowerBound], end: track.end(of: run.upperBound, filmEnd: filmEnd),
      startFrame: track.numbers[run.lowerBound], endFrame: track.numbers[run.upperBound])
  }

  /// With the numbers of frames for their places.
  private func told(_ change: Change) -> ShotTransition {
    var told = change
    told.from = track.numbers[max(0, change.from)]
    told.to = track.numbers[min(change.to, track.count - 1)]
    return told
  }
}
