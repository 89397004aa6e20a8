package import Base
package import Catalog
internal import Insights
package import Items
internal import JSON
internal import Objects
internal import Predictions
internal import Store

/// Analyses on their way from a node at the edge to its centre.
extension Library {
  // MARK: at the node

  /// What an analysis says by now; `nil` where it, or its asset, is not there any more.
  package func told(_ id: ULID, pipeline: String) throws(Fault) -> ForwardedAnalysis? {
    let found = try table.get([LibraryKeys.asset(id), LibraryKeys.analysis(id, pipeline: pipeline)])
    guard let asset = found[0], let item = found[1] else { return nil }
    var analysis = try Analysis(item)
    // Of use where the film is.
    analysis.frameIndex = nil
    let scores = try table.get(LibraryKeys.scores(id, series: analysis.series)).map { (item) throws(Fault) in
      try Scores(item)
    }
    let counts = scores?.pipeline.hasSameBytes(as: analysis.pipeline) ?? false
    return ForwardedAnalysis(asset: try Asset(asset), analysis: analysis, scores: counts ? scores?.values : nil)
  }

  // MARK: at the centre

  /// Bytes of what an analysis is made of, at most.
  private static let (mostInsightBytes, mostLogBytes, mostPictureBytes) = (32 << 20, 2 << 20, 4 << 20)
  /// Labels of one analysis, each of which is a line of its picture.
  private static let mostLabels = 1 << 14
  /// Analyses of one asset: who looks at it reads all.
  static let mostAnalyses = 1000

  /// Whether all that is told is here.
  ///
  /// The fault is `badInput` where the asset is here, and is none of the node's.
  package func has(_ told: ForwardedAnalysis) throws(Fault) -> Bool {
    guard let found = try place(of: told), let old = found.analysis?.analysis else { return false }
    guard old.predictions.hasSameBytes(as: told.analysis.predictions),
      old.log.hasSameBytes(as: told.analysis.log)
    else { return false }
    guard let values = told.scores else { return true }
    let item = try table.get(LibraryKeys.scores(told.asset.id, series: told.analysis.series))
    let scores = try item.map { (item) throws(Fault) in try Scores(item) }
    return scores?.pipeline.hasSameBytes(as: told.analysis.pipeline) ?? false && scores?.values == values
  }

  private struct Place {
    let asset: VersionedAsset
    let analysis: (analysis: Analysis, version: ItemVersion)?
  }

  /// The asset, and the analysis that is to be replaced.
  private func place(of told: ForwardedAnalysis) throws(Fault) -> Place? {
    guard let item = try table.get(LibraryKeys.asset(told.asset.id)) else { return nil }
    let asset = try Asset(item)
    guard asset.isOf(node: told.asset.node ?? ""), asset.group.client.hasSameBytes(as: told.asset.group.client),
      asset.object.hasSameBytes(as: told.asset.object)
    else { throw Fault(.badInput, "the asset '\(asset.id)' is here, and is not this node's") }
    let old = try table.get(LibraryKeys.analysis(asset.id, pipeline: told.analysis.pipeline))
    let analysis = try old.map { (item) throws(Fault) in try Analysis(item) }
    return Place(
      asset: VersionedAsset(asset: asset, version: item.version),
      analysis: analysis.flatMap { analysis in old.map { (analysis, $0.version) } })
  }

  /// The writes that make an analysis, whose objects are here and held, the library's, with its asset where that is not here yet; its client is one
  /// that is there, and open, which the caller checks in the same transaction.
  ///
  /// All bytes are gone through first. They count for the client, and the caller has set them aside for it. The fault is `badInput` or `tooLarge`
  /// for what no library has; with any other it can be taken later.
  package func writes(taking told: ForwardedAnalysis) throws(Fault) -> [Write] {
    try checkObjects(of: told)
    let (id, remains) = (told.asset.id, LibraryKeys.remains(told.asset.id))
    try followMove(of: id)
    let place = try place(of: told)
    guard place?.analysis != nil || place?.asset.asset.analysisCount ?? 0 < Self.mostAnalyses else {
      throw Fault(.tooLarge, "the asset '\(id)' has \(Self.mostAnalyses) analyses, which is the most of a node")
    }
    if place == nil, try table.get(remains) != nil {
      throw Fault(.unavailable, "the asset '\(id)' is being deleted here")
    }
    do throws(Fault) { try checkSeries(told.analysis) } catch {
      // It does not pass with time.
      guard error.kind == .exhausted else { throw error }
      throw Fault(.tooLarge, error.message)
    }
    var (asset, analysis) = (place?.asset.asset ?? told.asset, told.analysis)
    if place == nil { asset.foundByteCount = try byteCount(of: [told.asset.thumbnail].compactMap(\.self)) }
    analysis.forwardedByteCount = try byteCount(of: analysis.objects.map(\.digest))
    let scores = told.scores.map {
      Scores(
        asset: id, group: asset.group, series: told.analysis.series, pipeline: told.analysis.pipeline, values: $0)
    }
    let writes = AssetChange.publish(
      analysis, of: asset, at: place?.asset.version, scores: scores, replacing: place?.analysis)
    return writes + (place == nil ? [.check(remains, if: .absent)] : [])
  }

