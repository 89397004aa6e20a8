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
  /// Moments that are kept, of what was seen and of what was concluded: where there are more, stretches are taken together that are farther apart.
  var most = Self.usualMost

  static let usualMost = 200_000

  /// What an analysis has.
  struct Found {
    var moments: [Moment] = []
    /// Those that began last, where they are too many.
    var cut: CutMoments?
    /// What networks said of its frames in numbers.
    var vectors = VectorSetBuilder()
  }

  func all() throws(Fault) -> [Moment] { try everything().moments }

  func everything() throws(Fault) -> Found {
    let analysis = try library.analysis(of: asset, scores.pipeline)
    let (sights, vectors) = try sights(analysis)
    var found = sights.all.map(moment)
    if let insights = analysis.insights { found += try concluded(insights) }
    // Numbered in one order, whichever way they were found.
    let digest = SHA256.hex(of: Array(scores.series.utf8)).prefix(8)
    let parts = Self.kept(found, most)
    let moments = parts.kept.enumerated().map { number, part in
      moment(part, id: "\(asset.id.text).\(digest).\(number)")
    }
    return Found(moments: moments, cut: cut(parts.others, sights.cut), vectors: vectors)
  }

  /// Those that began first.
  private static func kept(_ parts: [Part], _ most: Int) -> (kept: [Part], others: [Part]) {
    guard parts.count > most else { return (parts, []) }
    let sorted = parts.enumerated().sorted { one, other in
      (one.element.span.lowerBound, one.offset) < (other.element.span.lowerBound, other.offset)
    }.map(\.element)
    return (Array(sorted.prefix(most)), Array(sorted.dropFirst(most)))
  }

  private func cut(_ others: [Part], _ sights: ClosedRange<Double>?) -> CutMoments? {
    var times = others.map(\.span.lowerBound)
    if let sights { times += [sights.lowerBound, sights.upperBound] }
    guard let first = times.min(), let last = times.max() else { return nil }
    let time = { (seconds: Double) in Self.base(asset) + max(0, Self.milliseconds(seconds)) }
    return CutMoments(
      client: scores.group.client, asset: asset.id, series: scores.series, range: time(first)...time(last))
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

  /// What was seen, when that began which is too much, and the vectors.
  private func sights(_ analysis: Analysis) throws(Fault) -> (Sights, VectorSetBuilder) {
    let predictions = try library.predictions(of: analysis)
    let step = asset.media.duration.map { $0 / Double(max(1, analysis.framesAnalyzed)) } ?? 0
    let gap = max(1, 2.5 * (step.isFinite ? step : 0))
    var vectors = VectorSetBuilder()
    let usual = try fold(predictions, gap: gap) { Self.add($0, to: &vectors) }
    // Objects that are followed, and texts, are as many however far apart they are taken together.
    guard usual.cut != nil else { return (usual, vectors) }
    let widest = try fold(predictions, gap: Self.greatestGap)
    guard widest.cut == nil else { return (usual, vectors) }
    var wider = gap * 4
    while wider < Self.greatestGap {
      let sights = try fold(predictions, gap: wider)
      if sights.cut == nil { return (sights, vectors) }
      wider *= 4
    }
    return (widest, vectors)
  }

  private typealias Sights = (all: [SightFold.Sight], cut: ClosedRange<Double>?)

  /// Seconds that no film lasts.
  private static let greatestGap = 1e9

  private func fold(
    _ predictions: PackedPredictions, gap: Double, _ embedding: (PredictionRow) -> Void = { _ in }
  ) throws(Fault) -> Sights {
    var fold = SightFold(gap: gap, most: most)
    try predictions.forEach { (row) throws(Fault) in
      if row.prediction.kind == .embedding { embedding(row) }
      fold.add(row)
    }
    let end = asset.media.duration.flatMap { $0.isFinite ? $0 : nil } ?? 0
    let all = fold.finish(at: end)
    return (all, fold.cut)
  }

  private static func add(_ row: PredictionRow, to vectors: inout VectorSetBuilder) {
    let one = row.prediction
    vectors.add(
      one.vector, network: row.model, time: row.stamp.time, isCrop: one.parent != nil || one.box != nil,
      track: one.track, hasLabels: one.label != nil)
  }

  /// When an asset's first frame was, in milliseconds since 1970.
  static func base(_ asset: Asset) -> Int { asset.recording?.from ?? asset.captured ?? asset.added }

  /// Of times that no film has the nearest that one could have; 0 of what is no number.
  static func milliseconds(_ seconds: Double) -> Int {
    seconds.isNaN ? 0 : Int((min(max(seconds, -greatestGap), greatestGap) * 1000).rounded())
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
    return found
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
