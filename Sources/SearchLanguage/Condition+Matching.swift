public import Catalog

extension Condition {
  /// Whether a moment is what is asked for; what every index must answer alike.
  ///
  /// What a moment does not have (a label, a score, a text) fits no condition on it, and so every `not` of one.
  public func matches(_ moment: Moment) -> Bool {
    switch self {
    case .all(let parts): parts.allSatisfy { $0.matches(moment) }
    case .any(let parts): parts.contains { $0.matches(moment) }
    case .not(let part): !part.matches(moment)
    case .name(let field, let pattern): field.names(of: moment).contains { pattern.matches($0) }
    case .text(let phrase): moment.text.map { phrase.matches($0) } ?? false
    case .score(let range): moment.score.map { range.contains(Double($0)) } ?? false
    case .duration(let range): range.contains(moment.to - moment.from)
    case .track(let number): moment.track == number
    case .began(let range): range.contains(moment.from)
    case .daily(let times): times.contains(moment.from)
    case .open(let isOpen): moment.isOpen == isOpen
    }
  }
}

extension Condition.Field {
  /// What of a moment stands in this field; an asset has no stream, and a stream no asset.
  public func names(of moment: Moment) -> [String] {
    switch (self, moment.source) {
    case (.label, _): moment.label.map { [$0] } ?? []
    case (.zone, _): moment.zone.map { [$0] } ?? []
    case (.stream, .stream(let name)): [name]
    case (.asset, .asset(let id)): [id.text]
    case (.stream, .asset), (.asset, .stream): []
    case (.trait, _): moment.traits
    case (.rule, _): moment.rule.map { [$0] } ?? []
    case (.kind, _): [moment.kind.rawValue]
    case (.series, _): [moment.series]
    }
  }
}
