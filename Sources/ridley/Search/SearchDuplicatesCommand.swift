import Base
import JSON
import Search

/// Assets that are nearly the same.
struct SearchDuplicatesCommand: Command {
  let path = ["search", "duplicates"]
  let summary = "Find assets that are nearly the same, by what a network of embeddings said of them"
  let positionals: [Positional] = []
  let options =
    LibraryPlace.options + [
      GroupOptions.client,
      .value("in", "QUERY", "only what this search of one step finds is compared"),
      .value("time-zone", "ZONE", "whose times --in means (default TZ, else UTC)"),
      .value("limit", "N", "so many pairs at most (default 50, up to 1000)"),
    ] + SimilarAsk.vectorOptions + [.flag("json", "print one JSON object")]
  let examples = ["ridley search duplicates --client acme --least 0.85"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.access(arguments)
    let answer = try library.duplicates(try SimilarAsk(arguments, nil, text: arguments["in"], in: library))
    try Terminal.print(
      arguments.has("json") ? String(decoding: answer, as: UTF8.self) + "\n" : SimilarText.duplicates(answer))
    return .success
  }
}

/// Answers by likeness, for people.
enum SimilarText {
  private enum Key: String, CaseIterable {
    case found, pairs, model, compared, films, frames, least
    case textModel, method, cut, unknown
  }
  private enum FoundKey: String, CaseIterable { case asset, series, similarity, time, from, to, at, track, because }
  private enum ReasonKey: String, CaseIterable { case label, share, similarity }
  private enum PairKey: String, CaseIterable { case a, b, similarity, offset }

  private static func fields(_ answer: [UInt8]) throws(Fault) -> JSONFields<Key> {
    try JSONDocument(parsing: answer.span.bytes, name: "the answer").root.fields(Key.self, others: .ignored)
  }

  static func similar(_ answer: [UInt8]) throws(Fault) -> String {
    let fields = try fields(answer)
    let hasReasons = try fields.given(.method)?.string() == "concepts"
    var table = Table(
      [
        ("similarity", .right), ("asset", .left), ("at", .right), ("from", .right), ("to", .right), ("series", .left),
        ("track", .right),
      ] + (hasReasons ? [("because of", .left)] : []))
    for found in try fields.required(.found).elements() {
      let one = try found.fields(FoundKey.self, others: .ignored)
      let seconds = { (key: FoundKey) throws(Fault) in
        NumberFormat.fixed(try one.required(key).number(), 1) + " s"
      }
      table.add(
        [
          NumberFormat.fixed(try one.required(.similarity).number(), 3), try one.required(.asset).string(),
          try seconds(.time), try seconds(.from), try seconds(.to), try one.required(.series).string(),
          try one.given(.track).map { (track) throws(Fault) in String(try track.integer()) } ?? "-",
        ] + (hasReasons ? [try reasons(one)] : []))
    }
    let (compared, films) = (try fields.required(.compared).integer(), try fields.required(.films).integer())
    let told = "compared: \(compared) vectors of \(films) assets, by \(try fields.required(.model).string())\n"
    return (table.isEmpty ? "nothing is found\n" : table.text) + told + (try ofWords(fields))
      + (try AnswerGapText.lines(of: answer))
  }

  /// Labels with their parts of what the frame shows.
  private static func reasons(_ found: JSONFields<FoundKey>) throws(Fault) -> String {
    guard let all = found.given(.because) else { return "" }
    return try all.elements().map { (value) throws(Fault) in
      let reason = try value.fields(ReasonKey.self, others: .ignored)
      let share = NumberFormat.fixed(100 * (try reason.required(.share).number()), 0)
      return "\(try reason.required(.label).string()) \(share) %"
    }.joined(separator: ", ")
  }

  /// How words were compared, and what of them was not.
  private static func ofWords(_ fields: JSONFields<Key>) throws(Fault) -> String {
    guard let model = try fields.given(.textModel)?.string() else { return "" }
    let isJoint = try fields.required(.method).string() == "joint"
    var text = "words: by \(model), \(isJoint ? "in one space with pictures" : "with the names of labels")\n"
    let unknown = try fields.given(.unknown)?.elements().map { (word) throws(Fault) in "'\(try word.string())'" } ?? []
    if !unknown.isEmpty { text += "note: it does not know \(unknown.joined(separator: ", "))\n" }
    if fields.given(.cut) != nil { text += "note: the words are more than it takes, and those behind did not count\n" }
    return text
  }

  static func duplicates(_ answer: [UInt8]) throws(Fault) -> String {
    let fields = try fields(answer)
    var table = Table([("similarity", .right), ("a", .left), ("b", .left), ("offset", .right)])
    for found in try fields.required(.pairs).elements() {
      let pair = try found.fields(PairKey.self, others: .ignored)
      table.add([
        NumberFormat.fixed(try pair.required(.similarity).number(), 3), try pair.required(.a).string(),
        try pair.required(.b).string(), NumberFormat.fixed(try pair.required(.offset).number(), 1) + " s",
      ])
    }
    let (films, frames) = (try fields.required(.films).integer(), try fields.required(.frames).integer())
    let least = NumberFormat.fixed(try fields.required(.least).number(), 2)
    let told =
      "compared: \(films) assets, \(frames) frames of each at most, from \(least) on, by \(try fields.required(.model).string())\n"
    return (table.isEmpty ? "nothing is found\n" : table.text) + told + (try AnswerGapText.lines(of: answer))
  }
}