  private func byteCount(of digests: [String]) throws(Fault) -> Int {
    var count = 0
    for digest in digests { count += try open(digest).byteCount }
    return count
  }

  /// Behind those writes: tells of networks that are too many for one transaction.
  package func follow(taken asset: ULID) throws(Fault) { try followMove(of: asset) }

  private func checkObjects(of told: ForwardedAnalysis) throws(Fault) {
    let reader = try open(told.analysis.predictions)
    try Self.checkCount(reader.byteCount, ForwardedAnalysis.mostPredictionBytes, "predictions")
    let packed = try PackedPredictions(
      byteCount: reader.byteCount, mostIndexBytes: PackedPredictions.foreignIndexBytes
    ) { (range) throws(Fault) in try reader.read(range) }
    var (collector, count, labels) = (ScoreCollector(), 0, Set<String>())
    try packed.check { (row) throws(Fault) in
      collector.add(row.prediction)
      count += 1
      guard let label = row.prediction.label, labels.insert(label).inserted else { return }
      guard labels.count <= Self.mostLabels else {
        throw Fault(.tooLarge, "an analysis that a node tells of has more than \(Self.mostLabels) labels")
      }
    }
    try ForwardedAnalysis.hold(count == told.analysis.predictionCount, "the number of predictions")
    if let scores = told.scores { try Self.check(scores, against: collector.values) }
    try Self.checkCount(open(told.analysis.log).byteCount, Self.mostLogBytes, "log")
    if let picture = told.asset.thumbnail {
      try Self.checkCount(open(picture).byteCount, Self.mostPictureBytes, "picture")
    }
    if let insights = told.analysis.insights { try checkInsights(insights.object, of: told.asset.id) }
  }

  private func checkInsights(_ object: String, of asset: ULID) throws(Fault) {
    try Self.checkCount(open(object).byteCount, Self.mostInsightBytes, "conclusions")
    let bytes = try read(object)
    let document = try JSONDocument(parsing: bytes.span.bytes, name: "what was concluded of the asset '\(asset)'")
    guard document.root.kind == .object else { throw document.root.fault("conclusions are an object") }
    try Self.check(document.root)
    for member in try document.root.members() {
      switch InsightReport.Part(rawValue: member.key) {
      case .shots: _ = try ShotList(member.value)
      case .breaks: _ = try BreakList(member.value)
      default: break
      }
    }
  }

  private static func checkCount(_ count: Int, _ most: Int, _ what: String) throws(Fault) {
    guard count <= most else {
      throw Fault(.tooLarge, "the \(what) of an analysis that a node tells of have \(count) bytes, \(most) at most")
    }
  }

  /// Predictions are kept with so many digits that their scores are nearly those that were counted.
  private static func check(_ scores: [LabelScore], against found: [LabelScore]) throws(Fault) {
    try ForwardedAnalysis.hold(scores.count == found.count, "the labels of the scores")
    for (one, other) in zip(scores, found) {
      let most = max(60, Int(other.score.magnitude / 500_000))
      let isNear = one.score.subtractingReportingOverflow(other.score)
      let isRight = !isNear.overflow && isNear.partialValue.magnitude <= most
      try ForwardedAnalysis.hold(one.label.hasSameBytes(as: other.label) && isRight, "a score")
    }
  }

  /// Numbers that can be counted with, and texts that can be kept, whatever they are of.
  private static func check(_ value: JSONValue) throws(Fault) {
    switch value.kind {
    case .object:
      for member in try value.members() {
        try ForwardedAnalysis.hold(!member.key.utf8.contains(0), "a name of what was concluded")
        try check(member.value)
      }
    case .array: for element in try value.elements() { try check(element) }
    case .number: try ForwardedAnalysis.hold(abs(try value.number()) <= 1e12, "a number of what was concluded")
    case .string: try ForwardedAnalysis.hold(!value.string().utf8.contains(0), "a text of what was concluded")
    case .bool, .null: break
    }
  }
}
