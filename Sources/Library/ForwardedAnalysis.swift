public import Base
public import Catalog
internal import Items
internal import JSON
public import Objects

/// An analysis as a node at the edge tells of it: with the asset that it is of, whose bytes stay there, and the scores that count of it.
///
/// As a node wrote it nothing of it is known to be true; ``check()`` holds its words and numbers against what a library has.
public struct ForwardedAnalysis: Sendable {
  public var asset: Asset
  public var analysis: Analysis
  /// `nil` where a newer analysis of its series counts in its place.
  public var scores: [LabelScore]?

  package init(asset: Asset, analysis: Analysis, scores: [LabelScore]?) {
    (self.asset, self.analysis, self.scores) = (asset, analysis, scores)
  }

  private enum Key: String, CaseIterable { case asset, analysis, scores }

  /// Reads what ``json`` wrote; the fault is `badInput` for anything else.
  public init(_ body: [UInt8]) throws(Fault) {
    let document = try JSONDocument(parsing: body.span.bytes, name: "an entry about an analysis")
    let fields = try document.root.fields(Key.self, others: .ignored)
    asset = try Asset(fields.required(.asset))
    analysis = try Analysis(fields.required(.analysis))
    guard let told = fields[.scores] else { return }
    var scores: [LabelScore] = []
    for member in try told.members() { scores.append(LabelScore(member.key, try member.value.integer())) }
    self.scores = scores
  }

  public var json: [UInt8] {
    JSONWriter.object(capacity: 4096) { json in
      json.object("asset", asset.write)
      json.object("analysis", analysis.write)
      guard let scores else { return }
      json.object("scores") { json in
        for one in scores { json.field(JSONWriter.Name(one.label), one.score) }
      }
    }
  }

  /// Bytes of predictions that are sent, at most.
  public static let mostPredictionBytes = 256 << 20

  /// What it is made of: the objects that a library has to have before it has this.
  public var objects: [ObjectName] {
    (analysis.objects.map(\.digest) + [asset.thumbnail].compactMap(\.self)).compactMap { ObjectName($0) }
  }

  /// The same as a centre has it, by a clock that is so many milliseconds ahead: of a node of a client, without what stays there.
  ///
  /// It was not added or found later than `now`.
  public func moved(to client: String, node: String, by skew: Int, now: Int) -> ForwardedAnalysis {
    let moment = { (own: Int) in min(max(0, own + skew), now) }
    var group = asset.group
    group.client = client
    var asset = Asset(
      id: asset.id, group: group, name: asset.name, object: asset.object, byteCount: 0, media: asset.media,
      added: moment(asset.added))
    (asset.tags, asset.thumbnail, asset.node) = (self.asset.tags, self.asset.thumbnail, node)
    // Of others than recordings the node's clock says nothing about it.
    asset.captured = self.asset.captured.map { self.asset.recording == nil ? $0 : max(0, $0 + skew) }
    asset.recording = self.asset.recording.map { $0.moved(to: "\(node)/\($0.stream)", by: skew) }
    var moved = Analysis(
      asset: asset.id, object: asset.object, pipeline: analysis.pipeline, series: analysis.series,
      made: moment(analysis.made), predictions: analysis.predictions, log: analysis.log, worker: analysis.worker,
      engine: analysis.engine, version: analysis.version)
    (moved.models, moved.predictionCount, moved.labels) = (analysis.models, analysis.predictionCount, analysis.labels)
    (moved.framesAnalyzed, moved.corruptFrames) = (analysis.framesAnalyzed, analysis.corruptFrames)
    (moved.insights, moved.evenRate, moved.firstTime) = (analysis.insights, analysis.evenRate, analysis.firstTime)
    moved.tellsTracks = analysis.tellsTracks
    return ForwardedAnalysis(asset: asset, analysis: moved, scores: scores)
  }
}

// What others' words and numbers are held against.
extension ForwardedAnalysis {
  /// Seconds of a film, and pixels of a side.
  private static let (longest, widest) = (1e7, 1 << 16)
  private static let counts = 0...1 << 40

  /// The fault is `badInput` where anything is not as a library has it.
  public func check() throws(Fault) {
    try asset.check()
    try check(asset.media)
    if let recording = asset.recording {
      try recording.check()
      try Self.hold(PlainName.isValid(recording.stream), "the recording")
      try Self.hold(recording.gaps.count <= 1000, "the gaps of the recording")
    }
    let digests = [asset.object, analysis.predictions, analysis.log, analysis.insights?.object, asset.thumbnail]
    try Self.hold(digests.compactMap(\.self).allSatisfy { ObjectName($0) != nil }, "a digest")
    try Self.hold(analysis.asset == asset.id && analysis.object.hasSameBytes(as: asset.object), "the asset")
    let pipeline = analysis.pipeline
    try Self.hold(pipeline.hasPrefix("sha256:") && ObjectName(String(pipeline.dropFirst(7))) != nil, "the pipeline")
    try AssetGroup.check(name: analysis.series, "a pipeline's series")
    try checkNetworks()
    try Self.hold(Self.counts.contains(analysis.predictionCount), "the number of predictions")
    try Self.hold(Self.counts.contains(analysis.framesAnalyzed), "the number of frames")
    try Self.hold(Self.counts.contains(analysis.corruptFrames), "the number of damaged frames")
    try Self.hold(abs(analysis.firstTime) <= Self.longest, "the time of the first frame")
    if let rate = analysis.evenRate { try check(rate) }
    let labels = (scores ?? []).map(\.label)
    try Self.hold(zip(labels, labels.dropFirst()).allSatisfy { $0.isBefore($1) }, "the order of the scores")
  }

  private func checkNetworks() throws(Fault) {
    try Self.hold(analysis.models.count <= 64, "the number of networks")
    for model in analysis.models {
      try Self.hold(Self.isWord(model.name, 200) && Self.isWord(model.digest, 100), "a network")
      try Self.hold(model.version.map { Self.isWord($0, 100) } ?? true, "a network's version")
    }
    for word in [analysis.worker, analysis.engine, analysis.version] {
      try Self.hold(Self.isWord(word, 500), "what made it")
    }
    let parts = analysis.insights?.parts ?? []
    try Self.hold(parts.count <= 64 && parts.allSatisfy { Self.isWord($0, 64) }, "the parts of what was concluded")
    for label in analysis.labels { try Self.hold(label.utf8.count <= 1 << 12 && !label.utf8.contains(0), "a label") }
  }

  private func check(_ media: MediaFacts) throws(Fault) {
    let sides = 0...Self.widest
    try Self.hold(sides.contains(media.size.width) && sides.contains(media.size.height), "the size of the picture")
    try Self.hold((0...Self.longest).contains(media.duration ?? 0), "the length of the film")
    for word in [media.codec, media.format, media.color, media.rotation] {
      try Self.hold(word.isEmpty || Self.isWord(word, 200), "what is said of the film")
    }
    try check(media.frameRate)
  }

  private func check(_ rate: Ratio) throws(Fault) {
    let sides = 0...1 << 31
    try Self.hold(sides.contains(rate.numerator) && sides.contains(rate.denominator), "the rate of the frames")
  }

  private static func isWord(_ text: String, _ most: Int) -> Bool {
    (1...most).contains(text.utf8.count) && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
  }

  static func hold(_ isSo: Bool, _ what: String) throws(Fault) {
    guard isSo else { throw Fault(.badInput, "an analysis that a node tells of is not as analyses are: \(what)") }
  }
}
