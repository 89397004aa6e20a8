public import Base
public import Catalog
public import Exports
internal import Predictions

extension Library {
  /// Writes the predictions of an analysis in a format that other programs open, piece by piece.
  ///
  /// What the format cannot hold is refused before the first piece.
  public func export(
    _ asset: Asset, _ analysis: Analysis, as format: ExportFormat, to sink: ([UInt8]) throws(Fault) -> Void
  ) throws(Fault) {
    let predictions = try predictions(of: analysis)
    var exporter = try Exporter(format, Self.exported(asset, analysis))
    var rows = 0
    try predictions.forEach { (row) throws(Fault) in
      try exporter.add(row)
      rows += 1
      if rows % 256 == 0 { try sink(exporter.drain()) }
    }
    try sink(try exporter.finish())
  }

  private static func exported(_ asset: Asset, _ analysis: Analysis) -> ExportedAsset {
    var exported = ExportedAsset(
      id: asset.id.text, name: asset.name, isPicture: asset.media.isPicture, size: asset.media.size)
    (exported.duration, exported.frameRate) = (asset.media.duration, analysis.evenRate)
    exported.firstTime = analysis.firstTime
    (exported.pipeline, exported.labels) = (analysis.pipeline, analysis.labels)
    exported.models = analysis.models.map { "\($0.name)@\($0.digest)" }
    exported.tellsTracks = analysis.tellsTracks
    if let duration = asset.media.duration, analysis.framesAnalyzed > 0 {
      let every = duration / Double(analysis.framesAnalyzed)
      let rate = asset.media.frameRate.value
      // A frame more or less at the end is no sampling.
      if rate <= 0 || every * rate > 1.5 { exported.analysedEvery = every }
    }
    return exported
  }
}
