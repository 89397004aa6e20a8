import Base
import Inference
import ModelHub
import Pipelines
import Vision

/// The models that a pipeline names, found as `--model` finds them.
struct PipelineChoice {
  let file: PipelineFile
  private let hub: Hub
  private let models: String?
  private let engine: () throws(Fault) -> Engine

  /// Reads the pipeline; the engine is asked for only where a network stands without a manifest.
  init(_ path: String, models: String?, engine: @escaping () throws(Fault) -> Engine) throws(Fault) {
    file = try PipelineFile.read(path)
    hub = try Hub.standard(models: models)
    (self.models, self.engine) = (models, engine)
  }

  /// One model for each network; everything that does not fit is told in one fault.
  ///
  /// Models that were not pulled yet are good enough for a look, and are refused with `mustBeHere`.
  func find(mustBeHere: Bool) throws(Fault) -> [Model] {
    var found: [Model?] = []
    var missing: [(step: Int, fault: Fault)] = []
    for (index, step) in file.pipeline.infer.enumerated() {
      do throws(Fault) { found.append(try find(step, mustBeHere)) } catch {
        found.append(nil)
        missing.append((index, error))
      }
    }
    try file.check(found.map { $0.map { ModelFacts(task: $0.recipe.task, labels: $0.labels) } }, missing: missing)
    return found.compactMap { $0 }
  }

  private func find(_ step: Pipeline.Infer, _ mustBeHere: Bool) throws(Fault) -> Model {
    let name = place(of: step.model)
    var words = ["-"]
    if let threshold = step.threshold { words += ["--threshold", "\(threshold)"] }
    if let iou = step.iou { words += ["--iou", "\(iou)"] }
    if let top = step.top { words += ["--top", "\(top)"] }
    if let precision = step.precision { words += ["--precision", precision.rawValue] }
    if let models { words += ["--models", models] }
    let arguments = try Arguments(words, for: AnalyzeCommand())
    if ModelChoice.networkFile(name) != nil { return try ModelChoice.find(name, arguments, on: try engine()) }
    return try ModelChoice.named(name, arguments, mustBeHere: mustBeHere)
  }

  /// Paths are meant from the folder of the pipeline; a name without a slash may be a file beside it too.
  private func place(of model: String) -> String {
    let folder = Disk.folder(of: file.name)
    if model.hasPrefix("/") { return model }
    let beside = folder.isEmpty || folder == "." ? model : "\(folder)/\(model)"
    if model.contains("/") { return beside.contains("/") ? beside : "./" + beside }
    return ModelChoice.looksLikeNetwork(model) ? beside : model
  }
}
