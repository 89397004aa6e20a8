public import Base
internal import YAML

/// What a mapping is worth with the networks of a pipeline.
public struct MappingCheck: Sendable, Hashable {
  /// Names something that a network which is there does not have: a slip of the pen, or the wrong network.
  public var faults: [String] = []
  /// Rules that cannot hold with these networks, each with the reason; their categories are not assessed by them.
  public var idle: [String] = []

  /// One fault for all of them; `nil` where there is none.
  public var fault: Fault? {
    guard let first = faults.first else { return nil }
    let others = faults.dropFirst().map { "\n  \($0)" }.joined()
    return Fault(.badInput, faults.count == 1 ? first : "\(faults.count) things are wrong:\n  \(first)\(others)")
  }
}

extension SafetyMapping {
  /// Holds the mapping against the networks of a pipeline and their labels; each message has file, line and column.
  ///
  /// Networks that are not there make rules idle. Labels that a network which is there does not know are faults, as are, in a signal that
  /// names no network, labels that none knows while others of the signal are known. Networks with unknown labels are believed.
  public func check(_ networks: [AnsweringNetwork], vocabulary: Vocabulary = .builtIn) -> MappingCheck {
    var check = MappingCheck()
    for rule in rules {
      for signal in rule.signals { check.faults += faults(of: signal, rule, networks, vocabulary) }
      let matched = RuleMatch(rule, networks, vocabulary)
      if let reason = matched.idle(networks) { check.idle.append("\(at(rule.place))rule '\(rule.name)' \(reason)") }
    }
    return check
  }

  private func faults(
    of signal: Signal, _ rule: Rule, _ networks: [AnsweringNetwork], _ vocabulary: Vocabulary
  ) -> [String] {
    let asked = networks.filter { signal.asks($0) }
    guard !asked.isEmpty, asked.allSatisfy({ !$0.labels.isEmpty }) else { return [] }
    let known = signal.labels.map { label in
      let matcher = LabelMatcher([label], vocabulary)
      return asked.contains { $0.labels.contains { matcher.matches($0) } }
    }
    // a signal for any network, of which none has one word, is for networks that are not there
    guard !signal.networks.isEmpty || known.contains(true) else { return [] }
    return known.indices.filter { !known[$0] }.map { index in
      let label = signal.labels[index]
      let all = asked.flatMap(\.labels)
      let hint = Suggestion.hint(for: label, among: all)
      let advice = hint.isEmpty && all.count <= 12 ? ", expected \(Diagnostics.list(all))" : hint
      let who = signal.networks.isEmpty ? "no network here" : "'\(asked[0].name)'"
      let verb = signal.networks.isEmpty ? "knows a label" : "knows no label"
      return "\(at(signal.labelPlaces[index]))rule '\(rule.name)': \(who) \(verb) '\(label)'\(advice)"
    }
  }

  private func at(_ place: YAMLPlace) -> String { "\(document):\(place.line):\(place.column): " }
}

extension SafetyMapping.Signal {
  func asks(_ network: AnsweringNetwork) -> Bool {
    networks.isEmpty || networks.contains(network.name) || networks.contains(network.model)
  }
}

/// Whether a network's label is one of those that a signal means: the same text, the same word of the vocabulary, or a kind below one.
struct LabelMatcher: Sendable {
  private let texts: Set<String>
  private let words: Set<Int>
  private let vocabulary: Vocabulary

  init(_ labels: [String], _ vocabulary: Vocabulary) {
    texts = Set(labels)
    words = Set(labels.compactMap { vocabulary.position(of: $0) })
    self.vocabulary = vocabulary
  }

  func matches(_ label: String) -> Bool {
    if texts.contains(label) { return true }
    guard !words.isEmpty, let word = vocabulary.position(of: label) else { return false }
    return words.contains(word) || vocabulary.entries[word].ancestors.contains { words.contains($0) }
  }
}

/// Which networks of a pipeline a rule listens to.
struct RuleMatch: Sendable {
  let rule: SafetyMapping.Rule
  /// Of each signal, positions of the networks that it listens to.
  let steps: [[Int]]

  init(_ rule: SafetyMapping.Rule, _ networks: [AnsweringNetwork], _ vocabulary: Vocabulary) {
    self.rule = rule
    steps = rule.signals.map { signal in
      let matcher = LabelMatcher(signal.labels, vocabulary)
      return networks.indices.filter { step in
        guard signal.asks(networks[step]) else { return false }
        let labels = networks[step].labels
        return labels.isEmpty ? !signal.networks.isEmpty : labels.contains { matcher.matches($0) }
      }
    }
  }

  /// Networks that are different ones: the same weights in two steps are one witness.
  static func witnesses(_ steps: some Sequence<Int>, _ networks: [AnsweringNetwork]) -> Int {
    Set(steps.map { networks[$0].version }).count
  }

  /// Why the rule can never hold; `nil` where it can.
  func idle(_ networks: [AnsweringNetwork]) -> String? {
    let there = Self.witnesses(steps.joined(), networks)
    guard there < rule.agree else { return nil }
    let named = Set(rule.signals.flatMap(\.networks)).sorted()
    let wanted = named.isEmpty ? "networks with its labels" : Diagnostics.list(named)
    return "asks for \(rule.agree) of \(wanted), and \(there == 0 ? "none is" : "\(there) is") here"
  }
}
