internal import Base
public import Predictions

/// What of a film an advertiser may not want to stand beside: frames by the rules of a mapping, then sights over time, then scenes and the film.
///
/// A frame counts for a rule where as many independent networks as it asks for see one of its labels, each from its own score; how sure that is, is
/// the least of them: the highest score at which they would still agree. Sights of one rule with little between them are one. A sight is
/// a finding where it holds the rule's frames and seconds, and a doubt, counted and not judged by, where it is shorter. What no network of
/// the run can see is said to be not assessed: that nothing was found says something only of what was looked for. Memory is 8 bytes a frame, and what findings take.
public struct SafetyAssessment: Sendable {
  private let mapping: SafetyMapping
  private let networks: [AnsweringNetwork]
  private var watches: [RuleWatch]
  private var looked = LookedFrames()
  /// Frames that each network answered about.
  private var answered: [Int]
  private var words: [String: Int] = [:]

  /// `evidence` is how many frames each segment keeps, the surest.
  public init(
    mapping: SafetyMapping = .builtIn, networks: [AnsweringNetwork], vocabulary: Vocabulary = .builtIn,
    evidence: Int = 3
  ) {
    (self.mapping, self.networks) = (mapping, networks)
    watches = mapping.rules.map { rule in
      RuleWatch(
        RuleMatch(rule, networks, vocabulary), networks, vocabulary, merge: mapping.merge, evidence: max(1, evidence))
    }
    answered = networks.map { _ in 0 }
  }

  /// Takes what was found on the next frame in order of presentation; nothing found is an answer too.
  ///
  /// `steps` are the networks that looked at this frame, where not all did: one that failed or looks less often has no opinion.
  public mutating func add(frame: Int, time: Double, predictions: [Prediction], steps: Set<Int>? = nil) {
    looked.add(time)
    let steps = steps ?? Set(networks.indices)
    for step in steps { answered[step] += 1 }
    var sight = FrameSight(frame: frame, time: time, steps: steps, answers: [])
    for (position, prediction) in predictions.enumerated() where steps.contains(prediction.step) {
      guard let label = prediction.label, let score = prediction.score, score.isFinite, score > 0 else { continue }
      let word = words[label] ?? new(label)
      sight.answers.append(
        FrameSight.Answer(
          word: word, label: label, score: Double(min(1, score)), step: prediction.step,
          // what is seen on crops, and boxes, are sights of their own
          group: prediction.kind == .classification ? prediction.parent ?? -1 : -2 - position, box: prediction.box))
    }
    for rule in watches.indices { watches[rule].add(sight) }
  }

  private mutating func new(_ label: String) -> Int {
    let word = words.count
    words[label] = word
    for rule in watches.indices { watches[rule].learn(label) }
    return word
  }

  /// The result over everything that was added; `end` is when the film ends, in seconds, and scenes are those that are known.
  public func finish(end: Double? = nil, scenes: [TimeSpan] = []) -> Safety {
    let film = TimeSpan(start: looked.times.first ?? 0, end: looked.end(film: end))
    let verdicts = watches.map { $0.finish(frames: looked.count, film: film) }
    let findings = Safety.findings(verdicts, mapping)
    let assessed = self.assessed()
    return Safety(
      taxonomy: mapping.taxonomy, mapping: mapping.id, riskIds: mapping.risks,
      networks: zip(networks, answered).map { Safety.Witness(network: $0, frames: $1) }, frames: looked.count,
      findings: findings,
      doubts: Safety.doubts(verdicts, mapping),
      scenes: scenes.map { span in
        Safety.Scene(
          span: span, frames: looked.times.count { span.contains($0) },
          findings: findings.filter { $0.segments.contains { $0.span.meets(span) } })
      },
      assessed: assessed,
      notAssessed: mapping.categories.map(\.id).filter { id in !assessed.contains { $0.category.id == id } })
  }

  /// Categories with a rule that could have held, and what was looked for.
  private func assessed() -> [Safety.Assessed] {
    mapping.categories.compactMap { category in
      let rules = watches.filter { $0.match.rule.category == category.id && $0.couldHold(answered, networks) }
      guard !rules.isEmpty else { return nil }
      let steps = Set(rules.flatMap { $0.match.steps.joined() }).filter { answered[$0] > 0 }
      var seen: Set<String> = []
      return Safety.Assessed(
        category: category, networks: steps.sorted().map { networks[$0].name },
        labels: rules.flatMap { $0.match.rule.signals.flatMap(\.labels) }.filter { seen.insert($0).inserted },
        worst: rules.map(\.match.rule.risk).max() ?? .low)
    }
  }
}

/// One frame's answers with a label and a score.
struct FrameSight {
  struct Answer {
    let word: Int
    let label: String
    let score: Double
    let step: Int
    let group: Int
    let box: Rect?
  }

  let frame: Int
  let time: Double
  let steps: Set<Int>
  var answers: [Answer]
}
