internal import Predictions
internal import Vision

/// Votes about the answers of one network: which labels are in the picture, or which label each object has.
struct StepSmoother: Sendable {
  let settings: Pipeline.Smooth
  /// In the order of appearance, so that changes of one frame are told in an order that does not depend on chance.
  private var labels: [(name: String, presence: Presence, last: Prediction)] = []
  private var tracks: [Int: Followed] = [:]
  /// Means of scores and maps, where `over` asks for them.
  private var means: AnomalyMeans?
  /// With means, they decide on yes and no, and a vote is a vote.
  private let votes: Votes

  /// What the votes about one object gave so far.
  private struct Followed {
    var choice = Choice()
    var last = Prediction(kind: .detection)
    /// The scores of all its votes, by what they name.
    var totals: [String: Double] = [:]

    /// What most of its votes name, weighed with their scores; the first by name where two weigh the same.
    var most: String? { totals.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key }
  }

  init(_ settings: Pipeline.Smooth) {
    self.settings = settings
    var votes = settings.votes
    if settings.over > 0 {
      means = AnomalyMeans(over: settings.over, on: votes.on, off: votes.off)
      (votes.on, votes.off) = (0, 0)
    }
    self.votes = votes
  }

  /// Takes one frame's answers of all networks; gives those that hold, and adds what came and went to `changes`.
  mutating func advance(_ answers: [Prediction], at time: Double, changes: inout [Prediction]) -> [Prediction] {
    let answers = averaged(answers, at: time)
    return switch settings.by {
    case .label: byLabel(answers, &changes)
    case .track: byTrack(answers, &changes)
    }
  }

  /// With the means of scores and maps, where they are asked for.
  private mutating func averaged(_ answers: [Prediction], at time: Double) -> [Prediction] {
    guard means != nil else { return answers }
    var answers = answers
    for index in answers.indices where answers[index].step == settings.of {
      means?.smooth(&answers[index], by: settings.by == .track ? answers[index].track : nil, at: time)
    }
    return answers
  }

  /// Forgets an object; gives the label that most of its votes name, if they settled on one at all.
  ///
  /// The label that held last is told as gone. It is not the object's: what leaves the picture is seen in part, and looks like another.
  mutating func end(track: Int, changes: inout [Prediction]) -> String? {
    means?.forget(track)
    guard let object = tracks.removeValue(forKey: track), let name = object.choice.name else { return nil }
    var gone = object.last.gone
    gone.label = name
    changes.append(gone)
    return object.most
  }

  private mutating func byLabel(_ answers: [Prediction], _ changes: inout [Prediction]) -> [Prediction] {
    var best: [String: Prediction] = [:]
    for answer in answers where answer.step == settings.of {
      guard let label = answer.label else { continue }
      if let other = best[label], other.certainty >= answer.certainty { continue }
      if best.updateValue(answer, forKey: label) == nil, !labels.contains(where: { $0.name == label }) {
        labels.append((label, Presence(), answer))
      }
    }
    for index in labels.indices {
      let seen = best[labels[index].name]
      if let seen { labels[index].last = seen }
      switch labels[index].presence.add(seen?.certainty, votes) {
      case true?: changes.append((seen ?? labels[index].last).come)
      case false?: changes.append(labels[index].last.gone)
      case nil: break
      }
    }
    let on = Set(labels.filter(\.presence.isOn).map(\.name))
    labels.removeAll { $0.presence.isIdle }
    return PredictionFilter.keepFamilies(answers) { $0.step != settings.of || $0.label.map(on.contains) ?? true }
  }

  /// The surest answer about each object stands for it, under the label that the votes give the object.
  private mutating func byTrack(_ answers: [Prediction], _ changes: inout [Prediction]) -> [Prediction] {
    var answers = answers
    var best: [Int: Int] = [:]
    for (index, answer) in answers.enumerated() where answer.step == settings.of {
      guard let track = answer.track, answer.label != nil else { continue }
      if let other = best[track], answers[other].certainty >= answer.certainty { continue }
      best[track] = index
    }
    for index in best.values.sorted() {
      guard let track = answers[index].track, let label = answers[index].label else { continue }
      var object = tracks[track] ?? Followed()
      object.totals[label, default: 0] += Double(answers[index].certainty)
      let changed = object.choice.add(label, answers[index].certainty, votes)
      answers[index].label = object.choice.name
      object.last = answers[index]
      tracks[track] = object
      if changed != nil { changes.append(answers[index].come) }
    }
    let standing = Set(best.values.filter { answers[$0].label != nil })
    return PredictionFilter.keepFamilies(answers) { index, answer in
      answer.step != settings.of || standing.contains(index)
    }
  }
}

extension Prediction {
  /// Answers without a score are sure.
  fileprivate var certainty: Float { score ?? 1 }

  /// The same answer, told because it is new; by itself, without a parent beside it.
  var come: Prediction {
    var told = self
    (told.state, told.parent) = (.on, nil)
    return told
  }

  /// That something is there no more: what it was, without where and how sure.
  var gone: Prediction {
    var told = Prediction(kind: kind, label: label)
    (told.step, told.track, told.state) = (step, track, .off)
    return told
  }
}
