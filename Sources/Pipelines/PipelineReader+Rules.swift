internal import Base
internal import Predictions
internal import Vision
internal import YAML

extension PipelineReader {
  enum RuleKey: String, CaseIterable {
    case of, labels, zone, line, direction, dwell, count, votes, on, off, hold
    case lasting = "for"
    case coolDown = "cool-down"
  }

  mutating func rules(_ value: YAMLValue, _ pipeline: Pipeline) -> [Pipeline.Rule] {
    named(value, "rule") { reader, name, value in
      reader.places[.rule(name)] = value.node.place
      return reader.rule(name, value, pipeline)
    }
  }

  private mutating func rule(_ name: String, _ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Rule {
    let fields = DiagnosticFields<RuleKey>(value, &diagnostics)
    var rule = Pipeline.Rule(name: name, of: pipeline.watched)
    if let of = fields[.of] {
      rule.of = step(of, among: pipeline.infer, "a network") ?? 0
    } else if pipeline.infer.count > 1, pipeline.track == nil {
      diagnostics.add(value, "there are several networks: say whose answers \(value.what) is about with of: STEP")
    }
    fields.set(&rule.labels, .labels, &diagnostics, ValueReaders.words)
    rule.zone = place(fields[.zone], "zone", pipeline.scene.zones.map(\.name))
    rule.line = place(fields[.line], "line", pipeline.scene.lines.map(\.name))
    rule.direction = fields.value(.direction, &diagnostics) { (value) throws(Fault) in try value.choice() }
    times(&rule, fields)
    fields.set(&rule.count, .count, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...1000, example: 2)
    }
    if let votes = fields.value(.votes, &diagnostics, ValueReaders.votes) {
      (rule.votes.needed, rule.votes.of) = (votes.needed, votes.of)
    }
    fields.set(&rule.votes.on, .on, &diagnostics, ValueReaders.score)
    rule.votes.off = rule.votes.on
    fields.set(&rule.votes.off, .off, &diagnostics, ValueReaders.score)
    check(rule, fields, value, pipeline)
    return rule
  }

  private mutating func times(_ rule: inout Pipeline.Rule, _ fields: DiagnosticFields<RuleKey>) {
    func time(_ value: YAMLValue) throws(Fault) -> Double { try ValueReaders.seconds(value, in: 0...86_400) }
    fields.set(&rule.dwell, .dwell, &diagnostics, time)
    fields.set(&rule.lasting, .lasting, &diagnostics, time)
    fields.set(&rule.hold, .hold, &diagnostics, time)
    fields.set(&rule.coolDown, .coolDown, &diagnostics, time)
  }

  private mutating func place(_ value: YAMLValue?, _ kind: String, _ known: [String]) -> String? {
    guard let value, let name = diagnostics.attempt(value, ValueReaders.text) else { return nil }
    if !known.contains(name) {
      let advice = known.isEmpty ? "there is none" : Diagnostics.list(Array(known.prefix(12)))
      diagnostics.add(
        value, "there is no \(kind) '\(name)' here\(Suggestion.hint(for: name, among: known)), expected \(advice)")
    }
    return name
  }

  private mutating func check(
    _ rule: Pipeline.Rule, _ fields: DiagnosticFields<RuleKey>, _ value: YAMLValue, _ pipeline: Pipeline
  ) {
    if rule.votes.off > rule.votes.on {
      diagnostics.add(
        fields[.off] ?? value,
        "off (\(CanonicalText.score(rule.votes.off))) must not be above on (\(CanonicalText.score(rule.votes.on)))")
    }
    if let dwell = fields[.dwell] {
      if rule.zone == nil { diagnostics.add(dwell, "dwell is about a zone: add zone: NAME") }
      if !pipeline.infer.indices.contains(rule.of) || !pipeline.isTracked(rule.of) {
        diagnostics.add(dwell, "dwell is about objects that are followed: add a track step")
      }
    }
    guard rule.line != nil else {
      if let direction = fields[.direction] { diagnostics.add(direction, "direction is about a line: add line: NAME") }
      return
    }
    for key in [RuleKey.of, .zone, .dwell, .count, .votes, .on, .off, .lasting] {
      guard let other = fields[key] else { continue }
      diagnostics.add(
        other, "\(key.rawValue) and line cannot be had together: each crossing of a line counts by itself")
    }
  }
}
