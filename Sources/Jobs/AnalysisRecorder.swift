public import Base
public import Catalog
public import Execution
internal import Inference
public import Library
public import Media
public import Predictions
public import Reports

/// Keeps one analysis as it is made: what a pipeline finds on one asset, packed, with its scores and its log.
public struct AnalysisRecorder: ~Copyable {
  private let asset: Asset
  /// As predictions name the network of each step.
  private let identities: [String]
  private var writer: AnalysisWriter

  /// `series` is what the pipeline is called, `worker` the process that does it, `version` that of Ridley.
  public init(
    _ library: Library, _ asset: Asset, _ pipeline: LoadedPipeline, series: String, worker: String, version: String
  ) throws(Fault) {
    self.asset = asset
    identities = pipeline.models.map(\.identity)
    var head = AnalysisWriter.Head(
      pipeline: pipeline.digest, series: series,
      models: pipeline.models.map { Analysis.Model(name: $0.name, digest: $0.digest, version: $0.published) }
        + (pipeline.speech.map { [Analysis.Model(name: $0.name, digest: $0.digest)] } ?? []), worker: worker,
      engine: pipeline.models.first.map { "\($0.engine) \($0.device) \($0.precision)" } ?? "none",
      version: version)
    (head.labels, head.tellsTracks) = (pipeline.labels, !pipeline.isPlain)
    writer = try AnalysisWriter(library, asset, head)
    for model in pipeline.models {
      for note in model.notes { writer.note("model", [("model", model.name), ("note", note)]) }
    }
  }

  /// Takes one analysed frame; call it in order.
  public mutating func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    try writer.add(stamp, predictions) { [identities] in identities[$0.step] }
  }

  /// A line of the log.
  public mutating func note(_ event: String, _ fields: [(String, String)] = []) { writer.note(event, fields) }

  /// Ends it, with what the run says of itself; the library shows it once it is published.
  public consuming func finish(_ summary: FileSummary, index: PackedFrameIndex?) throws(Fault) -> FinishedAnalysis {
    for note in summary.notes { writer.note("note", [("note", note)]) }
    let timing = index?.timing(asset.media.frameRate)
    return try writer.finish(
      framesAnalyzed: summary.framesAnalyzed, corruptFrames: summary.corrupt.count, frameIndex: index?.bytes,
      evenRate: timing?.evenRate, firstTime: timing?.first ?? 0, insights: summary.insights)
  }
}
