internal import Base
internal import Catalog
internal import Crypto
internal import JSON
internal import Library
internal import Predictions
internal import Vectors

/// The moments of one analysis: of what was seen, and of what was concluded.
struct AnalysisMoments {
  let library: Library
  let asset: Asset
  let scores: Scores
  let generation: Int

  /// Moments of one analysis, at most: where there are more, stretches are taken together that are farther apart.
  static let most = 20_000

  func all() throws(Fault) -> [Moment] { try everything().moments }

  /// With what networks said of its frames in numbers.
  func everything() throws(Fault) -> (moments: [Moment], vectors: VectorSetBuilder) {
    let analysis = try library.analysis(of: asset, scores.pipeline)
    let (sights, vectors) = try sights(analysis)
    var found = sights.map(moment)
    if let insights = analysis.insights { found += try concluded(insights) }
    // Numbered in one order, whichever way they were found.
    let digest = SHA256.hex(of: Array(scores.series.utf8)).prefix(8)
    let moments = found.enumerated().map { number, part in
      moment(part, id: "\(asset.id.text).\(digest).\(number)")
    }
    return (moments, vectors)
  }

  /// What is known of a moment before it is numbered; seconds of the film.
  struct Part {
    let kind: Moment.Kind
    let label: String?
    let span: ClosedRange<Double>
    var score: Float?
    var best: Double?
    var box: Rect?
    var track: Int?
    var traits: [String] = []
    var text: String?
    var rule: String?
  }

  private func moment(_ sight: SightFold.Sight) -> Part {
    var part = Part(kind: .sight, label: sight.label, span: sight.first...max(sight.first, sight.last))
    (part.score, part.best, part.box) = (sight.score, sight.best, sight.box)
    (part.track, part.traits, part.text) = (sight.track, sight.traits, sight.text)
    return part
  }

  private func sights(_ analysis: Analysis) throws(Fault) -> ([SightFold.Sight], VectorSetBuilder) {
    let predictions = try library.predictions(of: analysis)
    let step = asset.media.duration.map { $0 / Double(max(1, analysis.framesAnalyzed)) } ?? 0
    var gap = max(1, 2.5 * (step.isFinite ? step : 0))
    var (vectors, isGathered) = (VectorSetBuilder(), false)
    while true {
      var fold = SightFold(gap: gap)
      var isTooMuch = false
      try predictions.forEach { (row) throws(Fault) in
        if !isGathered, row.prediction.kind == .embedding { Self.add(row, to: &vectors) }
        guard !isTooMuch else { return }
        fold.add(row)
        isTooMuch = fold.sights.count > Self.most && gap < 1e6
      }
      let end = asset.media.duration.flatMap { $0.isFinite ? $0 : nil } ?? 0
      if !isTooMuch { return (Array(fold.finish(at: end).prefix(Self.most)), vectors) }
      isGathered = true
      gap *= 4
    }
  }

  private static func add(_ row: PredictionRow, to vectors: inout VectorSetBuilder) {
    let one = row.prediction
    vectors.add(
      one.vector, network: row.model, time: row.stamp.time, isCrop: one.parent != nil || one.box != nil,
      track: one.track, hasLabels: one.label != nil)
  }

  /// When an asset's first frame was, in milliseconds since 1970.
  static func base(_ asset: Asset) -> Int { asset.recording?.from ?? asset.captured ?? asset.added }

  static func milliseconds(_ seconds: Double) -> Int {
    seconds.isFinite && seconds.magnitude < 1e9 ? Int((seconds * 1000).rounded()) : 0
  }

