public import Base
public import Catalog
public import Items
public import Objects
public import Predictions
internal import Store

extension Library {
  /// The analyses of an asset, in the order of their pipelines' digests.
  public func analyses(of asset: Asset) throws(Fault) -> [Analysis] {
    var analyses: [Analysis] = []
    let query = Query(LibraryKeys.assetPartition(asset.id), .prefix(LibraryKeys.analyses))
    try table.forEach(query) { (item) throws(Fault) in analyses.append(try Analysis(item)) }
    return analyses
  }

  /// The analysis of one pipeline, by its digest or the beginning of it (8 digits or more); the newest where none is said.
  public func analysis(of asset: Asset, _ pipeline: String? = nil) throws(Fault) -> Analysis {
    try Self.analysis(pipeline, among: try analyses(of: asset), of: asset)
  }

  /// As ``analysis(of:_:)``, among the asset's analyses.
  public static func analysis(
    _ pipeline: String?, among analyses: [Analysis], of asset: Asset
  ) throws(Fault) -> Analysis {
    guard let pipeline else {
      guard let newest = analyses.max(by: { $0.made < $1.made }) else {
        throw Fault(.notFound, "the asset '\(asset.id)' has no analysis: make one with 'ridley analyze --library'")
      }
      return newest
    }
    let digits = pipeline.hasPrefix("sha256:") ? String(pipeline.dropFirst(7)) : pipeline
    let found = analyses.filter { $0.pipeline.dropFirst(7).hasPrefix(digits) || $0.series == pipeline }
    guard found.count > 1 else {
      if let only = found.first { return only }
      throw Fault(
        .notFound,
        "the asset '\(asset.id)' has no analysis '\(pipeline.prefix(80))'; see 'ridley library show \(asset.id)'")
    }
    guard found.allSatisfy({ $0.series == pipeline }) else {
      throw Fault(.usage, "'\(pipeline)' is the beginning of \(found.count) analyses: say more of the digest")
    }
    return found.max { $0.made < $1.made }!
  }

  /// Opens packed predictions for reading by ranges of time.
  public func predictions(of analysis: Analysis) throws(Fault) -> PackedPredictions {
    let reader = try open(analysis.predictions)
    return try PackedPredictions(byteCount: reader.byteCount) { (range) throws(Fault) in try reader.read(range) }
  }

  /// The file that holds an asset's bytes, for programs that open files by their paths.
  public func file(of asset: Asset) throws(Fault) -> String {
    _ = try content(of: asset)
    guard let name = ObjectName(asset.object) else { throw missing(asset.object) }
    return try objects.file(of: name)
  }

  /// An address with which anybody may read an asset's bytes for so many seconds, and nothing else; `nil` where they are in a folder.
  public func address(of asset: Asset, seconds: Int, contentType: String) throws(Fault) -> String? {
    try Self.checkBytes(of: asset)
    guard let name = ObjectName(asset.object) else { throw missing(asset.object) }
    return try objects.address(of: name, seconds: seconds, contentType: contentType, fileName: asset.name)
  }

  /// An asset's bytes, which are as many as were added.
  public func content(of asset: Asset) throws(Fault) -> any ObjectReader {
    try Self.checkBytes(of: asset)
    let reader = try open(asset.object)
    guard reader.byteCount == asset.byteCount else {
      throw Fault(
        .bug,
        "the object \(asset.object) has \(reader.byteCount) bytes in place of \(asset.byteCount): the disk changed it; add the file once more, or restore it from a backup"
      )
    }
    return reader
  }

  /// Why the bytes of some assets are not here.
  private static func checkBytes(of asset: Asset) throws(Fault) {
    if let node = asset.node {
      throw Fault(
        .notFound,
        "the bytes of this asset are at the node '\(node)': what was found in it is here, its pictures are not")
    }
    if let removed = asset.removed {
      throw Fault(
        .notFound,
        "this recording was removed at \(CompositeKey.time(milliseconds: removed)) by the rules of keeping: what was found in it stays, its pictures do not"
      )
    }
  }

  private func missing(_ digest: String) -> Fault {
    Fault(.badInput, "the object \(digest) is missing from \(path)/objects: restore it from a backup")
  }

  /// A small object as a whole: a picture that Ridley made, a log.
  public func read(_ digest: String) throws(Fault) -> [UInt8] {
    let reader = try open(digest)
    return try reader.read(0..<reader.byteCount)
  }

  /// Opens an object of the library.
  public func open(_ digest: String) throws(Fault) -> any ObjectReader {
    guard let name = ObjectName(digest), let reader = try objects.open(name) else { throw missing(digest) }
    return reader
  }

  /// Publishes what a finished ``AnalysisWriter`` holds.
  ///
  /// The newer of a series replaces the older one in totals; both stay. One of the same identity stays as it is, unless it shall be replaced.
  /// `also` gives writes of the same transaction, also where the analysis is there already; where it gives `nil`, nothing is written.
  public func publish(
    _ finished: FinishedAnalysis, replaces: Bool = false, also: () throws(Fault) -> [Write]? = { [] }
  ) throws(Fault) {
    defer { withExtendedLifetime(finished) {} }
    let analysis = finished.analysis
    try change("the asset '\(analysis.asset)'") { () throws(Fault) in
      guard let further = try also() else { return ([], ()) }
      try Self.check(finished.held)
      try followMove(of: analysis.asset)
      let found = try asset(analysis.asset.text, scope: .all)
      let key = LibraryKeys.analysis(analysis.asset, pipeline: analysis.pipeline)
      let old = try table.get(key)
      if old != nil, !replaces { return (further, ()) }
      try checkSeries(analysis)
      let writes = AssetChange.publish(
        analysis, of: found.asset, at: found.version,
        scores: Scores(
          asset: analysis.asset, group: found.asset.group, series: analysis.series, pipeline: analysis.pipeline,
          values: finished.scores),
        replacing: try old.map { (item) throws(Fault) in (try Analysis(item), item.version) })
      return (writes + further, ())
    }
    try followMove(of: analysis.asset)
  }

  /// An asset has so many series at most that it can be moved in one transaction.
  func checkSeries(_ analysis: Analysis) throws(Fault) {
    let scores = try scores(analysis.asset)
    guard !scores.contains(where: { $0.scores.series.hasSameBytes(as: analysis.series) }),
      scores.count >= Scores.mostSeries
    else { return }
    throw Fault(
      .exhausted,
      "the asset '\(analysis.asset)' has analyses of \(scores.count) pipelines of different names, which is the most")
  }

  /// Notes why an analysis of an asset came to nothing; an asset that has one keeps its state.
  public func fail(_ id: ULID, because reason: String) throws(Fault) {
    try change("the asset '\(id)'") { () throws(Fault) in
      let found = try asset(id.text, scope: .all)
      var asset = found.asset
      guard asset.state != .analysed else { return ([], ()) }
      (asset.state, asset.reason) = (.failed, String(reason.prefix(500)))
      guard asset != found.asset else { return ([], ()) }
      return (AssetChange.update(asset, from: found.version, scores: [], client: nil), ())
    }
  }
}

/// An analysis whose objects are there, and held until it is published.
public struct FinishedAnalysis: Sendable {
  public let analysis: Analysis
  public let scores: [LabelScore]
  let held: [StoredObject]

  package init(analysis: Analysis, scores: [LabelScore], held: [StoredObject]) {
    (self.analysis, self.scores, self.held) = (analysis, scores, held)
  }
}
