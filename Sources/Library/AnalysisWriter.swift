public import Base
public import Catalog
public import Insights
internal import Objects
public import Predictions

/// Writes one analysis as it is made: predictions go packed to the disk, scores are counted, log lines kept.
///
/// Memory does not grow with the film, but for the log, of which the first lines are kept. One that is dropped leaves nothing.
public struct AnalysisWriter: ~Copyable {
  /// What is said of an analysis before it begins.
  public struct Head: Sendable {
    public var pipeline: String
    public var series: String
    public var models: [Analysis.Model]
    public var worker: String
    public var engine: String
    public var version: String
    public var labels: [String] = []
    public var tellsTracks = false

    public init(
      pipeline: String, series: String, models: [Analysis.Model], worker: String, engine: String, version: String
    ) {
      (self.pipeline, self.series, self.models) = (pipeline, series, models)
      (self.worker, self.engine, self.version) = (worker, engine, version)
    }
  }

  private let library: Library
  private let asset: Asset
  private let head: Head
  private let writer: any ObjectWriter
  private var packed = PackedPredictionWriter()
  private var collector = ScoreCollector()
  private var count = 0
  private var log: [UInt8] = []

  private static let mostLogBytes = 1 << 20

  public init(_ library: Library, _ asset: Asset, _ head: Head) throws(Fault) {
    (self.library, self.asset, self.head) = (library, asset, head)
    writer = try library.objects.write(ObjectPlan())
    note("begun", [("asset", asset.id.text), ("object", asset.object), ("pipeline", head.pipeline)])
  }

  /// Takes one analysed frame; call it in order.
  public mutating func add(
    _ stamp: FrameStamp, _ predictions: [Prediction], model: (Prediction) -> String
  ) throws(Fault) {
    guard !predictions.isEmpty else { return }
    var found: [(prediction: Prediction, model: String)] = []
    for prediction in predictions {
      collector.add(prediction)
      found.append((prediction, model(prediction)))
    }
    count += predictions.count
    try packed.add(stamp, found)
    let bytes = packed.drain()
    if !bytes.isEmpty { try writer.append(bytes.span.bytes) }
  }

  /// A line of the log: what happened, with fields.
  public mutating func note(_ event: String, _ fields: [(String, String)] = []) {
    guard log.count < Self.mostLogBytes else { return }
    let moment = UTC.text(library.now / 1000)
    log += JSONWriter.line(capacity: 256) { [worker = head.worker] json in
      json.field("time", moment)
      json.field("event", event)
      json.field("worker", worker)
      for (name, value) in fields { json.field(JSONWriter.Name(name), value) }
    }
  }

  /// Brings everything to the disk; the library shows it once it is published.
  public consuming func finish(
    framesAnalyzed: Int, corruptFrames: Int, frameIndex: [UInt8]?, evenRate: Ratio? = nil, firstTime: Double = 0,
    insights: InsightReport? = nil
  ) throws(Fault) -> FinishedAnalysis {
    var packed = PackedPredictionWriter()
    swap(&self.packed, &packed)
    let rest = packed.finish()
    try writer.append(rest.span.bytes)
    var held = [try writer.finish()]
    note("finished", [("predictions", String(count)), ("frames", String(framesAnalyzed))])
    held.append(try library.put(log))
    var analysis = Analysis(
      asset: asset.id, object: asset.object, pipeline: head.pipeline, series: head.series, made: library.now,
      predictions: held[0].name.digest, log: held[1].name.digest, worker: head.worker, engine: head.engine,
      version: head.version)
    (analysis.models, analysis.predictionCount) = (head.models, count)
    (analysis.labels, analysis.tellsTracks) = (head.labels, head.tellsTracks)
    (analysis.evenRate, analysis.firstTime) = (evenRate, firstTime)
    (analysis.framesAnalyzed, analysis.corruptFrames) = (framesAnalyzed, corruptFrames)
    if let frameIndex {
      held.append(try library.put(frameIndex))
      analysis.frameIndex = held[2].name.digest
    }
    if let insights {
      held.append(try library.put(insights.json))
      analysis.insights = Analysis.Insights(
        object: held[held.count - 1].name.digest, parts: insights.parts.map(\.rawValue))
    }
    return FinishedAnalysis(analysis: analysis, scores: collector.values, held: held)
  }
}
