import Base
import ModelHub
import Pipelines

/// Which pipelines are there without a file, and what each needs.
struct PipelineListCommand: Command {
  let path = ["pipeline", "list"]
  let summary = "List the pipelines that are built in, and what each needs"
  let positionals: [Positional] = []
  let options = [
    Option.value("models", "FOLDER", "look for models in this folder first"),
    Option.flag("json", "print one JSON object"),
  ]
  let examples = ["ridley analyze film.mp4 --pipeline shots"]

  private struct Need {
    let name: String
    let isReady: Bool
    /// The command that brings it.
    let way: String
  }

  private static let catalogue = Need(name: "a catalogue", isReady: false, way: "ridley catalogue add PICTURES")

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let hub = try Hub.standard(models: arguments["models"])
    let entries = BuiltInPipelines.all.map { entry in
      let pipeline = (try? PipelineFile.read(entry.name))?.pipeline
      let models = pipeline?.models ?? []
      return (entry, pipeline == nil ? [Self.catalogue] : models.map { need($0, hub) })
    }
    guard !arguments.has("json") else {
      try Terminal.print(json(entries))
      return .success
    }
    var table = Table([("name", .left), ("needs", .left), ("answers", .left)])
    for (entry, needs) in entries {
      let words = needs.map { $0.isReady ? $0.name : "\($0.name) (\($0.way))" }
      table.add([entry.name, words.isEmpty ? "nothing" : words.joined(separator: ", "), entry.summary])
    }
    try Terminal.print(table.text)
    return .success
  }

  private func need(_ model: String, _ hub: Hub) -> Need {
    let known = try? hub.look(model)
    return Need(
      name: model, isReady: known?.isReady ?? false,
      way: known?.command(pulling: model) ?? "ridley model pull \(model)")
  }

  private func json(_ entries: [(entry: BuiltInPipelines.Entry, needs: [Need])]) -> String {
    JSONText.line { json in
      json.array("pipelines") { json in
        for (entry, needs) in entries {
          json.object { json in
            json.field("name", entry.name)
            json.field("summary", entry.summary)
            json.field("pipeline", entry.text)
            json.array("models") { json in
              for need in needs {
                json.object { json in
                  json.field("name", need.name)
                  json.field("state", need.isReady ? "ready" : "missing")
                }
              }
            }
          }
        }
      }
    }
  }
}
