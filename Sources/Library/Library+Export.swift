public import Base
public import Catalog
public import Exports
public import Insights
public import JSON
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

  /// Of analyses, those that a format can be made of; all where it is made of predictions.
  public static func analyses(
    _ analyses: [Analysis], for kind: ExportKind, of asset: Asset
  ) throws(Fault) -> [Analysis] {
    guard let part = kind.part else { return analyses }
    return try Self.analyses(analyses, telling: part, of: asset)
  }

  /// Of analyses, those that tell of such a thing; where none does, what to run so that one will.
  public static func analyses(
    _ analyses: [Analysis], telling part: InsightReport.Part, of asset: Asset
  ) throws(Fault) -> [Analysis] {
    let fit = analyses.filter { tells($0, of: part) }
    guard fit.isEmpty else { return fit }
    throw Fault(.notFound, "no analysis of the asset '\(asset.id)' tells of \(part.rawValue): \(part.advice)")
  }

  private static func tells(_ analysis: Analysis, of part: InsightReport.Part) -> Bool {
    analysis.insights?.parts.contains(part.rawValue) == true
  }

  /// What an analysis tells of such a thing, as it is kept.
  public func insight(_ part: InsightReport.Part, of analysis: Analysis) throws(Fault) -> JSONValue {
    guard Self.tells(analysis, of: part) else {
      throw Fault(
        .notFound, "this analysis ('\(analysis.series)') tells of no \(part.rawValue): \(part.advice)")
    }
    let kept = try read(analysis.insights?.object ?? "")
    let insights = try JSONDocument(parsing: kept.span.bytes, name: "the insights of an analysis").root
    for member in try insights.members() where member.key == part.rawValue { return member.value }
    throw Fault(.badInput, "the insights of this analysis hold no \(part.rawValue)")
  }

  private func conclusion(
    _ asset: Asset, _ analysis: Analysis, as format: InsightFormat, _ options: ExportOptions
  ) throws(Fault) -> [UInt8] {
    let told = try insight(format.part, of: analysis)
    let exported = Self.exported(asset, analysis)
    if format.part == .breaks { return try BreakExport.bytes(BreakList(told), of: exported, as: format, options) }
    return try ShotExport.bytes(ShotList(told), of: exported, as: format)
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
