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

extension PipelineReader {
  enum BreaksKey: String, CaseIterable {
    case of, speech, count, threshold
    case minDistance = "min-distance"
    case maxDistance = "max-distance"
    case skipFirst = "skip-first"
    case skipLast = "skip-last"
  }
  enum ContentKey: String, CaseIterable { case of, score, frames, labels }
  enum SafetyKey: String, CaseIterable { case mapping }
  enum MemorabilityKey: String, CaseIterable { case of, delay, best }

  /// All that is told of the film as a whole.
  mutating func insights(_ fields: DiagnosticFields<Key>, _ pipeline: inout Pipeline) -> Pipeline.InsightSteps {
    var steps = Pipeline.InsightSteps()
    if let value = fields[.products] { steps.products = products(value, &pipeline) }
    if let value = fields[.shots] { steps.shots = shots(value, pipeline) }
    if let value = fields[.breaks] {
      steps.breaks = breaks(value, pipeline)
      steps.shots = steps.shots ?? Pipeline.Shots()
      if pipeline.gate != nil, fields[.shots] == nil {
        diagnostics.add(value, "breaks are found where every frame is looked at: take them, or the gate")
      }
    }
    if let value = fields[.content] { steps.content = content(value, pipeline) }
    if let value = fields[.safety] { steps.safety = safety(value, pipeline) }
    if let value = fields[.attention] { steps.attention = attention(value, pipeline) }
    if let value = fields[.memorability] { steps.memorability = memorability(value, pipeline) }
    return steps
  }

  private mutating func breaks(_ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Breaks {
    places[.breaks] = value.node.place
    let fields = DiagnosticFields<BreaksKey>(value, &diagnostics)
    var breaks = Pipeline.Breaks()
    if let of = fields[.of] { breaks.of = step(of, among: pipeline.infer, "a network for embeddings") }
    breaks.speech = fields.value(.speech, &diagnostics, ValueReaders.text)
    let day = 0.0...86_400
    fields.set(&breaks.settings.minDistance, .minDistance, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: day)
    }
    breaks.settings.maxDistance = fields.value(.maxDistance, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 1...86_400)
    }
    fields.set(&breaks.settings.skipFirst, .skipFirst, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: day)
    }
    fields.set(&breaks.settings.skipLast, .skipLast, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: day)
    }
    breaks.settings.count = fields.value(.count, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...1000, example: 5)
    }
    fields.set(&breaks.settings.threshold, .threshold, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.share(value, in: 0...1)
    }
    if let speech = fields[.speech], pipeline.proxy != nil {
      diagnostics.add(speech, "a rendition has no sound: take speech, or the proxy")
    }
    if let most = breaks.settings.maxDistance, most < breaks.settings.minDistance {
      diagnostics.add(fields[.maxDistance] ?? value, "max-distance must not be less than min-distance")
    }
    return breaks
  }

  private mutating func content(_ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Content {
    places[.content] = value.node.place
    let fields = DiagnosticFields<ContentKey>(value, &diagnostics)
    var content = Pipeline.Content(of: [])
    let names = fields.value(.of, &diagnostics) { (value) throws(Fault) in try value.itemsOrOne() } ?? []
    for name in names {
      if let step = step(name, among: pipeline.infer, "a network that says what is in a picture") {
        content.of.append(step)
      }
    }
    if names.isEmpty {
      diagnostics.add(fields[.of] ?? value, "content is what networks say: name those that do with of: [STEP, …]")
    }
    content.of = Set(content.of).sorted()
    fields.set(&content.settings.score, .score, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.share(value, in: 0.001...1)
    }
    fields.set(&content.settings.frames, .frames, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...10_000, example: 2)
    }
    fields.set(&content.settings.labels, .labels, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...1000, example: 10)
    }
    return content
  }

  private mutating func safety(_ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Safety {
    places[.safety] = value.node.place
    let fields = DiagnosticFields<SafetyKey>(value, &diagnostics)
    var safety = Pipeline.Safety()
    if pipeline.infer.isEmpty { diagnostics.add(value, "safety is judged from what networks answer: add infer") }
    guard let named = fields[.mapping], let text = diagnostics.attempt(named, ValueReaders.text) else { return safety }
    // A document stands here as it is; anything else is the file that holds it, beside the pipeline.
    let isDocument = text.utf8.contains(0x0A)
    let file = isDocument ? Array(text.utf8) : mapping(text, named)
    guard let bytes = file else { return safety }
    safety.mapping = String(decoding: bytes, as: UTF8.self)
    _ = diagnostics.attempt(at: named) { () throws(Fault) in
      try SafetyMapping.read(bytes: bytes, name: isDocument ? "\(document): mapping" : text)
    }
    return safety
  }

  private mutating func mapping(_ file: String, _ named: YAMLValue) -> [UInt8]? {
    diagnostics.attempt(named) { [folder] (value) throws(Fault) in
      guard let folder else {
        throw value.fault("a mapping is written out here, as a document of several lines, in place of '\(file)'")
      }
      do throws(Fault) { return try FileSystem.read(Self.path(file, from: folder), limit: 1 << 20) } catch {
        throw value.fault(error.message)
      }
    }
  }

  /// Of a file that a pipeline in the folder names.
  static func path(_ file: String, from folder: String) -> String {
    file.hasPrefix("/") || folder.isEmpty ? file : "\(folder)/\(file)"
  }

  private mutating func memorability(_ value: YAMLValue, _ pipeline: Pipeline) -> Pipeline.Memorability? {
    places[.memorability] = value.node.place
    let fields = DiagnosticFields<MemorabilityKey>(value, &diagnostics)
    guard let of = fields[.of] else {
      diagnostics.add(value, MemorabilityCurve.noNetwork.message)
      return nil
    }
    let step = step(of, among: pipeline.infer, "a network for scores")
    let delay = fields.value(.delay, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 1...31_536_000)
    }
    if fields[.delay] == nil {
      diagnostics.add(
        value,
        "memorability after how long? Say the time between seeing and being asked in the study that the network learned from, such as delay: 3m"
      )
    }
    var memorability = Pipeline.Memorability(of: step ?? 0, delay: delay ?? 0)
    fields.set(&memorability.best, .best, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0.1...3600)
    }
    return memorability
  }
}
