public import Base
internal import YAML

extension SafetyMapping {
  /// Reads a mapping as a whole: one fault tells everything that is wrong with it, each with file, line, column, and what was expected.
  public static func read(bytes: [UInt8], name: String) throws(Fault) -> SafetyMapping {
    let document = try YAMLDocument.parse(bytes, name: name)
    var reader = SafetyMappingReader(document: name)
    return try reader.read(document.value("the mapping"))
  }
}

private struct SafetyMappingReader {
  private enum Key: String, CaseIterable { case name, version, taxonomy, categories, risks, merge, rules }
  private enum TaxonomyKey: String, CaseIterable { case name, version }
  private enum CategoryKey: String, CaseIterable { case id, name }
  private enum RiskKey: String, CaseIterable { case floor, high, medium, low }
  private enum RuleKey: String, CaseIterable {
    case name, category, risk, score, agree, frames, seconds, within, signals
  }
  private enum SignalKey: String, CaseIterable { case network, labels, score }

  private let document: String
  private var diagnostics: Diagnostics

  init(document: String) {
    self.document = document
    diagnostics = Diagnostics(document: document)
  }

  mutating func read(_ value: YAMLValue) throws(Fault) -> SafetyMapping {
    let fields = DiagnosticFields<Key>(value, &diagnostics)
    let name = fields.required(.name, &diagnostics, Self.text) ?? ""
    let version = fields.required(.version, &diagnostics, Self.text) ?? ""
    let taxonomy = fields.required(.taxonomy, &diagnostics) { (value) throws(Fault) in value }
      .map { self.taxonomy($0) }
    let categories = list(.categories, in: fields).compactMap { category($0) }
    let rules = list(.rules, in: fields).compactMap { rule($0, categories) }
    var merge = 2.0
    fields.set(&merge, .merge, &diagnostics) { (value) throws(Fault) in try value.seconds(in: 0...60) }
    let risks = fields[.risks].map { self.risks($0) } ?? [:]
    checkNames(of: rules)
    if let fault = diagnostics.fault { throw fault }
    return SafetyMapping(
      document: document, id: Versioned(name: name, version: version),
      taxonomy: taxonomy ?? Versioned(name: "", version: ""), categories: categories, risks: risks, merge: merge,
      rules: rules)
  }

  private mutating func list(_ key: Key, in fields: DiagnosticFields<Key>) -> [YAMLValue] {
    fields.required(key, &diagnostics) { (value) throws(Fault) in
      let items = try value.items()
      guard !items.isEmpty else { throw value.fault("\(value.what) is empty") }
      return items
    } ?? []
  }

  private mutating func taxonomy(_ value: YAMLValue) -> Versioned {
    let fields = DiagnosticFields<TaxonomyKey>(value, &diagnostics)
    let name = fields.required(.name, &diagnostics, Self.text) ?? ""
    return Versioned(name: name, version: fields.required(.version, &diagnostics, Self.text) ?? "")
  }

  private mutating func risks(_ value: YAMLValue) -> [Risk: String] {
    let fields = DiagnosticFields<RiskKey>(value, &diagnostics)
    var risks: [Risk: String] = [:]
    for key in RiskKey.allCases {
      if let id = fields.value(key, &diagnostics, Self.text), let risk = Risk(rawValue: key.rawValue) {
        risks[risk] = id
      }
    }
    return risks
  }

  private mutating func category(_ value: YAMLValue) -> SafetyMapping.Category? {
    let fields = DiagnosticFields<CategoryKey>(value, &diagnostics)
    let id = fields.required(.id, &diagnostics, Self.text)
    let name = fields.required(.name, &diagnostics, Self.text)
    guard let id, let name else { return nil }
    return SafetyMapping.Category(id: id, name: name)
  }

