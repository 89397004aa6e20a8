import Base
import JSON

/// The answer of `GET /v1/streams/{stream}/drift`, for people.
struct StreamDriftText {
  private(set) var text = ""
  /// Pictures without which nothing is concluded from a window.
  private var evidence = 0

  private enum Key: String, CaseIterable { case stream, watched, settings, pictures, networks, problem }
  private enum SettingKey: String, CaseIterable { case evidence }
  private enum WatchKey: String, CaseIterable { case network, model, before, learnt, window, measures }
  private enum SpanKey: String, CaseIterable { case from, pictures }
  private enum MeasureKey: String, CaseIterable { case measure, state, index, distance, least, enter, seen, groups }
  private enum GroupKey: String, CaseIterable { case from, to, label, others, missing, reference, now }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let name = try fields.required(.stream).string()
    guard try fields.required(.watched).bool() else {
      text =
        "Nobody watches whether the stream '\(name)' drifts: the server's configuration says 'drift: off', or the stream is only shown.\n"
      return
    }
    text = (try fields[.problem]?.string()).map { "It is not as it was: \($0)\n" } ?? ""
    if let settings = fields[.settings] {
      evidence = try settings.fields(SettingKey.self, others: .ignored).required(.evidence).integer()
    }
    if let pictures = fields[.pictures] { try add(pictures) }
    guard let networks = fields[.networks] else { return }
    for network in try networks.elements() { try add(network) }
  }

  private mutating func add(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(WatchKey.self, others: .ignored)
    let network = try fields[.network]?.string()
    if !text.isEmpty { text += "\n" }
    text += network.map { "What '\($0)' answers" } ?? "Pictures"
    if let model = try fields[.model]?.string() { text += " (\(model.prefix { $0 != "@" }))" }
    let learnt = try fields.required(.learnt).number()
    if learnt < 1 { text += ": the reference is being learnt, \(Int(learnt * 100)) % of it so far" }
    if let window = fields[.window] {
      let span = try window.fields(SpanKey.self, others: .ignored)
      let from = Int(min(max(0, try span.required(.from).number()), Double(UTC.secondsOfTenThousand - 1)))
      let pictures = try span.required(.pictures).integer()
      text += ", by \(pictures) pictures from \(UTC.text(from)) on"
      if pictures < evidence { text += ": too few, as \(evidence) are needed; a longer window has more" }
    }
    text += "\n"
    if let before = try fields[.before]?.string() {
      text += "  another model than before (\(before.prefix(40))): its reference is its own\n"
    }
    var table = Table([
      ("measure", .left), ("state", .left), ("index", .right), ("drift from", .right), ("seen", .right),
      ("moved most", .left),
    ])
    for measure in try fields.required(.measures).elements() { table.add(try row(measure)) }
    text += table.text
  }

  private func row(_ value: JSONValue) throws(Fault) -> [String] {
    let fields = try value.fields(MeasureKey.self, others: .ignored)
    let index = try fields[.index]?.number()
    let enter = try fields[.enter]?.number()
    let isFar = try fields[.distance]?.number() ?? 0 >= fields.required(.least).number()
    return [
      try fields.required(.measure).string(),
      Self.word(try fields.required(.state).string(), isFar: isFar && (index ?? 0) >= enter ?? .infinity),
      index.map { NumberFormat.fixed($0, 2) } ?? "–", enter.map { NumberFormat.fixed($0, 2) } ?? "–",
      "\(try fields.required(.seen).integer())",
      index == nil ? "" : try fields[.groups].map { (value) throws(Fault) in try moved(value) } ?? "",
    ]
  }

  /// What the last window shows has to last before it is drift.
  private static func word(_ state: String, isFar: Bool) -> String {
    switch state {
    case "few": "not enough seen"
    case "within": isFar ? "moved just now" : "as it was"
    case "outside": "DRIFT"
    default: state
    }
  }

  /// The group whose share has changed most.
  private func moved(_ value: JSONValue) throws(Fault) -> String {
    var groups: [(name: String, old: Double, new: Double)] = []
    for value in try value.elements() {
      let fields = try value.fields(GroupKey.self)
      groups.append(
        (try Self.name(fields), try fields.required(.reference).number(), try fields.required(.now).number()))
    }
    let (old, new) = (groups.reduce(0) { $0 + $1.old }, groups.reduce(0) { $0 + $1.new })
    guard old > 0, new > 0,
      let most = groups.max(by: { abs($0.old / old - $0.new / new) < abs($1.old / old - $1.new / new) })
    else { return "" }
    let percent = { (share: Double) in "\(NumberFormat.fixed(100 * share, 0)) %" }
    return "\(most.name): \(percent(most.old / old)) then, \(percent(most.new / new)) now"
  }

  private static func name(_ fields: JSONFields<GroupKey>) throws(Fault) -> String {
    if let label = try fields[.label]?.string() { return label }
    if fields[.others] != nil { return "all others" }
    if fields[.missing] != nil { return "without a value" }
    let number = { (value: JSONValue?) throws(Fault) in
      try value.map { (value) throws(Fault) in NumberFormat.short(try value.number(), 4) }
    }
    switch (try number(fields[.from]), try number(fields[.to])) {
    case (let from?, let to?): return "\(from) to \(to)"
    case (let from?, nil): return "from \(from)"
    case (nil, let to?): return "below \(to)"
    case (nil, nil): return "any"
    }
  }
}
