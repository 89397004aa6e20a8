import Base
import Catalog
import Glibc
import Items
import JSON
import Library
import Search
import SearchLanguage

/// Moments of films and streams, by a query.
struct SearchCommand: Command {
  let path = ["search"]
  let summary = "Find moments in everything that was analysed and watched"
  let positionals = [
    Positional(
      name: "query",
      help:
        "what is searched for, such as 'label:person zone:dock after:yesterday'; limits what --like, --picture and --words compare",
      isRequired: false)
  ]
  let options =
    LibraryPlace.options + [
      GroupOptions.client,
      .value("time-zone", "ZONE", "whose times are meant, such as Europe/Berlin or +02:00 (default TZ, else UTC)"),
      .value("limit", "N", "so many at most (default 50, up to 1000)"),
      .value("after", "TOKEN", "go on where an answer ended: its next"),
      .value("like", "ASSET@TIME", "find what looks like this moment of an asset, such as 01J…@12.4s"),
    ] + SimilarAsk.options + [
      .flag("explain", "tell how the query is understood and which indexes serve it, and find nothing"),
      .flag("json", "print one JSON object"),
    ]
  let examples = [
    "ridley search 'label:car zone:dock after:\"yesterday 7am\" before:\"yesterday 6pm\" -person'",
    "ridley search 'person then car within 10s' --client acme --limit 50 --json",
    "ridley search --picture cat.jpg 'after:yesterday'",
    "ridley search --words 'people at a beach' 'after:yesterday'",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.access(arguments)
    if let similar = try SimilarAsk(arguments, in: library) {
      try refuse(arguments, besides: similar)
      let answer = try library.similar(similar)
      try Terminal.print(
        arguments.has("json") ? String(decoding: answer, as: UTF8.self) + "\n" : SimilarText.similar(answer))
      return .success
    }
    guard let query = arguments.positionals.first else {
      throw Fault(.usage, "say what is searched for: a query, or --like ASSET@TIME, --picture FILE or --words TEXT")
    }
    let ask = SearchAsk(
      text: query, zone: Self.zone(arguments),
      client: try GroupOptions.group(arguments, in: library).client,
      limit: try arguments.integer("limit", in: 1...1000) ?? 50, after: arguments["after"])
    if arguments.has("explain") {
      let answer = try library.explain(ask)
      try Terminal.print(arguments.has("json") ? String(decoding: answer, as: UTF8.self) + "\n" : explained(answer))
      return .success
    }
    let answer = try library.search(ask)
    if arguments.has("json") {
      try Terminal.print(String(decoding: answer, as: UTF8.self) + "\n")
    } else {
      try Terminal.print(try text(answer) + AnswerGapText.lines(of: answer))
    }
    return .success
  }

  /// What a search by an index has, and one by likeness has not.
  private func refuse(_ arguments: Arguments, besides similar: SimilarAsk) throws(Fault) {
    let likeness = ["like", "picture", "words"].first { arguments[$0] != nil } ?? ""
    if arguments.has("explain") {
      let way = similar.text == nil ? "leave it out" : "to see how the query is understood leave --\(likeness) out"
      throw arguments.refusal(
        "--explain tells which indexes serve a query, and --\(likeness) compares every vector that it lets through: \(way)"
      )
    }
    guard arguments["after"] == nil else {
      throw arguments.refusal(
        "--after goes on with the pages of a query, and --\(likeness) has one: ask for more with --limit")
    }
  }

  static func zone(_ arguments: Arguments) -> String? { arguments["time-zone"] ?? usualZone }

  static var usualZone: String? {
    guard let text = getenv("TZ").map({ String(cString: $0) }), !text.isEmpty else { return nil }
    return text.hasPrefix(":") ? String(text.dropFirst()) : text
  }

  private enum Key: String, CaseIterable { case found, next, query, ways, unknown, notes }
  private enum UnknownKey: String, CaseIterable { case label, suggestion }
  private enum MomentKey: String, CaseIterable { case asset, stream, from, to, offset, label, score, zone, text, kind }