  private mutating func rule(_ value: YAMLValue, _ categories: [SafetyMapping.Category]) -> SafetyMapping.Rule? {
    let fields = DiagnosticFields<RuleKey>(value, &diagnostics)
    let name = fields.required(.name, &diagnostics, Self.text) ?? ""
    let category = fields.required(.category, &diagnostics, Self.text) ?? ""
    if let place = fields[.category], !category.isEmpty, !categories.contains(where: { $0.id == category }) {
      let hint = Suggestion.hint(for: category, among: categories.map(\.id))
      diagnostics.add(place, "'\(category)' is none of the categories above\(hint)")
    }
    let risk = fields.required(.risk, &diagnostics) { (value) throws(Fault) -> Risk in try value.choice() } ?? .low
    let score = fields.value(.score, &diagnostics) { (value) throws(Fault) in try Self.score(value) }
    var rule = SafetyMapping.Rule(
      name: name, category: category, risk: risk, agree: 1, frames: 2, seconds: 0.5, within: 0, signals: [],
      place: value.node.place)
    fields.set(&rule.agree, .agree, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...16, example: 2)
    }
    fields.set(&rule.frames, .frames, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...10_000, example: 2)
    }
    fields.set(&rule.seconds, .seconds, &diagnostics) { (value) throws(Fault) in try value.seconds(in: 0...3600) }
    fields.set(&rule.within, .within, &diagnostics) { (value) throws(Fault) in try value.seconds(in: 0...60) }
    let signals = fields.required(.signals, &diagnostics) { (value) throws(Fault) in try value.items() } ?? []
    rule.signals = signals.compactMap { signal($0, score) }
    checkAgreement(of: rule, at: fields[.agree] ?? value)
    return rule
  }

  private mutating func signal(_ value: YAMLValue, _ usual: Double?) -> SafetyMapping.Signal? {
    let fields = DiagnosticFields<SignalKey>(value, &diagnostics)
    let networks = fields.value(.network, &diagnostics, Self.texts) ?? []
    let labels = fields.required(.labels, &diagnostics, Self.texts) ?? []
    let score = fields.value(.score, &diagnostics) { (value) throws(Fault) in try Self.score(value) } ?? usual
    if score == nil, fields[.score] == nil {
      diagnostics.add(value, "neither this signal nor its rule says a score: from which one does it count?")
    }
    let places = (try? fields[.labels]?.itemsOrOne().map(\.node.place)) ?? []
    return SafetyMapping.Signal(
      networks: networks, labels: labels, score: score ?? 1, place: value.node.place, labelPlaces: places)
  }

  /// Networks that agree must be told apart: a rule that names fewer than it asks for can never hold.
  private mutating func checkAgreement(of rule: SafetyMapping.Rule, at value: YAMLValue) {
    let named = Set(rule.signals.flatMap(\.networks))
    guard !rule.signals.isEmpty, !rule.signals.contains(where: { $0.networks.isEmpty }), named.count < rule.agree else {
      return
    }
    diagnostics.add(value, "\(rule.agree) networks are to agree, and the signals name \(named.count)")
  }

  private mutating func checkNames(of rules: [SafetyMapping.Rule]) {
    var seen: Set<String> = []
    for rule in rules where !rule.name.isEmpty && !seen.insert(rule.name).inserted {
      diagnostics.add(rule.place, "two rules are called '\(rule.name)'")
    }
  }

  private static func text(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    guard !text.isEmpty else { throw value.fault("\(value.what) has no value") }
    return text
  }

  private static func texts(_ value: YAMLValue) throws(Fault) -> [String] {
    var texts: [String] = []
    for item in try value.itemsOrOne() { texts.append(try text(item)) }
    guard !texts.isEmpty else { throw value.fault("\(value.what) is empty: list them, or take the key away") }
    return texts
  }

  /// 0 would be every frame.
  private static func score(_ value: YAMLValue) throws(Fault) -> Double {
    let score = Double(try value.score())
    guard score > 0 else { throw value.fault("a score of 0 is every frame: expected more than 0") }
    // a decimal as it is written, not as 32 bits have it
    return (score * 1e6).rounded() / 1e6
  }
}
