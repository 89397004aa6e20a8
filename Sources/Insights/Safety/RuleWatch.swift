internal import Base

/// One rule over the frames of a film.
struct RuleWatch: Sendable {
  /// What one network last said to a rule.
  private struct Vote {
    let time: Double
    /// `nil` where it did not reach the signal's score.
    let score: Double?
    let evidence: [Safety.Evidence]
  }

  let match: RuleMatch
  private let networks: [AnsweringNetwork]
  private let matchers: [LabelMatcher]
  private let steps: [Int]
  /// Of each signal, whether a word is one of its labels.
  private var means: [[Bool]]
  private var votes: [Int: Vote] = [:]
  private var spans: SightSpans

  init(
    _ match: RuleMatch, _ networks: [AnsweringNetwork], _ vocabulary: Vocabulary, merge: Double, evidence: Int
  ) {
    (self.match, self.networks) = (match, networks)
    matchers = match.rule.signals.map { LabelMatcher($0.labels, vocabulary) }
    means = matchers.map { _ in [] }
    steps = Set(match.steps.joined()).sorted()
    spans = SightSpans(rule: match.rule, merge: merge, evidence: evidence)
  }

  /// A label that was never met before; its word is the next number.
  mutating func learn(_ label: String) {
    for signal in matchers.indices { means[signal].append(matchers[signal].matches(label)) }
  }

  func couldHold(_ answered: [Int], _ networks: [AnsweringNetwork]) -> Bool {
    RuleMatch.witnesses(steps.filter { answered[$0] > 0 }, networks) >= match.rule.agree
  }

  mutating func add(_ sight: FrameSight) {
    for step in steps where sight.steps.contains(step) { votes[step] = vote(of: step, sight) }
    var scores: [String: Double] = [:]
    var evidence: [Safety.Evidence] = []
    for step in steps {
      guard let vote = votes[step], sight.time - vote.time <= match.rule.within, let score = vote.score else {
        continue
      }
      let witness = networks[step].version
      scores[witness] = max(scores[witness] ?? 0, score)
      evidence += vote.evidence
    }
    let agreed = scores.values.sorted(by: >)
    let isSeen = agreed.count >= match.rule.agree
    let level = isSeen ? agreed[match.rule.agree - 1] : 0
    spans.add(sight.time, level: isSeen ? level : nil, isDisagreed: !isSeen && !agreed.isEmpty, evidence)
  }

  /// What one network says to the rule's signals that listen to it.
  private func vote(of step: Int, _ sight: FrameSight) -> Vote {
    var best: (score: Double, labels: [FrameSight.Answer])?
    for (signal, listened) in match.steps.enumerated() where listened.contains(step) {
      let meant = sight.answers.filter { $0.step == step && means[signal][$0.word] }
      for labels in groups(of: meant, step) {
        let score = labels.reduce(0) { $0 + $1.score }
        guard score >= match.rule.signals[signal].score, score > best?.score ?? 0 else { continue }
        best = (min(1, score), labels)
      }
    }
    guard let best else { return Vote(time: sight.time, score: nil, evidence: []) }
    let shown = best.labels.sorted { ($1.score, $0.label) < ($0.score, $1.label) }.prefix(3)
    let evidence = shown.map { answer in
      Safety.Evidence(
        frame: sight.frame, time: sight.time, network: networks[step].name, version: networks[step].version,
        label: answer.label, score: answer.score, box: answer.box)
    }
    return Vote(time: sight.time, score: best.score, evidence: evidence)
  }

  /// Answers whose scores add up: those about one picture of a network whose scores are shares of a whole; any other stands alone.
  private func groups(of answers: [FrameSight.Answer], _ step: Int) -> [[FrameSight.Answer]] {
    guard networks[step].isExclusive else { return answers.map { [$0] } }
    return Dictionary(grouping: answers, by: \.group).sorted { $0.key < $1.key }.map(\.value)
  }

  func finish(frames: Int, film: TimeSpan) -> RuleVerdict { spans.finish(frames: frames, film: film) }
}

/// What one rule found over a film.
struct RuleVerdict {
  let rule: SafetyMapping.Rule
  let segments: [Safety.Segment]
  /// Sights that were too short, and frames on which some networks saw it, but too few.
  let short: Int
  let disagreed: Int
}
