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
    let model: String
    let isReady: Bool
  }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let hub = try Hub.standard(models: arguments["models"])
    var entries: [(entry: BuiltInPipelines.Entry, needs: [Need])] = []
    for entry in BuiltInPipelines.all {
      let file = try PipelineFile.read(bytes: Array(entry.text.utf8), name: entry.name)
      let speech = file.pipeline.insights.breaks?.speech
      let models = file.pipeline.infer.map(\.model) + (speech.map { [$0] } ?? [])
      entries.append((entry, models.map { need($0, hub) }))
    }
    guard !arguments.has("json") else {
      try Terminal.print(json(entries))
      return .success
    }
    var table = Table([("name", .left), ("needs", .left), ("answers", .left)])
    for (entry, needs) in entries {
      let words = needs.map { $0.isReady ? $0.model : "\($0.model) (ridley model pull \($0.model))" }
      table.add([entry.name, words.isEmpty ? "nothing" : words.joined(separator: ", "), entry.summary])
    }
    try Terminal.print(table.text)
    return .success
  }

  private func need(_ model: String, _ hub: Hub) -> Need {
    Need(model: model, isReady: (try? hub.find(model).isReady) ?? false)
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
                  json.field("name", need.model)
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
