internal import Predictions
internal import YAML

extension PipelineFile {
  /// Zones, lines, sizes and rules against what the networks answer.
  func checkScene(_ models: [ModelFacts?], _ diagnostics: inout Diagnostics) {
    guard !pipeline.infer.isEmpty else { return }
    let watched = models[pipeline.watched]
    let name = pipeline.infer[pipeline.watched].name
    for zone in pipeline.scene.zones {
      check(zone.labels, of: watched, name, places[.zone(zone.name)], &diagnostics)
    }
    for line in pipeline.scene.lines {
      check(line.labels, of: watched, name, places[.line(line.name)], &diagnostics)
    }
    for rule in pipeline.rules {
      let place = places[.rule(rule.name)]
      check(rule.labels, of: models[rule.of], pipeline.infer[rule.of].name, place, &diagnostics)
      guard let facts = models[rule.of], rule.zone != nil, !hasPlace(rule.of, facts) else { continue }
      diagnostics.add(
        place,
        "rule '\(rule.name)' is about a zone, and '\(pipeline.infer[rule.of].name)', for \(facts.task.rawValue), does not say where: leave zone out"
      )
    }
    guard let watched, !hasPlace(pipeline.watched, watched), let zone = pipeline.scene.zones.first else { return }
    diagnostics.add(
      places[.zone(zone.name)], "zones count objects, and '\(name)', for \(watched.task.rawValue), does not say where")
  }

  /// Whether answers have boxes: their own, or that of the detection that they are about.
  private func hasPlace(_ step: Int, _ facts: ModelFacts) -> Bool {
    pipeline.infer[step].on != nil || facts.task == .detection || facts.task == .pose || facts.task == .text
  }
}
