/// Dissolves and fades: two frames some way apart that differ, while all between them are mixtures of both, ever more of the second.
///
/// What moves, however far, goes elsewhere than along the line between two pictures.
struct GradualFinder {
  let tuning: ShotTuning
  private var candidates: [ShotTransition] = []

  init(tuning: ShotTuning) { self.tuning = tuning }

  /// Takes every length of transition that ends with this frame.
  mutating func look(_ place: Int, _ looks: ShotLooks, _ steps: [Float]) {
    var largest: Float = 0
    var checked = place + 1
    for length in ShotTuning.lengths where length <= place {
      let from = place - length
      while checked > from + 1 {
        checked -= 1
        largest = max(largest, steps[checked])
      }
      let contrast = looks.contrast(from, place)
      guard contrast.luma > tuning.gradual * 0.6, contrast.changed > tuning.changed,
        contrast.likeness < tuning.gradualAlike, largest < contrast.luma * (length < 5 ? 0.62 : 0.5)
      else { continue }
      guard let offLine = offLine(from, place, looks) else { continue }
      let strength = contrast.luma * (1 - offLine / tuning.offLine)
      guard strength > tuning.gradual * 0.5 else { continue }
      let (first, last) = extent(from, place, looks)
      candidates.append(
        ShotTransition(
          kind: .gradual, from: first, to: last, score: Double(strength / (strength + tuning.gradual))))
    }
  }

  /// How far the frames between lie from a mixture; `nil` where they do not go from the first to the last steadily.
  private func offLine(_ from: Int, _ to: Int, _ looks: ShotLooks) -> Float? {
    var (worst, share): (Float, Float) = (0, 0)
    let length = to - from
    for quarter in 1...3 {
      let blend = looks.blend(from, from + max(1, min(length - 1, (length * quarter + 2) / 4)), to)
      if length > 3 || quarter != 2 {
        guard blend.share > share + 0.04 else { return nil }
      }
      (worst, share) = (max(worst, blend.offLine), max(share, blend.share))
      guard worst < tuning.offLine else { return nil }
    }
    return share < 0.97 ? worst : nil
  }

  /// Without the frames at both ends that are still, or already, one picture.
  private func extent(_ from: Int, _ to: Int, _ looks: ShotLooks) -> (Int, Int) {
    let shares = (from + 1..<to).map { looks.blend(from, $0, to).share }
    let first = shares.firstIndex { $0 > 0.06 } ?? 0
    let last = shares.lastIndex { $0 < 0.94 } ?? shares.count - 1
    return first <= last ? (from + first, from + last + 2) : (from, to)
  }

  /// The strongest of candidates that overlap, and cuts, in order.
  func transitions(beside cuts: [ShotTransition], _ flashes: [ClosedRange<Int>]) -> [ShotTransition] {
    var kept = cuts
    for candidate in candidates.sorted(by: { ($1.score, $0.from, $0.to) < ($0.score, $1.from, $1.to) }) {
      let isFree = kept.allSatisfy { !overlaps($0, candidate) }
      let isFlash = flashes.contains { $0.contains(candidate.from) || $0.contains(candidate.to) }
      if isFree, !isFlash { kept.append(candidate) }
    }
    return kept.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
  }

  /// More than a third of the shorter one in common.
  private func overlaps(_ one: ShotTransition, _ other: ShotTransition) -> Bool {
    let common = min(one.to, other.to) - max(one.from, other.from)
    return 3 * common > min(one.to - one.from, other.to - other.from)
  }
}
