internal import Base
internal import Vision
internal import YAML

extension PipelineReader {
  enum TrackKey: String, CaseIterable { case on, high, low, new, overlap, buffer, confirm, labels }
  enum SmoothKey: String, CaseIterable { case of, by, votes, on, off, over }
  /// Whether the label of a detection matters to which object it is.
  enum Labels: String, CaseIterable { case together, apart }

  mutating func track(_ value: YAMLValue, _ infer: [Pipeline.Infer]) -> Pipeline.Track {
    places[.track] = value.node.place
    let fields = DiagnosticFields<TrackKey>(value, &diagnostics)
    var track = Pipeline.Track(on: 0)
    if let on = fields[.on] {
      track.on = step(on, among: infer, "a detector") ?? 0
    } else if infer.count(where: { $0.on == nil }) > 1 {
      diagnostics.add(value, "there are several networks: say which one is followed with on: STEP")
    }
    fields.set(&track.settings.high, .high, &diagnostics, ValueReaders.score)
    fields.set(&track.settings.low, .low, &diagnostics, ValueReaders.score)
    track.settings.new = min(1, ((track.settings.high + 0.1) * 1e6).rounded() / 1e6)
    fields.set(&track.settings.new, .new, &diagnostics, ValueReaders.score)
    fields.set(&track.settings.overlap, .overlap, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.share(value, in: 0.01...1)
    }
    fields.set(&track.settings.buffer, .buffer, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0...600)
    }
    fields.set(&track.settings.confirm, .confirm, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...100, example: 2)
    }
    let labels: Labels? = fields.value(.labels, &diagnostics) { (value) throws(Fault) in try value.choice() }
    track.settings.labelsApart = labels == .apart
    let settings = track.settings
    if settings.low > settings.high {
      diagnostics.add(
        fields[.low] ?? fields[.high] ?? value,
        "low (\(CanonicalText.score(settings.low))) must not be above high (\(CanonicalText.score(settings.high)))")
    }
    if settings.new < settings.high {
      diagnostics.add(
        fields[.new] ?? value,
        "new (\(CanonicalText.score(settings.new))) must not be below high (\(CanonicalText.score(settings.high)))")
    }
    return track
  }

  mutating func smooth(_ value: YAMLValue, _ pipeline: Pipeline) -> [Pipeline.Smooth] {
    var steps: [Pipeline.Smooth] = []
    let values: [YAMLValue]
    if case .list = value.node.kind { values = (try? value.items()) ?? [] } else { values = [value] }
    for value in values {
      let step = smooth(one: YAMLValue(value.node, what: "smooth", document: document), pipeline)
      if steps.contains(where: { $0.of == step.of }), diagnostics.isEmpty {
        diagnostics.add(value, "'\(pipeline.infer[step.of].name)' is smoothed twice: keep one of them")
      }
      places[.smooth(step.of)] = value.node.place
      steps.append(step)
    }
    return steps
  }

  private mutating func smooth(one value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Smooth {
    let fields = DiagnosticFields<SmoothKey>(value, &diagnostics)
    var step = Pipeline.Smooth(of: 0, by: .label)
    if let of = fields[.of] {
      step.of = self.step(of, among: pipeline.infer, "a network") ?? 0
    } else if pipeline.infer.count > 1 {
      diagnostics.add(value, "there are several networks: say whose answers are smoothed with of: STEP")
    }
    let isTracked = pipeline.infer.indices.contains(step.of) && pipeline.isTracked(step.of)
    step.by = isTracked ? .track : .label
    fields.set(&step.by, .by, &diagnostics) { (value) throws(Fault) in try value.choice() }
    if step.by == .track, !isTracked, let by = fields[.by] {
      diagnostics.add(by, "by: track needs what belongs to tracks: add a track step, or take by: label")
    }
    if let votes = fields.value(.votes, &diagnostics, ValueReaders.votes) {
      (step.votes.needed, step.votes.of) = (votes.needed, votes.of)
    }
    fields.set(&step.over, .over, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0.001...600)
    }
    if step.over > 0 {
      step.votes.on = 0.5
      if step.by == .label, pipeline.infer.indices.contains(step.of), pipeline.infer[step.of].on != nil,
        let over = fields[.over]
      {
        diagnostics.add(over, "over is the mean of one thing's scores: add track, so that crops belong to objects")
      }
    }
    fields.set(&step.votes.on, .on, &diagnostics, ValueReaders.score)
    step.votes.off = step.votes.on
    fields.set(&step.votes.off, .off, &diagnostics, ValueReaders.score)
    if step.votes.off > step.votes.on {
      diagnostics.add(
        fields[.off] ?? value,
        "off (\(CanonicalText.score(step.votes.off))) must not be above on (\(CanonicalText.score(step.votes.on)))")
    }
    return step
  }
}
