public import Base

/// Says which of a catalogue's products a picture shows: the embedding first, geometry as proof where there is texture.
///
/// In doubt it claims nothing: a product that is called by another's name is worse than one that is missed. One value for a whole run, from
/// any thread.
public struct ProductMatcher: Sendable {
  public let catalogue: Catalogue
  public let settings: ProductSettings
  private let aligner: (any FeatureAligner)?

  /// Two sights whose boxes overlap by more than this are of one thing.
  private static let samePlace = 0.3
  /// Candidates that are told.
  private static let told = 5

  /// Without an `aligner` embeddings alone decide.
  ///
  /// - Throws: `usage` for settings that mean nothing, `badInput` for a catalogue without products.
  public init(
    _ catalogue: Catalogue, _ settings: ProductSettings = ProductSettings(), aligner: (any FeatureAligner)?
  ) throws(Fault) {
    try settings.check()
    guard !catalogue.products.isEmpty else {
      throw Fault(.badInput, "the catalogue is empty: add products with 'ridley catalogue add'")
    }
    (self.catalogue, self.settings, self.aligner) = (catalogue, settings, aligner)
  }

  /// Features of pictures are worth finding: they can be compared, and there is something to compare them with.
  public var wantsFeatures: Bool {
    aligner != nil && catalogue.products.contains { $0.examples.contains { $0.features != nil } }
  }

  /// - Throws: where embeddings of another network (`NAME@sha256:…`) are to be matched.
  public func check(model: String) throws(Fault) {
    guard model == catalogue.model else {
      throw Fault(
        .badInput,
        "the catalogue was made with \(catalogue.model), and embeddings of \(model) mean nothing beside its own: take that network, or make the catalogue anew"
      )
    }
  }

  /// What a picture shows, or the part of it that `region` is, in fractions.
  ///
  /// `embedding` is the network's answer about the region, as it gave it; `features` were found in the region, at ``ProductSettings/side``.
  /// - Throws: `badInput` where the embedding has another length than the catalogue's; where the aligner failed.
  public func match(
    _ embedding: [Float]?, features: LocalFeatures?, region: Rect = .unit
  ) throws(Fault) -> ProductMatch {
    var candidates = try ranked(embedding)
    if let features, let aligner {
      let count = embedding == nil ? candidates.count : min(candidates.count, settings.candidates ?? candidates.count)
      for place in 0..<count { try prove(&candidates[place], in: features, region, by: aligner) }
    }
    var match = ProductMatch()
    settle(candidates, region, hasOpinion: embedding != nil, into: &match)
    let order = candidates.sorted { ($1.nearness, $0.product) < ($0.nearness, $1.product) }
    match.candidates = Array(order.prefix(Self.told))
    return match
  }

  /// All products, the most alike first.
  private func ranked(_ embedding: [Float]?) throws(Fault) -> [ProductMatch.Candidate] {
    guard let embedding else {
      return catalogue.products.map { ProductMatch.Candidate(product: $0.id, similarity: 0) }
    }
    guard embedding.count == catalogue.dimensions else {
      throw Fault(
        .badInput,
        "an embedding of \(embedding.count) numbers beside a catalogue of \(catalogue.dimensions): they are of two networks"
      )
    }
    guard let unit = Embedding.unit(embedding) else {
      throw Fault(.badInput, "the network made no embedding of a picture (all 0, or no numbers)")
    }
    return catalogue.products.map { product in
      ProductMatch.Candidate(product: product.id, similarity: Embedding.cosine(unit, product.centroid))
    }.sorted { ($1.similarity, $0.product) < ($0.similarity, $1.product) }
  }

