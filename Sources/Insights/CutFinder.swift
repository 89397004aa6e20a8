/// Cuts: changes from one frame to the next that stand out among their neighbours, after which the old picture does not come back.
struct CutFinder {
  let tuning: ShotTuning
  /// In order.
  private(set) var found: [ShotTransition] = []
  /// Places that are a flash's, in order.
  private(set) var flashes: [ClosedRange<Int>] = []

  /// Is there a cut before this frame? Ask for each in order, as late as ``ShotTuning/lookahead`` allows.
  mutating func decide(_ place: Int, _ looks: ShotLooks, _ steps: [Float], _ track: FilmTrack) {
    guard place > 0, place > flashes.last?.upperBound ?? 0 else { return }
    let step = steps[place]
    guard step > tuning.leastCut / 2 else { return }
    let bar = Self.bar(place, steps, tuning)
    let score = step / (step + bar)
    guard score > ShotTuning.leastScore, isAnotherPicture(place, looks) else { return }
    if let end = endOfFlash(place, step, looks, track) { return flashes.append(place...end) }
    add(ShotTransition(kind: .cut, from: place - 1, to: place, score: Double(score)), looks)
  }

  /// The change at a frame that has a score of 0.5.
  static func bar(_ place: Int, _ steps: [Float], _ tuning: ShotTuning) -> Float {
    tuning.leastCut + tuning.cutOverMotion * around(place, steps)
  }

  /// The change that is usual around a frame: what three of its neighbours in ten exceed, so that a few more cuts do not count.
  private static func around(_ place: Int, _ steps: [Float]) -> Float {
    guard steps.count > 1 else { return 0 }
    let range = max(1, place - ShotTuning.around)...min(steps.count - 1, place + ShotTuning.around)
    let others = range.filter { $0 != place }.map { steps[$0] }.sorted()
    return others.isEmpty ? 0 : others[others.count * 2 / 3]
  }

  /// The same picture in another light is no other one.
  private func isAnotherPicture(_ place: Int, _ looks: ShotLooks) -> Bool {
    looks.contrast(place - 1, place).likeness < tuning.alike || looks.hueDistance(place - 1, place) > 12
  }

  /// The frame at which the picture from before is back, if that is soon enough.
  private func endOfFlash(_ place: Int, _ step: Float, _ looks: ShotLooks, _ track: FilmTrack) -> Int? {
    for later in place + 1..<max(place + 2, min(track.count, place + ShotTuning.lookahead)) where later < track.count {
      guard track.times[later] - track.times[place] <= ShotTuning.flash + 1e-3 else { return nil }
      let isFlash = later - place <= 2 || track.light[place] > track.light[place - 1] + 8
      if isFlash, isBack(place - 1, later, tuning.flashRest * step, looks) { return later }
    }
    return nil
  }

  /// Near enough, or as alike as a picture that moved on meanwhile.
  private func isBack(_ before: Int, _ later: Int, _ limit: Float, _ looks: ShotLooks) -> Bool {
    let distance = looks.distance(before, later)
    return distance < limit && (distance < tuning.leastCut || looks.contrast(before, later).likeness > 0.7)
  }

  /// Cuts a few frames apart are one where what lies between is a mixture of both sides.
  private mutating func add(_ cut: ShotTransition, _ looks: ShotLooks) {
    if let last = found.last, cut.from - last.to < 4,
      (last.from + 1..<cut.to).allSatisfy({ isMixture($0, last.from, cut.to, looks) })
    {
      let kind: ShotTransition.Kind = cut.to - last.from > 2 ? .gradual : .cut
      found[found.count - 1] = ShotTransition(
        kind: kind, from: last.from, to: cut.to, score: max(last.score, cut.score))
    } else {
      found.append(cut)
    }
  }

  private func isMixture(_ place: Int, _ from: Int, _ to: Int, _ looks: ShotLooks) -> Bool {
    let blend = looks.blend(from, place, to)
    return blend.offLine < 0.5 && blend.share > 0.08 && blend.share < 0.92
  }
}
