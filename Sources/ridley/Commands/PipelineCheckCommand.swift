import Analysis
import Base
import Execution
import Inference
import Loading
import ModelHub
import Pipelines
import Predictions
import Vision

/// Says whether a pipeline can run, what it is in full, and by which digest it is known.
struct PipelineCheckCommand: Command {
  let path = ["pipeline", "check"]
  let summary = "Check a pipeline, its models included, and show it in full with its digest"
  let positionals = [Positional(name: "file", help: "a pipeline in YAML; see docs/pipelines.md")]
  let options = [
    Option.value("models", "FOLDER", "look for models in this folder first"),
    Option.flag("json", "print one JSON object"),
  ]
  let examples = ["ridley pipeline check pipelines/people.yaml"]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let resolver = try PipelineResolver(
      arguments.positionals[0], models: arguments["models"], cache: EngineCache.standard.folder
    ) { () throws(Fault) in
      try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    }
    let models = try resolver.find(mustBeHere: false)
    let pipeline = resolver.file.pipeline
    let digest = try pipeline.digest(models: models.map(\.digest))
    try Terminal.print(
      arguments.has("json") ? json(resolver.file, models, digest) : text(pipeline, models) + "digest: \(digest)\n")
    return .success
  }

  /// The normal form, which can be run as it is, then what stands behind the names.
  private func text(_ pipeline: Pipeline, _ models: [Model]) -> String {
    var table = Table([("# step", .left), ("model", .left), ("task", .left), ("state", .left)])
    for (step, model) in zip(pipeline.infer, models) {
      let state = model.isReady ? "ready" : "to be pulled: \(model.command(pulling: model.name))"
      table.add(["# " + step.name, model.name, model.recipe.task.rawValue, state])
    }
    return pipeline.text + "\n" + table.text + "# "
  }

  private func json(_ file: PipelineFile, _ models: [Model], _ digest: String) -> String {
    JSONText.line { json in
      json.field("file", file.name)
      json.field("digest", digest)
      json.field("pipeline", file.pipeline.text)
      json.array("models") { json in
        for (step, model) in zip(file.pipeline.infer, models) {
          json.object { json in
            json.field("step", step.name)
            json.field("name", model.name)
            json.field("task", model.recipe.task.rawValue)
            json.field("digest", model.digest)
            json.field("state", model.isReady ? "ready" : "missing")
          }
        }
      }
    }
  }
}
