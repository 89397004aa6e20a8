public import Base
public import Items
public import JSON

/// The result of one pipeline over the bytes of one asset; never changed once it is written.
///
/// Its identity is the pair of the bytes' digest and the pipeline's, which holds models, engines and precisions.
public struct Analysis: Sendable, Hashable {
  /// One network of the pipeline: its name, and the digest of all bytes that it is made of.
  public struct Model: Sendable, Hashable {
    public let name: String
    public let digest: String
    /// The digest of the model as it was published, where the pipeline says something over its recipe.
    public let version: String?

    public init(name: String, digest: String, version: String? = nil) {
      (self.name, self.digest, self.version) = (name, digest, version == digest ? nil : version)
    }

    /// It is what has this digest, or was made of it.
    public func isOf(_ digest: String) -> Bool { self.digest == digest || version == digest }
  }

  /// An object of JSON, and which members it has.
  public struct Insights: Sendable, Hashable {
    public let object: String
    public let parts: [String]

    public init(object: String, parts: [String]) { (self.object, self.parts) = (object, parts) }
  }

  public let asset: ULID
  /// SHA-256 of the asset's bytes.
  public let object: String
  /// The pipeline's digest.
  public let pipeline: String
  /// What the pipeline is called: analyses of one series replace each other in totals, the newer the older.
  public let series: String
  public var models: [Model] = []
  /// When it was finished, in milliseconds since 1970.
  public let made: Int
  /// The packed predictions, an object.
  public var predictions: String
  public var predictionCount = 0
  public var framesAnalyzed = 0
  /// Frames that had damage.
  public var corruptFrames = 0
  /// The index of the video's frames, an object, by which a frame is found again.
  public var frameIndex: String?
  /// What was concluded about the film as a whole, where the pipeline asks for it.
  public var insights: Insights?
  /// Frames a second, where they are evenly apart; `nil` where that varies or is not known.
  public var evenRate: Ratio?
  /// Seconds of the first frame.
  public var firstTime = 0.0
  /// The pipeline's labels in the order of its networks, where they are not too many to be kept here.
  public var labels: [String] = []
  /// It was made by a pipeline, and not by a model alone.
  public var tellsTracks = false
  /// The lines that the worker logged, an object: one JSON object a line.
  public var log: String
  /// The process that made it: machine, process and start.
  public var worker: String
  public var engine: String
  /// The version of Ridley.
  public var version: String
  /// Bytes of what a node forwarded of it, which count for the asset's client; 0 where it was made here.
  public var forwardedByteCount = 0

  public init(
    asset: ULID, object: String, pipeline: String, series: String, made: Int, predictions: String, log: String,
    worker: String, engine: String, version: String
  ) {
    (self.asset, self.object, self.pipeline, self.series, self.made) = (asset, object, pipeline, series, made)
    (self.predictions, self.log, self.worker) = (predictions, log, worker)
    (self.engine, self.version) = (engine, version)
  }

  /// The objects that it needs, and as what.
  public var objects: [(digest: String, use: String)] {
    let use = { (what: String) in CompositeKey.joined(pipeline, what) }
    return [(predictions, use("predictions")), (log, use("log"))] + (frameIndex.map { [($0, use("frames"))] } ?? [])
      + (insights.map { [($0.object, use("insights"))] } ?? [])
  }
}

extension Analysis {
  private static let mostLabelBytes = 32 << 10

  private enum Key: String, CaseIterable {
    case of, object, pipeline, series, models, made, predictions, count, frames, corrupt, index, log, worker, engine
    case ridley, rate, first, labels, tracks, insights
    case forwardedBytes = "forwarded_bytes"
  }

  private enum InsightKey: String, CaseIterable { case object, parts }

  private enum ModelKey: String, CaseIterable { case name, digest, version }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 1024) { json in
      write(into: &json)
      if forwardedByteCount > 0 { json.field("forwarded_bytes", forwardedByteCount) }
    }
  }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("of", asset.text)
    json.field("object", object)
    json.field("pipeline", pipeline)
    json.field("series", series)
    writeModels(into: &json)
    json.field("made", CompositeKey.time(milliseconds: made))
    json.field("predictions", predictions)
    json.field("count", predictionCount)
    json.field("frames", framesAnalyzed)
    json.field("corrupt", corruptFrames)
    json.field("index", ifKnown: frameIndex)
    if let insights {
      json.object("insights") { json in
        json.field("object", insights.object)
        json.field("parts", insights.parts)
      }
    }
    if let rate = evenRate { json.field("rate", [rate.numerator, rate.denominator]) }
    json.field("first", firstTime, digits: 6)
    json.field("labels", labels.reduce(0) { $0 + $1.utf8.count } < Self.mostLabelBytes ? labels : [])
    json.field("tracks", tellsTracks)
    json.field("log", log)
    json.field("worker", worker)
    json.field("engine", engine)
    json.field("ridley", version)
  }

  /// A member `models`: each network with its digest.
  public func writeModels(into json: inout JSONWriter) {
    json.array("models") { json in
      for model in models {
        json.object { json in
          json.field("name", model.name)
          json.field("digest", model.digest)
          json.field("version", ifKnown: model.version)
        }
      }
    }
  }

  public init(_ item: Item) throws(Fault) {
    try self.init(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  /// Reads what ``json`` wrote, with more members or without.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let asset = try fields.required(.of)
    guard let id = ULID(try asset.string()) else { throw asset.fault("this is no asset's id") }
    self.init(
      asset: id, object: try fields.required(.object).string(), pipeline: try fields.required(.pipeline).string(),
      series: try fields.required(.series).string(), made: try fields.required(.made).moment(),
      predictions: try fields.required(.predictions).string(), log: try fields.required(.log).string(),
      worker: try fields.required(.worker).string(), engine: try fields.required(.engine).string(),
      version: try fields.required(.ridley).string())
    for element in try fields.required(.models).elements() {
      let model = try element.fields(ModelKey.self, others: .ignored)
      models.append(
        Model(
          name: try model.required(.name).string(), digest: try model.required(.digest).string(),
          version: try model[.version]?.string()))
    }
    predictionCount = try fields.required(.count).integer(in: 0 ... .max)
    framesAnalyzed = try fields.required(.frames).integer(in: 0 ... .max)
    corruptFrames = try fields.required(.corrupt).integer(in: 0 ... .max)
    frameIndex = try fields[.index]?.string()
    if let value = fields[.rate] {
      var rate: [Int] = []
      for side in try value.elements() { rate.append(try side.integer()) }
      guard rate.count == 2 else { throw value.fault("a rate is two whole numbers") }
      evenRate = Ratio(rate[0], rate[1])
    }
    if let value = fields[.insights] {
      let fields = try value.fields(InsightKey.self, others: .ignored)
      var parts: [String] = []
      for part in try fields.required(.parts).elements() { parts.append(try part.string()) }
      insights = Insights(object: try fields.required(.object).string(), parts: parts)
    }
    firstTime = try fields[.first]?.number() ?? 0
    if let value = fields[.labels] { for label in try value.elements() { labels.append(try label.string()) } }
    tellsTracks = try fields[.tracks]?.bool() ?? false
    forwardedByteCount = try fields[.forwardedBytes]?.integer(in: 0 ... .max) ?? 0
  }
}