  private func moment(_ part: Part, id: String) -> Moment {
    let (base, milliseconds) = (Self.base(asset), Self.milliseconds)
    let from = max(0, milliseconds(part.span.lowerBound))
    let to = max(from, milliseconds(part.span.upperBound))
    var moment = Moment(
      id: id, client: scores.group.client, source: .asset(asset.id), kind: part.kind, from: base + from,
      to: base + to, series: scores.series)
    (moment.offset, moment.label, moment.score, moment.track) = (from, part.label?.asName, part.score, part.track)
    (moment.traits, moment.text, moment.rule, moment.box) = (part.traits.map(\.asName), part.text, part.rule, part.box)
    moment.best = base + max(0, milliseconds(part.best ?? part.span.lowerBound))
    moment.generation = generation
    return moment
  }
}

// What the reports of insights have, as they wrote it.
extension AnalysisMoments {
  private enum Key: String, CaseIterable { case safety, content, products }
  private enum SafetyKey: String, CaseIterable { case findings }
  private enum FindingKey: String, CaseIterable { case category, risk, segments }
  private enum SpanKey: String, CaseIterable { case start, end, score }
  private enum ContentKey: String, CaseIterable { case scenes }
  private enum SceneKey: String, CaseIterable { case start, end, labels }
  private enum LabelKey: String, CaseIterable { case name, score }
  private enum ProductsKey: String, CaseIterable { case products }
  private enum ProductKey: String, CaseIterable { case name, brand, segments }

  private func concluded(_ insights: Analysis.Insights) throws(Fault) -> [Part] {
    let bytes = try library.read(insights.object)
    let document = try JSONDocument(parsing: bytes.span.bytes, name: "what was concluded of the asset '\(asset.id)'")
    let parts = try document.root.fields(Key.self, others: .ignored)
    var found: [Part] = []
    if let safety = parts.given(.safety) { found += try unsafe(safety) }
    if let content = parts.given(.content) { found += try scenes(content) }
    if let products = parts.given(.products) { found += try shown(products) }
    return Array(found.prefix(Self.most))
  }

  private func unsafe(_ value: JSONValue) throws(Fault) -> [Part] {
    var found: [Part] = []
    for finding in try value.fields(SafetyKey.self, others: .ignored).required(.findings).elements() {
      let fields = try finding.fields(FindingKey.self, others: .ignored)
      let category = try fields.required(.category).string()
      for segment in try fields.required(.segments).elements() {
        var part = Part(kind: .safety, label: category, span: try span(segment))
        part.score = try score(segment)
        part.traits = [try fields.required(.risk).string()]
        found.append(part)
      }
    }
    return found
  }

  private func scenes(_ value: JSONValue) throws(Fault) -> [Part] {
    var found: [Part] = []
    for scene in try value.fields(ContentKey.self, others: .ignored).required(.scenes).elements() {
      let span = try span(scene)
      for label in try scene.fields(SceneKey.self, others: .ignored).required(.labels).elements() {
        let fields = try label.fields(LabelKey.self, others: .ignored)
        var part = Part(kind: .content, label: try fields.required(.name).string(), span: span)
        part.score = Float(try fields.required(.score).number())
        found.append(part)
      }
    }
    return found
  }

  private func shown(_ value: JSONValue) throws(Fault) -> [Part] {
    var found: [Part] = []
    for product in try value.fields(ProductsKey.self, others: .ignored).required(.products).elements() {
      let fields = try product.fields(ProductKey.self, others: .ignored)
      let brand = try fields.given(.brand)?.string()
      for segment in try fields.required(.segments).elements() {
        var part = Part(kind: .product, label: try fields.required(.name).string(), span: try span(segment))
        part.traits = brand.map { [$0] } ?? []
        found.append(part)
      }
    }
    return found
  }

  private func span(_ value: JSONValue) throws(Fault) -> ClosedRange<Double> {
    let fields = try value.fields(SpanKey.self, others: .ignored)
    let (start, end) = (try fields.required(.start).number(), try fields.required(.end).number())
    return start...max(start, end)
  }

  private func score(_ value: JSONValue) throws(Fault) -> Float? {
    let score = try value.fields(SpanKey.self, others: .ignored).given(.score)
    return try score.map { (score) throws(Fault) in Float(try score.number()) }
  }
}
