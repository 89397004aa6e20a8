internal import Base
internal import Vision
internal import YAML

/// From the document to the pipeline, gathering everything that is wrong on the way.
struct PipelineReader {
  enum Key: String, CaseIterable { case sample, gate, infer, track, smooth, emit }
  enum SampleKey: String, CaseIterable { case every, fps }
  enum GateKey: String, CaseIterable { case motion, difference, hold, lead }
  enum EmitKey: String, CaseIterable { case when, labels, score }

  let document: String
  var complaints: Complaints
  var places: [PipelineFile.Part: YAMLPlace] = [:]

  init(document: String) {
    self.document = document
    complaints = Complaints(document: document)
  }

  mutating func read(_ root: YAMLValue) throws(Fault) -> PipelineFile {
    let fields = Section<Key>(root, &complaints)
    var pipeline = Pipeline(infer: [])
    if let value = fields[.sample] { pipeline.sample = sample(value) }
    if let value = fields[.gate] { pipeline.gate = gate(value) }
    if let value = fields[.infer] {
      pipeline.infer = infer(value)
    } else if fields.isGroup {
      complaints.add(root, "the key 'infer' is missing in the pipeline: name at least one model")
    }
    if let value = fields[.track] { pipeline.track = track(value, pipeline.infer) }
    if let value = fields[.smooth] { pipeline.smooth = smooth(value, pipeline) }
    if let value = fields[.emit] { pipeline.emit = emit(value, pipeline) }
    if let fault = complaints.fault { throw fault }
    return PipelineFile(name: document, pipeline: pipeline.settled, places: places)
  }

  private mutating func sample(_ value: YAMLValue) -> Sampling {
    if case .scalar(let text, _) = value.node.kind {
      switch text {
      case "all": return .all
      case "key-frames": return .keyFrames
      default:
        let hint = Suggestion.hint(for: text, among: ["all", "key-frames"])
        complaints.add(
          value, "'\(text)' is not allowed for sample\(hint), expected all, key-frames, {every: 1s} or {fps: 5}")
        return .all
      }
    }
    let fields = Section<SampleKey>(value, &complaints)
    let every = fields.value(.every, &complaints) { (value) throws(Fault) in
      try Measures.seconds(value, in: 0.001...86_400)
    }
    let rate = fields.value(.fps, &complaints) { (value) throws(Fault) in
      try Measures.number(value, in: 0.000_01...1000)
    }
    switch (fields[.every] != nil, fields[.fps] != nil) {
    case (true, true): complaints.add(value, "every and fps say the same thing twice: keep one of them")
    case (false, false): complaints.add(value, "sample says nothing: expected all, key-frames, {every: 1s} or {fps: 5}")
    default: break
    }
    return every.map { .every(seconds: $0) } ?? rate.map { .fps($0) } ?? .all
  }

  private mutating func gate(_ value: YAMLValue) -> Pipeline.Gate {
    let fields = Section<GateKey>(value, &complaints)
    var gate = Pipeline.Gate()
    fields.set(&gate.settings.motion, .motion, &complaints) { (value) throws(Fault) in
      try Measures.share(value, in: 0...1)
    }
    fields.set(&gate.settings.difference, .difference, &complaints) { (value) throws(Fault) in
      try Measures.number(value, in: 1...255)
    }
    fields.set(&gate.settings.hold, .hold, &complaints) { (value) throws(Fault) in
      try Measures.seconds(value, in: 0...3600)
    }
    fields.set(&gate.lead, .lead, &complaints) { (value) throws(Fault) in try Measures.seconds(value, in: 0...2) }
    return gate
  }

  private mutating func emit(_ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Emit {
    let fields = Section<EmitKey>(value, &complaints)
    var emit = Pipeline.Emit()
    fields.set(&emit.when, .when, &complaints) { (value) throws(Fault) in try value.choice() }
    fields.set(&emit.labels, .labels, &complaints, Measures.words)
    fields.set(&emit.score, .score, &complaints, Measures.score)
    if let labels = fields[.labels] { places[.emitLabels] = labels.node.place }
    if emit.when == .change, pipeline.track == nil, pipeline.smooth.isEmpty {
      complaints.add(fields[.when] ?? value, "when: change needs a step that knows of changes: add smooth or track")
    }
    if emit.when == .end, pipeline.track == nil {
      complaints.add(fields[.when] ?? value, "when: end tells of tracks, and there is no track step: add track")
    }
    return emit
  }
}

extension Pipeline {
  /// With defaults that depend on other steps filled in, and in one order.
  var settled: Pipeline {
    var pipeline = self
    if let track, infer.indices.contains(track.on), infer[track.on].threshold == nil {
      // The second look of the tracker needs what the network is unsure of.
      pipeline.infer[track.on].threshold = track.settings.low
    }
    for step in infer.indices {
      guard let on = infer[step].on, infer[step].score == nil else { continue }
      pipeline.infer[step].score = track.map { $0.on == on ? $0.settings.high : 0 } ?? 0
    }
    pipeline.smooth.sort { $0.of < $1.of }
    return pipeline
  }
}
