import Base
import ModelHub
import Predictions
import Vision

/// Which models this machine knows.
struct ModelListCommand: Command {
  let path = ["model", "list"]
  let summary = "List the models that can be used by name"
  let positionals: [Positional] = []
  let options = [
    Option.value("models", "FOLDER", "look for models in this folder first"),
    Option.flag("json", "print one JSON object"),
    Option.flag("names", "print names alone, one a line"),
  ]
  let examples: [String] = []

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let entries = try Hub.standard(models: arguments["models"]).list()
    guard !arguments.has("names") else {
      try Terminal.print(entries.map { $0.name + "\n" }.joined())
      return .success
    }
    try Terminal.print(arguments.has("json") ? json(entries) : table(entries))
    for entry in entries {
      if case .failure(let fault) = entry.model { Terminal.complain("ridley: \(fault.message)\n") }
    }
    return .success
  }

  private func table(_ entries: [Hub.Entry]) -> String {
    guard !entries.isEmpty else { return "no models here: name a folder of manifests with --models\n" }
    var table = Table([("name", .left), ("task", .left), ("state", .left), ("about", .left)])
    for entry in entries {
      guard case .success(let model) = entry.model else {
        table.add([entry.name, "", "broken", ""])
        continue
      }
      table.add([model.name, model.manifest.recipe.task.rawValue, state(model), model.manifest.summary])
    }
    return table.text
  }

  private func state(_ model: Model) -> String { model.isReady ? "ready" : "to be pulled" }

  private func json(_ entries: [Hub.Entry]) -> String {
    JSONText.line { json in
      json.array("models") { json in
        for entry in entries {
          json.object { json in
            json.field("name", entry.name)
            switch entry.model {
            case .success(let model): describe(model, into: &json)
            case .failure(let fault): json.field("error", fault.message)
            }
          }
        }
      }
    }
  }

  private func describe(_ model: Model, into json: inout JSONWriter) {
    json.field("task", model.manifest.recipe.task.rawValue)
    json.field("state", model.isReady ? "ready" : "missing")
    // Without the digests of its files it is not known what it answers before they are read.
    let isKnown = model.manifest.files.allSatisfy { $0.sha256 != nil }
    json.field("digest", isKnown ? model.digest : nil)
    json.field("license", model.manifest.license)
    json.field("summary", model.manifest.summary)
  }
}
