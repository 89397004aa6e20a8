internal import Base
internal import Insights
internal import YAML

extension PipelineReader {
  enum AttentionKey: String, CaseIterable {
    case of, boxes, follow, by, picture, opening, threshold, exponent
    case priorSigma = "prior-sigma"
  }

  mutating func attention(_ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Attention? {
    places[.attention] = value.node.place
    let fields = DiagnosticFields<AttentionKey>(value, &diagnostics)
    var settings = AttentionSettings()
    guard let of = fields[.of] else {
      diagnostics.add(value, "attention is what a network for saliency says: name it with of: STEP")
      return nil
    }
    settings.step = step(of, among: pipeline.infer, "a network for saliency")
    if let boxes = fields[.boxes] {
      settings.boxes = named(boxes, "box") { reader, name, value in
        reader.rect(value).map { AttentionSettings.Box(id: name, rect: $0) }
      }.sorted { $0.id < $1.id }
    }
    if let picture = fields[.picture], let rect = rect(picture) { settings.picture = rect }
    follow(&settings, fields)
    fields.set(&settings.opening, .opening, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0.1...600)
    }
    fields.set(&settings.threshold, .threshold, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.share(value, in: 0.001...1)
    }
    fields.set(&settings.exponent, .exponent, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.number(value, in: 0.1...4)
    }
    fields.set(&settings.priorSigma, .priorSigma, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.number(value, in: 0.01...10)
    }
    do throws(Fault) { _ = try AttentionSummary(settings) } catch { diagnostics.add(value, error.message) }
    return Pipeline.Attention(settings)
  }

  private mutating func follow(_ settings: inout AttentionSettings, _ fields: DiagnosticFields<AttentionKey>) {
    guard let labels = fields.value(.follow, &diagnostics, ValueReaders.words) else { return }
    var grouping = AttentionSettings.Following.Grouping.label
    fields.set(&grouping, .by, &diagnostics) { (value) throws(Fault) in try value.choice() }
    settings.following = labels.map { AttentionSettings.Following(label: $0, by: grouping) }
  }

  /// Left, top, width and height, as fractions of the upright picture.
  private mutating func rect(_ value: YAMLValue) -> Rect? {
    diagnostics.attempt(value) { (value) throws(Fault) in
      let sides = try value.items()
      guard sides.count == 4 else {
        throw value.fault("a box is four fractions of the picture: [left, top, width, height]")
      }
      var numbers: [Double] = []
      for side in sides { numbers.append(try ValueReaders.share(side, in: 0...1)) }
      return Rect(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    }
  }
}
