internal import Base
internal import Vision
internal import YAML

/// From the document to the pipeline, gathering everything that is wrong on the way.
struct PipelineReader {
  enum Key: String, CaseIterable {
    case proxy, sample, gate, infer, masks, size, zones, lines, track, smooth, rules, emit
    case shots, breaks, content, safety, products, attention, memorability, cut
  }
  enum SampleKey: String, CaseIterable { case every, fps }
  enum GateKey: String, CaseIterable { case motion, difference, hold, lead }
  enum EmitKey: String, CaseIterable { case when, labels, score }

  /// What nothing can be said of without a network.
  private static let aboutAnswers: [Key] = [.masks, .size, .zones, .lines, .track, .smooth, .rules, .emit]

  let document: String
  /// Where files are meant from that the pipeline names; `nil` where it may name none, as a text that came without a folder.
  let folder: String?
  var diagnostics: Diagnostics
  var places: [PipelineFile.Part: YAMLPlace] = [:]

  init(document: String, folder: String? = nil) {
    (self.document, self.folder) = (document, folder)
    diagnostics = Diagnostics(document: document)
  }

  mutating func read(_ root: YAMLValue) throws(Fault) -> PipelineFile {
    let fields = DiagnosticFields<Key>(root, &diagnostics)
    var pipeline = Pipeline(infer: [])
    if let value = fields[.sample] { pipeline.sample = sample(value) }
    if let value = fields[.proxy] { pipeline.proxy = proxy(value, pipeline.sample) }
    if let value = fields[.gate] { pipeline.gate = gate(value) }
    if let value = fields[.infer] {
      pipeline.infer = infer(value)
    } else if fields.isGroup, fields[.shots] == nil, fields[.breaks] == nil, fields[.products] == nil {
      diagnostics.add(root, "the key 'infer' is missing in the pipeline: name at least one model")
    } else {
      for key in Self.aboutAnswers {
        guard let value = fields[key] else { continue }
        diagnostics.add(value, "\(key.rawValue) is about what a network answers, and there is none: add infer")
      }
      if let fault = diagnostics.fault { throw fault }
    }
    if let value = fields[.masks] { pipeline.scene.masks = masks(value) }
    if let value = fields[.size] { pipeline.sizes = sizes(value) }
    if let value = fields[.zones] { pipeline.scene.zones = zones(value) }
    if let value = fields[.lines] { pipeline.scene.lines = lines(value) }
    if let value = fields[.track] { pipeline.track = track(value, pipeline.infer) }
    if let value = fields[.smooth] { pipeline.smooth = smooth(value, pipeline) }
    if let value = fields[.rules] { pipeline.rules = rules(value, pipeline) }
    if let value = fields[.lines], pipeline.track == nil {
      diagnostics.add(value, "lines count objects that are followed: add a track step")
    }
    if let value = fields[.emit] { pipeline.emit = emit(value, pipeline) }
    pipeline.insights = insights(fields, &pipeline)
    if let value = fields[.cut] { pipeline.cut = cut(value, pipeline) }
    for (step, sentence) in pipeline.everyObjections { diagnostics.add(places[.every(step)], sentence) }
    if let fault = diagnostics.fault { throw fault }
    return PipelineFile(name: document, pipeline: pipeline.settled, places: places)
  }

  private mutating func proxy(_ value: YAMLValue, _ sample: Sampling) -> RenditionSettings? {
    guard let text = diagnostics.attempt(value, ValueReaders.text) else { return nil }
    guard let proxy = RenditionSettings(parsing: text) else {
      diagnostics.add(value, "'\(text)' is no rendition, expected \(RenditionSettings.expected)")
      return nil
    }
    if sample == .keyFrames {
      diagnostics.add(
        value,
        "sample: key-frames looks at other frames of a rendition than of its film: take sample: {every: 1s}, or no proxy"
      )
    }
    return proxy
  }

  private mutating func cut(_ value: YAMLValue, _ pipeline: Pipeline) -> Cut? {
    guard let text = diagnostics.attempt(value, ValueReaders.text) else { return nil }
    let known = Cut.named.map(\.rawValue)
    guard let cut = Cut(rawValue: text) else {
      let hint = Suggestion.hint(for: text, among: known)
      diagnostics.add(value, "'\(text)' is not allowed for cut\(hint), expected \(Diagnostics.list(known))")
      return nil
    }
    guard Cut.named.contains(cut) else {
      let why = cut.objection(to: pipeline) ?? "all is done at the centre then: give it the film, or the camera"
      diagnostics.add(value, "cut: \(text) cannot be had here, expected \(Diagnostics.list(known)): \(why)")
      return nil
    }
    if let objection = cut.objection(to: pipeline) {
      diagnostics.add(value, "the pipeline cannot be cut at '\(text)': \(objection)")
    }
    return cut
  }

  private mutating func sample(_ value: YAMLValue) -> Sampling {
    if case .scalar(let text, _) = value.node.kind {
      switch text {
      case "all": return .all
      case "key-frames": return .keyFrames
      default:
        let hint = Suggestion.hint(for: text, among: ["all", "key-frames"])
        diagnostics.add(
          value, "'\(text)' is not allowed for sample\(hint), expected all, key-frames, {every: 1s} or {fps: 5}")
        return .all
      }
    }
    let fields = DiagnosticFields<SampleKey>(value, &diagnostics)
    let every = fields.value(.every, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0.001...86_400)
    }
    let rate = fields.value(.fps, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.number(value, in: 0.000_01...1000)
    }
    switch (fields[.every] != nil, fields[.fps] != nil) {
    case (true, true): diagnostics.add(value, "every and fps say the same thing twice: keep one of them")
    case (false, false):
      diagnostics.add(value, "sample says nothing: expected all, key-frames, {every: 1s} or {fps: 5}")
    default: break
    }
    return every.map { .every(seconds: $0) } ?? rate.map { .fps($0) } ?? .all
  }

  private mutating func gate(_ value: YAMLValue) -> Pipeline.Gate {
    let fields = DiagnosticFields<GateKey>(value, &diagnostics)
    var gate = Pipeline.Gate()
    fields.set(&gate.settings.motion, .motion, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.share(value, in: 0...1)
    }
    fields.set(&gate.settings.difference, .difference, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.number(value, in: 1...255)
    }
    fields.set(&gate.settings.hold, .hold, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0...3600)
    }
    fields.set(&gate.lead, .lead, &diagnostics) { (value) throws(Fault) in try ValueReaders.seconds(value, in: 0...2) }
    return gate
  }

  private mutating func emit(_ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Emit {
    let fields = DiagnosticFields<EmitKey>(value, &diagnostics)
    var emit = Pipeline.Emit()
    fields.set(&emit.when, .when, &diagnostics) { (value) throws(Fault) in try value.choice() }
    fields.set(&emit.labels, .labels, &diagnostics, ValueReaders.words)
    fields.set(&emit.score, .score, &diagnostics, ValueReaders.score)
    if let labels = fields[.labels] { places[.emitLabels] = labels.node.place }
    if emit.when == .change, pipeline.track == nil, pipeline.smooth.isEmpty {
      diagnostics.add(fields[.when] ?? value, "when: change needs a step that knows of changes: add smooth or track")
    }
    if emit.when == .end, pipeline.track == nil {
      diagnostics.add(fields[.when] ?? value, "when: end tells of tracks, and there is no track step: add track")
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
    pipeline.sizes.sort { $0.labels.joined(separator: "\0") < $1.labels.joined(separator: "\0") }
    pipeline.rules.sort { $0.name < $1.name }
    return pipeline
  }
}
