public import Predictions

/// Zones, lines and rules of a pipeline at work: from a frame's answers to what happened with it.
///
/// A value; the same answers at the same times give the same happenings, with the same ids. Bounded by the number of zones, lines and rules, and
/// of the objects that are followed at a time.
public struct EventTracker: Sendable {
  private let watched: Int
  private let zones: [Int?]
  private var scene: SceneTracker
  private var rules: [RuleTracker]
  private var time = -Double.infinity
  private var moment = FrameMoment(time: 0, frame: -1)

  /// For pictures of the given aspect: width divided by height.
  public init(_ pipeline: Pipeline, aspect: Double) {
    watched = pipeline.watched
    scene = SceneTracker(pipeline.scene, aspect: aspect)
    zones = pipeline.rules.map { rule in pipeline.scene.zones.firstIndex { $0.name == rule.zone } }
    rules = pipeline.rules.map(RuleTracker.init)
  }

  public var counts: SceneCounts {
    var counts = scene.counts
    counts.rules = rules.map { SceneCounts.Rule(name: $0.rule.name, events: $0.count, isOpen: $0.isOpen) }
    return counts
  }

  /// Ids of the open events whose best moment is that of the last frame.
  public var peaks: [String] { rules.compactMap { $0.peak(at: moment) } }

  /// Objects that are remembered.
  var followedCount: Int { scene.followedCount }

  /// Takes one frame's answers, each with its step and track, and the tracks that ended with it; adds what happened.
  ///
  /// Time that goes back stands still.
  public mutating func advance(
    _ answers: [Prediction], ended: [Int], at moment: FrameMoment, into happenings: inout [Happening]
  ) {
    var moment = moment
    moment.time = moment.time.isFinite ? max(time, moment.time) : max(time, 0)
    (time, self.moment) = (moment.time, moment)
    let before = happenings.count
    let objects = answers.filter { $0.step == watched && $0.box != nil }
    scene.advance(objects, ended: ended, at: moment, into: &happenings)
    let crossings = happenings[before...].compactMap { happening -> Crossing? in
      if case .crossing(let crossing) = happening { crossing } else { nil }
    }
    for index in rules.indices {
      let rule = rules[index].rule
      if let line = rule.line {
        let meant = crossings.filter { crossing in
          crossing.line == line && rule.direction.map { $0 == crossing.direction } ?? true
            && (rule.labels.isEmpty || crossing.label.map(rule.labels.contains) ?? false)
        }
        rules[index].advance(meant, at: moment, into: &happenings)
      } else {
        let found = found(by: rule, zones[index], objects, answers)
        rules[index].advance(found, at: moment, into: &happenings)
      }
    }
  }

  /// No frame comes any more: what is open ends with the last frame in which it was so.
  public mutating func close(_ ending: Event.Ending, into happenings: inout [Happening]) {
    scene.close(into: &happenings)
    for index in rules.indices { rules[index].close(ending, into: &happenings) }
  }

  /// The answers that a rule is about; who is in which zone is known of the watched network's objects.
  private func found(
    by rule: Pipeline.Rule, _ zone: Int?, _ objects: [Prediction], _ answers: [Prediction]
  ) -> [Prediction] {
    guard let zone else {
      return rule.zone == nil ? answers.filter { $0.step == rule.of && SceneTracker.counts($0, rule.labels) } : []
    }
    var found: [Prediction] = []
    if rule.of == watched {
      for place in scene.members[zone] where matches(objects[place], rule, zone) { found.append(objects[place]) }
    } else {
      for answer in answers where answer.step == rule.of && scene.isInside(answer, zone: zone) {
        if matches(answer, rule, zone) { found.append(answer) }
      }
    }
    return found
  }

  private func matches(_ answer: Prediction, _ rule: Pipeline.Rule, _ zone: Int) -> Bool {
    SceneTracker.counts(answer, rule.labels)
      && (rule.dwell == 0 || scene.dwell(answer.track, zone: zone, at: time) >= rule.dwell)
  }
}
