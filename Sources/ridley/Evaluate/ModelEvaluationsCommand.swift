import Base
import Catalog
import Items
import JSON
import Registry

/// What was found out about versions of a model.
struct ModelEvaluationsCommand: Command {
  let path = ["model", "evaluations"]
  let summary = "List what evaluations and trials found out about a model's versions"
  let positionals = [RegistryWords.model]
  let options = [
    Option.value("version", "WORD", "of this version alone: its number, an alias, or its digest's beginning"),
    Option.value("show", "ID", "print all that is kept of one, as JSON"), RegistryWords.json, LibraryPlace.option,
  ]
  let examples = [
    "ridley model evaluations inspector", "ridley model evaluations inspector --show 01KB3Z8M5T9Q7X2R4W6Y8A1C3E",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (registry, model) = (try RegistryWords.registry(arguments), arguments.positionals[0])
    let version = try arguments["version"].map { (word) throws(Fault) in try registry.find(word, of: model).number }
    var results: [KeptResult] = []
    for kind in KeptResult.Kind.allCases { results += try registry.results(kind, of: model, version: version) }
    if results.isEmpty { _ = try registry.find("1", of: model) }
    if let id = arguments["show"] {
      guard let result = results.first(where: { $0.id.text == id }) else {
        throw Fault(.notFound, "'\(model)' has no evaluation or trial '\(id.prefix(40))'")
      }
      let document = try registry.document(of: result)
      try Terminal.print(String(decoding: document, as: UTF8.self) + "\n")
      return .success
    }
    guard !arguments.has("json") else {
      try Terminal.print(
        JSONText.line { json in
          json.array("results") { json in for result in results { json.object(result.write) } }
        })
      return .success
    }
    try Terminal.print(try text(results))
    return .success
  }

  private func text(_ results: [KeptResult]) throws(Fault) -> String {
    var table = Table([
      ("version", .right), ("what", .left), ("at", .left), ("by", .left), ("figures", .left), ("id", .left),
    ])
    for result in results {
      table.add([
        "\(result.version)", result.kind.rawValue, UTC.text(result.at / 1000), result.by, try figures(result),
        result.id.text,
      ])
    }
    return table.isEmpty
      ? "nothing was found out yet: 'ridley model evaluate' and 'ridley model trial' do\n" : table.text
  }

  /// The main figures, by their names.
  private static let main = ["ap", "ap50", "top1", "macro_f1", "agreement", "appeared", "gone", "moved", "relabelled"]

  private func figures(_ result: KeptResult) throws(Fault) -> String {
    let document = try JSONDocument(parsing: result.summary.span.bytes, name: "the summary of \(result.id.text)")
    var parts: [String] = []
    for (name, value) in try document.root.members() {
      if Self.main.contains(name), value.kind == .number {
        parts.append("\(name) \(NumberFormat.short(try value.number(), 4))")
      } else if name == "truth" || name == "against", value.kind == .string {
        parts.append("\(name) \(try value.string())")
      } else if name == "passed", value.kind == .bool {
        parts.append(try value.bool() ? "passed" : "not passed")
      }
    }
    return parts.joined(separator: ", ")
  }
}