  private func explained(_ answer: [UInt8]) throws(Fault) -> String {
    let fields = try JSONDocument(parsing: answer.span.bytes, name: "the answer").root.fields(
      Key.self, others: .ignored)
    var lines = ["understood as: \(try fields.required(.query).string())"]
    for way in try fields.required(.ways).elements() { lines.append("reads: \(try way.string())") }
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(_ answer: [UInt8]) throws(Fault) -> String {
    let fields = try JSONDocument(parsing: answer.span.bytes, name: "the answer").root.fields(
      Key.self, others: .ignored)
    var table = Table([
      ("from", .left), ("length", .right), ("label", .left), ("score", .right), ("zone", .left), ("kind", .left),
      ("where", .left), ("at", .right),
    ])
    for chain in try fields.required(.found).elements() {
      for (number, moment) in try chain.elements().enumerated() { table.add(try row(moment, isFirst: number == 0)) }
    }
    let more = try fields.given(.next).map { (next) throws(Fault) in "more: --after \(try next.string())\n" } ?? ""
    guard !table.isEmpty else {
      guard more.isEmpty else { return "nothing is found so far\n" + more }
      var text = "nothing is found\n"
      if let notes = fields.given(.notes) { for note in try notes.elements() { text += try note.string() + "\n" } }
      guard let unknown = fields.given(.unknown) else { return text }
      for one in try unknown.elements() {
        let told = try one.fields(UnknownKey.self)
        let meant = try told[.suggestion].map { (word) throws(Fault) in ": did you mean '\(try word.string())'?" } ?? ""
        text += "nothing has the label '\(try told.required(.label).string())'\(meant)\n"
      }
      return text
    }
    return table.text + more
  }

  private func row(_ moment: JSONValue, isFirst: Bool) throws(Fault) -> [String] {
    let fields = try moment.fields(MomentKey.self, others: .ignored)
    let (from, to) = (try fields.required(.from).string(), try fields.required(.to).string())
    let length = (CompositeKey.milliseconds(of: to) ?? 0) - (CompositeKey.milliseconds(of: from) ?? 0)
    let score = try fields.given(.score).map { (score) throws(Fault) in NumberFormat.fixed(try score.number(), 2) }
    let offset = try fields.given(.offset).map { (offset) throws(Fault) in
      NumberFormat.fixed(Double(try offset.integer()) / 1000, 1) + " s"
    }
    let (label, read) = (try fields.given(.label)?.string(), try fields.given(.text)?.string())
    let (stream, asset) = (try fields.given(.stream)?.string(), try fields.given(.asset)?.string())
    return [
      (isFirst ? "" : "  then ") + from, NumberFormat.fixed(Double(length) / 1000, 1) + " s", label ?? read ?? "-",
      score ?? "-",
      try fields.given(.zone)?.string() ?? "-", try fields.required(.kind).string(),
      stream ?? asset ?? "-", offset ?? "-",
    ]
  }
}

/// What a search asks of a library here or behind a server.
struct SearchAsk {
  let text: String
  let zone: String?
  let client: String
  let limit: Int
  let after: String?

  func query(at now: Int) throws(Fault) -> SearchQuery {
    try SearchQuery(
      parsing: text, at: now, in: try zone.map { (zone) throws(Fault) in try TimeRules.named(zone) } ?? .utc)
  }
}

extension LocalLibrary {
  func search(_ ask: SearchAsk) throws(Fault) -> [UInt8] {
    let desk = MomentDesk(library)
    guard try desk.settle(within: 600, complain: { Terminal.complain(of: $0) }) else {
      throw Fault(.unavailable, "the moments lag behind what others write: search once more")
    }
    let answer = try desk.search(
      try ask.query(at: library.now), client: ask.client, scope: .all, limit: ask.limit, after: ask.after)
    return JSONWriter.object(capacity: 1 << 14, answer.write)
  }

  func explain(_ ask: SearchAsk) throws(Fault) -> [UInt8] {
    let query = try ask.query(at: library.now)
    let ways = try MomentDesk(library).explain(query, client: ask.client, scope: .all)
    return JSONWriter.object { json in
      json.field("query", query.canonicalText)
      json.field("ways", ways)
    }
  }
}

extension RemoteLibrary {
  func search(_ ask: SearchAsk) throws(Fault) -> [UInt8] {
    try server.get(
      "GET", "/v1/search",
      [
        ("client", ask.client), ("q", ask.text), ("time_zone", ask.zone), ("limit", "\(ask.limit)"),
        ("after", ask.after),
      ])
  }

  func explain(_ ask: SearchAsk) throws(Fault) -> [UInt8] {
    try server.get(
      "GET", "/v1/search/explanation", [("client", ask.client), ("q", ask.text), ("time_zone", ask.zone)])
  }
}
