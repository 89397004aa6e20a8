internal import Base
internal import Insights
internal import YAML

extension PipelineReader {
  enum ShotsKey: String, CaseIterable {
    case of, threshold
    case minShot = "min-shot"
    case minBlack = "min-black"
    case blackLuma = "black-luma"
  }

  mutating func shots(_ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Shots {
    places[.shots] = value.node.place
    let fields = DiagnosticFields<ShotsKey>(value, &diagnostics)
    var shots = Pipeline.Shots()
    if let of = fields[.of] { shots.of = step(of, among: pipeline.infer, "a network for shot boundaries") }
    fields.set(&shots.settings.threshold, .threshold, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.share(value, in: 0.01...1)
    }
    fields.set(&shots.settings.minShot, .minShot, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0...600)
    }
    fields.set(&shots.settings.minBlack, .minBlack, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0...60)
    }
    fields.set(&shots.settings.blackLuma, .blackLuma, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 0...128, example: 20)
    }
    if pipeline.gate != nil {
      diagnostics.add(value, "shots are found where every frame is looked at: take them, or the gate")
    }
    return shots
  }
}
