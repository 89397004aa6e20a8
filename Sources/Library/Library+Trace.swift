public import Base
public import Catalog
public import Predictions

/// The way back from one prediction to what made it.
public struct PredictionTrace: Sendable {
  public let asset: Asset
  public let analysis: Analysis
  /// Its number in the analysis, from 0.
  public let number: Int
  public let row: PredictionRow
  /// The frame that it is about, from the asset's bytes.
  public let frame: FoundFrame
  /// The lines that the worker logged, each one JSON object.
  public let log: [[UInt8]]
}

extension Library {
  /// From a prediction of an analysis to its frame, its model, its pipeline and the log of the worker.
  public func trace(
    _ asset: Asset, _ analysis: Analysis, prediction number: Int, finder: any FrameFinder
  ) throws(Fault) -> PredictionTrace {
    let predictions = try predictions(of: analysis)
    guard let row = try predictions.row(number) else {
      throw Fault(
        .notFound,
        predictions.count == 0
          ? "the analysis has no predictions"
          : "the analysis has no prediction \(number): they are numbered from 0 to \(predictions.count - 1)")
    }
    return PredictionTrace(
      asset: asset, analysis: analysis, number: number, row: row,
      frame: try frame(row.stamp.index, of: asset, analysis, finder: finder), log: try log(of: analysis))
  }

  /// A frame of an asset, by its number.
  public func frame(
    _ number: Int, of asset: Asset, _ analysis: Analysis?, finder: any FrameFinder
  ) throws(Fault) -> FoundFrame {
    let index = try analysis?.frameIndex.map { (digest) throws(Fault) in try read(digest) }
    guard
      let frame = try finder.frame(number, of: try file(of: asset), isPicture: asset.media.isPicture, index: index)
    else { throw Fault(.notFound, "the asset '\(asset.id)' has no frame \(number)") }
    return frame
  }

  /// The lines that the worker logged.
  public func log(of analysis: Analysis) throws(Fault) -> [[UInt8]] {
    try read(analysis.log).split(separator: UInt8(ascii: "\n")).map(Array.init)
  }
}

extension PredictionTrace {
  /// The members of its JSON, but for where a picture of the frame is found.
  public func write(into json: inout JSONWriter, picture: String?) {
    json.field("n", number)
    json.field("prediction") { PredictionJSON.write(row.prediction, at: row.stamp, model: row.model, into: &$0) }
    json.object("analysis") { analysis.write(into: &$0) }
    json.object("frame") { json in
      json.field("index", frame.index)
      json.field("pts", ifKnown: frame.pts)
      json.field("time", frame.time, digits: 6)
      json.field("width", frame.size.width)
      json.field("height", frame.size.height)
      json.field("sha256", frame.digest)
      json.field("picture", ifKnown: picture)
    }
    json.array("log") { json in for line in log { json.embed(line) } }
  }
}
