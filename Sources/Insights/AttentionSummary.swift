public import Base
public import Predictions

/// Where a film draws the eye, and how much of that falls on some boxes: its frames in order of presentation, then ``finish(end:)``.
///
/// A frame counts for as long as it is shown: until the next one that was looked at. Memory is a few dozen bytes a frame, and sixteen a box in
/// it. The answer depends on nothing but the frames.
public struct AttentionSummary: Sendable {
  private let settings: AttentionSettings
  private let prior: CenterPrior
  private var report: AttentionReport
  /// Place of a box's name in the report.
  private var places: [String: Int] = [:]
  private var tallies: [BoxTally] = []
  private var heat = HeatSum()
  private var openingHeat = HeatSum()
  /// Of the frame before, which counts as soon as it is known how long it lasts.
  private var pending: Pending?
  private var lastStep = 0.0
  private var latest = -Double.infinity

  private struct Pending {
    let time: Double
    let map: AttentionMap
    let found: [Found]
  }

  /// A box in one frame.
  private struct Found {
    let place: Int
    let share: Double
    let area: Double
    let prior: Double
  }

  /// Refuses settings that mean nothing, with what is expected.
  public init(_ settings: AttentionSettings) throws(Fault) {
    try settings.check()
    self.settings = settings
    prior = CenterPrior(sigma: settings.priorSigma, over: settings.picture)
    report = AttentionReport(settings)
    for box in settings.boxes { _ = place(of: box.id) }
  }

  /// Takes all answers about the next frame, shown at `time`, in seconds.
  ///
  /// A frame without a map ends the one before, is counted, and says nothing of the time until the next.
  public mutating func add(_ answers: [Prediction], at moment: Double) {
    // Times that step back, as broken files have them, would make a frame last less than nothing.
    let time = max(moment, latest)
    latest = time
    settle(until: time)
    guard let map = map(in: answers), let whole = wholeWeight(map), let places = map.places(in: settings.picture) else {
      report.framesWithoutMap += 1
      return
    }
    let found = boxes(in: answers).compactMap { measure($0.id, $0.rects, map, whole) }
    pending = Pending(time: time, map: map, found: found)
    report.add(time, places, found.map { ($0.place, $0.share, $0.area) })
  }

  /// `end` is where the last frame ends, in seconds, where that is known; else it lasts as long as the one before.
  public consuming func finish(end: Double? = nil) -> AttentionReport {
    if let last = pending {
      let usual = lastStep > 0 ? lastStep : 1
      settle(until: end.flatMap { $0 > last.time ? $0 : nil } ?? last.time + usual)
    }
    report.boxes = zip(report.ids, tallies).map { id, tally in tally.result(id, heat.seconds, openingHeat.seconds) }
    (report.map, report.openingMap) = (heat.map, openingHeat.map)
    return report
  }

  // MARK: - One frame

  private mutating func map(in answers: [Prediction]) -> AttentionMap? {
    for answer in answers where answer.kind == .saliency && (settings.step ?? answer.step) == answer.step {
      guard let map = answer.attention else { continue }
      // Arithmetic goes a little below nothing; further down is another scale.
      if let tensor = answer.tensor, tensor.minimum < -0.01 * tensor.maximum {
        report.least = min(report.least, tensor.minimum)
      }
      return settings.exponent == 1 ? map : map.raised(to: settings.exponent) ?? map
    }
    return nil
  }

  /// `nil` where all attention lies outside of the picture that is looked at.
  private func wholeWeight(_ map: AttentionMap) -> Double? {
    let weight = map.weight(in: settings.picture)
    return weight > 0 ? weight : nil
  }

  /// The boxes that are there, by their names, in the order of the settings and the answers.
  private func boxes(in answers: [Prediction]) -> [(id: String, rects: [Rect])] {
    var boxes = settings.boxes.map { (id: $0.id, rects: [$0.rect]) }
    var followed: [String: Int] = [:]
    for following in settings.following {
      for answer in answers where following.takes(answer) {
        guard let box = answer.box, box.x.isFinite, box.y.isFinite, box.right.isFinite, box.bottom.isFinite else {
          continue
        }
        let id = following.id(of: answer)
        if let place = followed[id] {
          boxes[place].rects.append(box)
        } else {
          followed[id] = boxes.count
          boxes.append((id, [box]))
        }
      }
    }
    return boxes
  }

  private mutating func measure(_ id: String, _ rects: [Rect], _ map: AttentionMap, _ whole: Double) -> Found? {
    let parts = Apart.boxes(rects.map { $0.clipped(to: settings.picture) })
    guard !parts.isEmpty else { return nil }
    return Found(
      place: place(of: id), share: min(1, parts.reduce(0) { $0 + map.weight(in: $1) } / whole),
      area: parts.reduce(0) { $0 + $1.area } / settings.picture.area,
      prior: parts.reduce(0) { $0 + prior.share(of: $1) })
  }

  private mutating func place(of id: String) -> Int {
    if let place = places[id] { return place }
    places[id] = tallies.count
    report.ids.append(id)
    tallies.append(BoxTally())
    return tallies.count - 1
  }

  /// The frame before lasts until here: it counts for that long.
  private mutating func settle(until time: Double) {
    guard let frame = pending else { return }
    pending = nil
    let seconds = time - frame.time
    if seconds > 0 { lastStep = seconds }
    let opening = max(0, min(time, settings.opening) - frame.time)
    heat.add(frame.map, seconds)
    openingHeat.add(frame.map, opening)
    for box in frame.found {
      let isAttended = box.share >= settings.threshold
      tallies[box.place].add(
        BoxTally.Moment(share: box.share, area: box.area, prior: box.prior, isAttended: isAttended), at: frame.time,
        seconds: seconds, opening: opening)
    }
  }
}

extension AttentionSettings.Following {
  /// What is over, or was taken back, is in no frame.
  func takes(_ answer: Prediction) -> Bool {
    guard answer.box != nil, answer.kind != .saliency, answer.state != .off, answer.span == nil else { return false }
    return (label ?? answer.label) == answer.label && (step ?? answer.step) == answer.step
      && (answer.score ?? 1) >= leastScore
  }

  func id(of answer: Prediction) -> String {
    let name = answer.label ?? answer.kind.rawValue
    guard grouping == .track, let track = answer.track else { return name }
    return "\(name)#\(track)"
  }
}
