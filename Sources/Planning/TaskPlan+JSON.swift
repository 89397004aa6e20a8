public import Base
internal import JSON

/// A plan as bytes: one spelling, so that equal plans have equal digests.
extension TaskPlan {
  private enum Key: String, CaseIterable {
    case plan, object, rendition, source, pipeline, models, engine, index, whole, cuts, profile, expected
  }
  private enum SourceKey: String, CaseIterable { case kind, bytes, width, height, codec, duration, rate }
  private enum PipelineKey: String, CaseIterable { case digest, text }
  private enum ModelKey: String, CaseIterable { case name, digest, precision, device }
  private enum IndexKey: String, CaseIterable { case digest, frames }
  private enum Kind: String, CaseIterable { case video, picture }

  /// More is no plan, whatever it says.
  public static let mostBytes = 8 << 20
  private static let mostModels = 64
  private static let mostChunks = 100_000

  /// One line of JSON.
  public var bytes: [UInt8] {
    JSONWriter.line { json in
      json.field("plan", 1)
      json.field("object", object)
      json.field("rendition", ifKnown: rendition)
      json.object("source") { write(source, into: &$0) }
      json.object("pipeline") { json in
        json.field("digest", pipelineDigest)
        json.field("text", pipelineText)
      }
      json.array("models") { json in
        for model in models { json.object { write(model, into: &$0) } }
      }
      json.field("engine", engine)
      if let index {
        json.object("index") { json in
          json.field("digest", index.digest)
          json.field("frames", index.frameCount)
        }
      }
      switch cuts {
      case .whole(let reason): json.field("whole", reason.rawValue)
      case .chunks(let ranges):
        json.array("cuts") { json in for range in ranges { json.integer(range.lowerBound) } }
      }
      json.object("profile") { profile.write(into: &$0) }
      json.array("expected") { json in for seconds in expected { json.number(seconds, digits: 3) } }
    }
  }

  private func write(_ source: SourceFacts, into json: inout JSONWriter) {
    json.field("kind", (source.isPicture ? Kind.picture : .video).rawValue)
    json.field("bytes", source.byteCount)
    json.field("width", source.size.width)
    json.field("height", source.size.height)
    json.field("codec", source.codec)
    json.field("duration", ifKnown: source.duration, digits: 6)
    json.field("rate", [source.frameRate.numerator, source.frameRate.denominator])
  }

  private func write(_ model: PinnedModel, into json: inout JSONWriter) {
    json.field("name", model.name)
    json.field("digest", model.digest)
    json.field("precision", model.precision.rawValue)
    json.field("device", model.device)
  }

  /// Reads what ``bytes`` gave; anything else is a fault with its place: other members, kinds of values, sizes, or cuts that leave out a frame.
  public init(bytes: [UInt8], name: String = "the plan") throws(Fault) {
    guard bytes.count <= Self.mostBytes else {
      throw Fault(.tooLarge, "\(name): a plan has \(Units.text(bytes: Self.mostBytes)) at most")
    }
    let root = try JSONDocument(parsing: bytes.span.bytes, name: name).root
    let fields = try root.fields(Key.self)
    let version = try fields.required(.plan)
    guard try version.integer() == 1 else {
      throw version.fault("a plan of another version of ridley: make it anew", .unsupported)
    }
    let source = try Self.source(try fields.required(.source))
    let pipeline = try fields.required(.pipeline).fields(PipelineKey.self)
    let models = try Self.models(try fields.required(.models))
    let index = try fields[.index].map { (value) throws(Fault) in try Self.index(value) }
    let cuts = try Self.cuts(root, fields, index)
    let profile = try TaskProfile(json: try fields.required(.profile))
    let expected = try Self.expected(try fields.required(.expected), cuts)
    self.init(
      object: try fields.required(.object).digest(), source: source,
      pipelineText: try pipeline.required(.text).string(),
      pipelineDigest: try pipeline.required(.digest).pipelineDigest(), models: models,
      engine: try fields.required(.engine).string(), index: index, cuts: cuts, profile: profile, expected: expected)
    rendition = try fields[.rendition]?.digest()
  }

  private static func source(_ value: JSONValue) throws(Fault) -> SourceFacts {
    let fields = try value.fields(SourceKey.self)
    let size = Size(
      width: try fields.required(.width).integer(in: 1...65_536),
      height: try fields.required(.height).integer(in: 1...65_536))
    let rate = try fields.required(.rate)
    let sides = try rate.integers(in: 0 ... .max, most: 2)
    guard sides.count == 2 else { throw rate.fault("a rate is two whole numbers, not \(sides.count)") }
    return SourceFacts(
      isPicture: try fields.required(.kind).choice(of: Kind.self) == .picture,
      byteCount: try fields.required(.bytes).integer(in: 0 ... .max), size: size,
      codec: try fields.required(.codec).string(),
      duration: try fields[.duration].map { (value) throws(Fault) in try value.number(in: 0...1e9) },
      frameRate: Ratio(sides[0], sides[1]))
  }

  private static func models(_ value: JSONValue) throws(Fault) -> [PinnedModel] {
    var models: [PinnedModel] = []
    for element in try value.elements() {
      guard models.count < mostModels else { throw value.fault("a plan has \(mostModels) networks at most") }
      let fields = try element.fields(ModelKey.self)
      models.append(
        PinnedModel(
          name: try fields.required(.name).string(), digest: try fields.required(.digest).string(),
          precision: try fields.required(.precision).choice(), device: try fields.required(.device).string()))
    }
    guard !models.isEmpty else { throw value.fault("a plan has at least one network") }
    return models
  }

  private static func index(_ value: JSONValue) throws(Fault) -> PlannedIndex {
    let fields = try value.fields(IndexKey.self)
    return PlannedIndex(
      digest: try fields.required(.digest).digest(), frameCount: try fields.required(.frames).integer(in: 1...1 << 40))
  }

  private static func cuts(
    _ root: JSONValue, _ fields: JSONFields<Key>, _ index: PlannedIndex?
  ) throws(Fault) -> Cuts {
    guard let value = fields[.cuts] else { return .whole(try fields.required(.whole).choice()) }
    guard fields[.whole] == nil else { throw root.fault("a plan is whole or has cuts, not both") }
    guard let index else { throw root.fault("cuts need an index of frames") }
    let starts = try value.integers(in: 0...(index.frameCount - 1), most: mostChunks)
    guard starts.count > 1, starts[0] == 0 else { throw value.fault("cuts are two at least and begin at frame 0") }
    guard zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 }) else { throw value.fault("cuts do not rise") }
    return .chunks(zip(starts, starts.dropFirst() + [index.frameCount]).map { $0..<$1 })
  }

  private static func expected(_ value: JSONValue, _ cuts: Cuts) throws(Fault) -> [Double] {
    var expected: [Double] = []
    for element in try value.elements() { expected.append(try element.number(in: 0...1e12)) }
    guard expected.count == cuts.taskCount else {
      throw value.fault("\(expected.count) expectations for \(cuts.taskCount) tasks")
    }
    return expected
  }
}
