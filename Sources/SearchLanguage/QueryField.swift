/// What stands in front of a colon.
enum QueryField: String, CaseIterable {
  case label, zone, stream, camera, asset, `is`, trait, colour, color, text, rule, kind, model, series, track
  case score, duration, after, before, on, during, state, tz

  /// The name that stands for all that mean the same.
  var canonical: QueryField {
    switch self {
    case .camera: .stream
    case .trait, .colour, .color: .is
    case .series: .model
    case .during: .on
    default: self
    }
  }

  /// Of those that take names.
  var names: Condition.Field? {
    switch canonical {
    case .label: .label
    case .zone: .zone
    case .stream: .stream
    case .asset: .asset
    case .is: .trait
    case .rule: .rule
    case .kind: .kind
    case .model: .series
    default: nil
    }
  }

  var isTime: Bool { [.after, .before, .on].contains(canonical) }

  /// What an empty one could look like.
  var example: String {
    switch canonical {
    case .label: "label:car"
    case .zone: "zone:dock"
    case .stream: "stream:gate"
    case .asset: "asset:01J*"
    case .is: "is:red"
    case .text: "text:\"way out\""
    case .rule: "rule:intrusion"
    case .kind: "kind:event"
    case .model: "model:traffic"
    case .track: "track:7"
    case .score: "score:>=.5"
    case .duration: "duration:>5s"
    case .after: "after:\"yesterday 7am\""
    case .before: "before:2026-03-29T08:30"
    case .on: "on:yesterday"
    case .state: "state:open"
    default: "tz:Europe/Berlin"
    }
  }
}
