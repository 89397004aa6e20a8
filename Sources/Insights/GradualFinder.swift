/// Dissolves and fades: two frames some way apart that differ, while all between them are mixtures of both, ever more of the second.
///
/// What moves, however far, goes elsewhere than along the line between two pictures; and a slow pan, which hardly does, goes on
/// before and after as fast.
struct GradualFinder {
  let tuning: ShotTuning
  private var candidates: [ShotTransition] = []

  init(tuning: ShotTuning) { self.tuning = tuning }

  /// Takes the strongest of transitions of every length that end with the frame `last`; ask for each frame, ``ShotTuning/context`` late.
  mutating func look(_ last: Int, _ looks: ShotLooks, _ steps: [Float]) {
    var best: (strength: Float, first: Int)?
    var largest: Float = 0
    var checked = last + 1
    for length in ShotTuning.lengths where length <= last {
      let first = last - length
      while checked > first + 1 {
        checked -= 1
        largest = max(largest, steps[checked])
      }
      let contrast = looks.contrast(first, last)
      guard contrast.luma > tuning.gradual * 0.5, contrast.changed > tuning.changed,
        contrast.likeness < tuning.gradualAlike, isAnotherPicture(contrast, first, last, looks),
        largest < contrast.luma * (length < 5 ? 0.62 : 0.5),
        let offLine = offLine(first, last, looks)
      else { continue }
      let purity = 1 - offLine * offLine / (tuning.offLine * tuning.offLine)
      let strength = contrast.luma * purity * calm(first, last, contrast.luma, looks, steps)
      if strength > max(tuning.gradual * 0.25, best?.strength ?? 0) { best = (strength, first) }
    }
    guard let best else { return }
    let (from, to) = extent(best.first, last, looks)
    let score = Double(best.strength / (best.strength + tuning.gradual))
    candidates.append(ShotTransition(kind: .gradual, from: from, to: to, score: score))
  }

  private func isAnotherPicture(_ contrast: ShotLooks.Contrast, _ first: Int, _ last: Int, _ looks: ShotLooks) -> Bool {
    contrast.structure > tuning.otherPicture || looks.hueDistance(first, last) > tuning.otherPicture
  }

  /// How far the frames between lie from a mixture; `nil` where they do not go from the first to the last steadily.
  private func offLine(_ first: Int, _ last: Int, _ looks: ShotLooks) -> Float? {
    var (worst, share): (Float, Float) = (0, 0)
    let length = last - first
    for quarter in 1...3 where length > 3 || quarter != 2 {
      let blend = looks.blend(first, first + max(1, min(length - 1, (length * quarter + 2) / 4)), last)
      guard blend.share > share + 0.04, blend.offLine < tuning.offLine else { return nil }
      (worst, share) = (max(worst, blend.offLine), blend.share)
    }
    return share < 0.97 ? worst : nil
  }

  /// 1 where the pictures before or after change more slowly than between, down to 0 where both change as fast.
  private func calm(_ first: Int, _ last: Int, _ change: Float, _ looks: ShotLooks, _ steps: [Float]) -> Float {
    let reach = max(3, (last - first) / 4)
    let pace = change / Float(last - first)
    let paces = [outside(first, -1, reach, looks, steps), outside(last, 1, reach, looks, steps)].compactMap(\.self)
    guard let slower = paces.min() else { return 1 }
    return min(1, max(0, (tuning.pan - slower / pace) * 1.4))
  }

  /// Change of luma a frame beside a window, as far as no cut comes; `nil` where that is at once.
  private func outside(_ edge: Int, _ step: Int, _ reach: Int, _ looks: ShotLooks, _ steps: [Float]) -> Float? {
    var place = edge
    while (place - edge).magnitude < reach {
      let next = place + step
      guard next >= 0, next < looks.count, steps[max(next, place)] < tuning.leastCut else { break }
      place = next
    }
    let frames = Float((place - edge).magnitude)
    return frames < 2 ? nil : looks.contrast(min(edge, place), max(edge, place)).luma / frames
  }

  /// Where it begins and ends: on, in a straight line, from where a sixth of it is done and where a sixth is left.
  private func extent(_ first: Int, _ last: Int, _ looks: ShotLooks) -> (Int, Int) {
    let shares = (first...last).map { looks.blend(first, $0, last).share }
    guard let begun = shares.firstIndex(where: { $0 > 0.16 }), let done = shares.lastIndex(where: { $0 < 0.84 }),
      begun <= done
    else { return (first, last) }
    let frames = max(1, done - begun)
    let rest = { (missing: Float) in
      max(1, Int((missing * Float(frames) / max(0.2, shares[done] - shares[begun])).rounded()))
    }
    return (first + max(0, begun - rest(shares[begun])), min(last, first + done + rest(1 - shares[done])))
  }

  /// The strongest of candidates that overlap, beside cuts; in order.
  func transitions(
    beside cuts: [ShotTransition], _ flashes: [ClosedRange<Int>], threshold: Double
  ) -> [ShotTransition] {
    let all =
      cuts
      + candidates.filter { candidate in
        !flashes.contains { $0.contains(candidate.from) || $0.contains(candidate.to) }
      }
    var kept: [ShotTransition] = []
    for one in all.filter({ $0.score >= threshold }).sorted(by: Self.isStronger)
    where !kept.contains(where: { Self.overlap($0, one) }) {
      kept.append(one)
    }
    return kept.sorted { ($0.from, $0.to) < ($1.from, $1.to) }.reduce(into: []) { joined, one in
      // Two that follow each other at once are one that does not go straight.
      guard let last = joined.last, last.kind == .gradual, one.kind == .gradual, one.from - last.to < 3 else {
        return joined.append(one)
      }
      joined[joined.count - 1].to = one.to
      joined[joined.count - 1].score = max(last.score, one.score)
    }
  }

  private static func isStronger(_ one: ShotTransition, _ other: ShotTransition) -> Bool {
    one.score == other.score ? (one.from, one.to) < (other.from, other.to) : one.score > other.score
  }

  /// More than a third of the shorter one in common.
  private static func overlap(_ one: ShotTransition, _ other: ShotTransition) -> Bool {
    let common = min(one.to, other.to) - max(one.from, other.from)
    return 3 * common > min(one.to - one.from, other.to - other.from)
  }
}