  /// Holds the candidate's pictures against the features; the best alignment that can be a sight of it stays.
  private func prove(
    _ candidate: inout ProductMatch.Candidate, in features: LocalFeatures, _ region: Rect,
    by aligner: any FeatureAligner
  ) throws(Fault) {
    for example in catalogue[candidate.product]?.examples ?? [] {
      guard let own = example.features else { continue }
      let alignment = try aligner.align(own, in: features)
      let quad = Quad(alignment, of: own.size, in: features.size, region: region)
      guard alignment.inliers > candidate.inliers ?? -1 else { continue }
      (candidate.inliers, candidate.quad, candidate.coverage) = (alignment.inliers, quad, alignment.coverage)
    }
  }

  // MARK: - Claims

  private func settle(
    _ candidates: [ProductMatch.Candidate], _ region: Rect, hasOpinion: Bool, into match: inout ProductMatch
  ) {
    let seen = candidates.filter { ($0.inliers ?? 0) >= settings.inliers && $0.quad != nil }
    let proven = seen.filter(isWhole)
    if proven.isEmpty, let part = seen.max(by: { $0.inliers! < $1.inliers! }) {
      match.doubt =
        "a part of \(part.product) is there, and not enough of the rest: another product of the brand, or one that is covered"
    }
    let order = proven.sorted { ($1.inliers!, $1.similarity, $0.product) < ($0.inliers!, $0.similarity, $1.product) }
    var taken: [(candidate: ProductMatch.Candidate, isSure: Bool)] = []
    for candidate in order {
      // What covers the same place less well is the package of a kindred product.
      if let rival = taken.firstIndex(where: { overlap($0.candidate, candidate) }) {
        let isClose = Double(candidate.inliers!) > settings.clearance * Double(taken[rival].candidate.inliers!)
        // The network breaks a tie, where it agrees with the geometry.
        let isOutvoted = !hasOpinion || candidate.similarity >= taken[rival].candidate.similarity
        if isClose, isOutvoted {
          taken[rival].isSure = false
          match.doubt =
            "\(taken[rival].candidate.product) and \(candidate.product) both fit the same place: give the catalogue pictures that show how they differ"
        }
      } else {
        taken.append((candidate, true))
      }
    }
    match.instances = taken.filter(\.isSure).map { instance($0.candidate) }
    guard taken.isEmpty, hasOpinion, let first = candidates.first else { return }
    settleByEmbedding(first, candidates.dropFirst().first, region, into: &match)
  }

  /// What agrees is spread over the picture, or there is much of it.
  private func isWhole(_ candidate: ProductMatch.Candidate) -> Bool {
    candidate.coverage >= settings.coverage || candidate.inliers! >= 2 * settings.inliers
  }

  private func settleByEmbedding(
    _ first: ProductMatch.Candidate, _ second: ProductMatch.Candidate?, _ region: Rect, into match: inout ProductMatch
  ) {
    guard first.similarity >= Float(settings.similarity) else { return }
    if let second, first.similarity - second.similarity < Float(settings.margin) {
      match.doubt =
        "\(first.product) and \(second.product) are both alike: a closer picture, or more examples, would tell"
      return
    }
    match.doubt = nil
    match.instances = [
      ProductInstance(
        product: first.product, method: .embedding, score: min(1, first.similarity), similarity: first.similarity,
        inliers: first.inliers ?? 0, box: region)
    ]
  }

  private func instance(_ candidate: ProductMatch.Candidate) -> ProductInstance {
    let inliers = Float(candidate.inliers!)
    // .75 at the usual threshold of 15, .92 at 60: it grows with the proof and never gets to 1.
    return ProductInstance(
      product: candidate.product, method: .geometry, score: inliers / (inliers + 5), similarity: candidate.similarity,
      inliers: candidate.inliers!, quad: candidate.quad, box: candidate.quad!.box)
  }

  private func overlap(_ a: ProductMatch.Candidate, _ b: ProductMatch.Candidate) -> Bool {
    let (a, b) = (a.quad!.box, b.quad!.box)
    // One within the other too: an example that shows a part of the package.
    let shared = a.clipped(to: b).area
    return a.iou(b) > Self.samePlace || shared > 0.7 * min(a.area, b.area)
  }
}
