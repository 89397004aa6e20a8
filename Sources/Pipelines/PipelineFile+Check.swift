public import Base
public import Predictions
public import Vision
internal import YAML

/// What a pipeline must know of a model to be judged.
public struct ModelFacts: Sendable, Hashable {
  public var task: ModelTask
  /// Empty where they are not known.
  public var labels: [String]
  /// It is shown many frames at once.
  public var isWindowed: Bool

  public init(task: ModelTask, labels: [String], isWindowed: Bool = false) {
    (self.task, self.labels, self.isWindowed) = (task, labels, isWindowed)
  }
}

extension ModelFacts {
  public init(_ recipe: Recipe) {
    let ofAnomaly = [Prediction.anomalyLabels.good, Prediction.anomalyLabels.anomaly]
    self.init(
      task: recipe.task, labels: recipe.task == .anomaly ? ofAnomaly : recipe.allLabels,
      isWindowed: recipe.input.window != nil)
  }
}

extension PipelineFile {
  /// Holds the pipeline against its models, one for each network; `nil` for one that could not be found.
  ///
  /// One fault tells everything that does not fit, together with `missing`, what kept models from being found.
  public func check(_ models: [ModelFacts?], missing: [(step: Int, fault: Fault)] = []) throws(Fault) {
    var diagnostics = Diagnostics(document: name)
    for (step, facts) in models.enumerated() { check(step, facts, models, &diagnostics) }
    if let track = pipeline.track, let facts = models[track.on], !Self.hasBoxes(facts.task) {
      diagnostics.add(
        places[.track],
        "track follows a detector, and '\(pipeline.infer[track.on].name)' is for \(facts.task.rawValue)")
    }
    for step in pipeline.smooth {
      guard let facts = models[step.of], !Self.hasLabels(facts.task) else { continue }
      diagnostics.add(
        places[.smooth(step.of)],
        "smooth votes about labels, and '\(pipeline.infer[step.of].name)' is for \(facts.task.rawValue)")
    }
    for step in pipeline.smooth where step.over > 0 {
      guard let facts = models[step.of], facts.task != .anomaly else { continue }
      diagnostics.add(
        places[.smooth(step.of)],
        "over is for scores of anomalies, and '\(pipeline.infer[step.of].name)' is for \(facts.task.rawValue)")
    }
    for (step, sentence) in pipeline.objections(windowed: models.map { $0?.isWindowed ?? false }) {
      diagnostics.add(places[.model(step)], sentence)
    }
    checkInsights(models, &diagnostics)
    checkScene(models, &diagnostics)
    checkEmit(models, &diagnostics)
    // A fault that is the only one keeps its kind: a model that is not there is not bad input.
    if diagnostics.isEmpty, missing.count == 1 { throw fault(model: missing[0].step, missing[0].fault) }
    for (step, fault) in missing { diagnostics.add(places[.model(step)], self.fault(bare: fault)) }
    if let fault = diagnostics.fault { throw fault }
  }

  private func fault(bare fault: Fault) -> String {
    fault.kind == .usage ? "\(fault.message); in a pipeline, give it a model.yaml (docs/manifest.md)" : fault.message
  }

  private func check(_ step: Int, _ facts: ModelFacts?, _ models: [ModelFacts?], _ diagnostics: inout Diagnostics) {
    let infer = pipeline.infer[step]
    check(infer.labels, of: facts, infer.name, places[.label(step)], &diagnostics)
    guard let on = infer.on else { return }
    check(infer.of, of: models[on], pipeline.infer[on].name, places[.of(step)], &diagnostics)
    if let parent = models[on], !Self.hasBoxes(parent.task) {
      diagnostics.add(
        places[.on(step)],
        "crops are cut from detections, and '\(pipeline.infer[on].name)' is for \(parent.task.rawValue)")
    }
    if let facts, facts.task == .segmentation || facts.task == .saliency {
      diagnostics.add(
        places[.model(step)], "a model for \(facts.task.rawValue) answers about the whole picture and takes no crops")
    }
  }

  func check(
    _ labels: [String], of facts: ModelFacts?, _ name: String, _ place: YAMLPlace?, _ diagnostics: inout Diagnostics
  ) {
    guard let facts, !facts.labels.isEmpty else { return }
    for label in labels where !facts.labels.contains(label) {
      diagnostics.add(place, "'\(name)' knows no label '\(label)'\(Self.hint(label, facts.labels))")
    }
  }

  private func checkEmit(_ models: [ModelFacts?], _ diagnostics: inout Diagnostics) {
    let known = models.compactMap { $0?.labels }
    guard known.count == models.count, known.allSatisfy({ !$0.isEmpty }) else { return }
    var seen: Set<String> = []
    let labels = known.flatMap { $0 }.filter { seen.insert($0).inserted }
    for label in pipeline.emit.labels where !labels.contains(label) {
      diagnostics.add(
        places[.emitLabels], "no model of this pipeline knows a label '\(label)'\(Self.hint(label, labels))")
    }
  }

  /// A suggestion, or all there are where they are few.
  private static func hint(_ label: String, _ known: [String]) -> String {
    let hint = Suggestion.hint(for: label, among: known)
    return hint.isEmpty && known.count <= 12 ? ", expected \(Diagnostics.list(known))" : hint
  }

  /// Objects with a box each: poses have one, too.
  private static func hasBoxes(_ task: ModelTask) -> Bool { task == .detection || task == .pose }

  private static func hasLabels(_ task: ModelTask) -> Bool {
    [.classification, .detection, .segmentation, .anomaly].contains(task)
  }
}

extension Diagnostics {
  /// A thing that was left out of the document is complained about at its beginning.
  mutating func add(_ place: YAMLPlace?, _ message: String) {
    add(place ?? YAMLPlace(line: 1, column: 1), message)
  }
}
