public import Base
public import Catalog
public import Exports
internal import Insights
internal import JSON
internal import Predictions

extension Library {
  /// Writes an analysis in any format that other programs open, piece by piece.
  ///
  /// What the format cannot hold, and what this analysis did not look for, is refused before the first piece.
  public func export(
    _ asset: Asset, _ analysis: Analysis, as kind: ExportKind, _ options: ExportOptions = ExportOptions(),
    to sink: ([UInt8]) throws(Fault) -> Void
  ) throws(Fault) {
    switch kind {
    case .predictions(let format): try export(asset, analysis, as: format, to: sink)
    case .concluded(let format): try sink(try conclusion(asset, analysis, as: format, options))
    }
  }

  /// That an analysis told of such a thing, or what to run so that one does.
  public static func require(_ part: String, of analysis: Analysis) throws(Fault) {
    guard analysis.insights?.parts.contains(part) != true else { return }
    throw Fault(
      .notFound,
      "this analysis ('\(analysis.series)') tells of no \(part): run a pipeline that does, such as 'ridley job start --pipeline \(part)'"
    )
  }

  /// Of analyses, those that a format can be made of; all where it is made of predictions.
  public static func analyses(
    _ analyses: [Analysis], for kind: ExportKind, of asset: Asset
  ) throws(Fault) -> [Analysis] {
    guard let part = kind.part?.rawValue else { return analyses }
    let fit = analyses.filter { $0.insights?.parts.contains(part) == true }
    guard fit.isEmpty else { return fit }
    throw Fault(
      .notFound,
      "no analysis of the asset '\(asset.id)' tells of \(part): run a pipeline that does, such as 'ridley job start --pipeline \(part)'"
    )
  }

  private func conclusion(
    _ asset: Asset, _ analysis: Analysis, as format: InsightFormat, _ options: ExportOptions
  ) throws(Fault) -> [UInt8] {
    try Self.require(format.part.rawValue, of: analysis)
    let kept = try read(analysis.insights?.object ?? "")
    let insights = try JSONDocument(parsing: kept.span.bytes, name: "the insights of an analysis").root
    let exported = Self.exported(asset, analysis)
    for member in try insights.members() where member.key == format.part.rawValue {
      if format.part == .breaks {
        return try BreakExport.bytes(BreakList(member.value), of: exported, as: format, options)
      }
      return try ShotExport.bytes(ShotList(member.value), of: exported, as: format)
    }
    throw Fault(.badInput, "the insights of this analysis hold no \(format.part.rawValue)")
  }

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
