public import Base
public import Features
public import Insights
public import Predictions

/// Finds a catalogue's products in frames about which a network of embeddings has answered; any thread.
public struct ProductFinder: Sendable {
  public let matcher: ProductMatcher
  private let features: FeatureEngine?

  /// A picture of fewer pixels a side shows no product, and no feature of one.
  private static let leastSide = 16

  /// Without the library for geometry, embeddings alone decide.
  ///
  /// - Throws: as ``ProductMatcher``.
  public init(
    _ catalogue: Catalogue, _ settings: ProductSettings = ProductSettings(), features: FeatureEngine = FeatureEngine()
  ) throws(Fault) {
    let engine = features.isThere ? features : nil
    self.features = engine
    matcher = try ProductMatcher(catalogue, settings, aligner: engine)
  }

  /// What one region of a frame shows, given in fractions; `embedding` is the network's answer about it.
  public func look(
    at frame: SourceFrame, _ region: Rect = .unit, embedding: [Float]?
  ) throws(Fault) -> ProductMatch {
    let side = Double(min(frame.size.width, frame.size.height)) * min(region.width, region.height)
    guard side >= Double(Self.leastSide) else { return ProductMatch() }
    let found = try matcher.wantsFeatures ? features?.detect(in: frame, region, matcher.settings) : nil
    return try matcher.match(embedding, features: found, region: region)
  }

  /// What a frame shows, by all answers about it: those of the network of embeddings, which is step `step`, each about the whole picture or
  /// about the box that it was cut to.
  public func find(_ answers: [Prediction], step: Int, in frame: SourceFrame) throws(Fault) -> [ProductInstance] {
    var found: [ProductInstance] = []
    for answer in answers where answer.step == step && answer.kind == .embedding && answer.state != .off {
      var region = Rect.unit
      if let parent = answer.parent {
        guard answers.indices.contains(parent), let box = answers[parent].box else { continue }
        region = box.clipped(to: .unit)
      }
      found += try look(at: frame, region, embedding: answer.vector).instances
    }
    return found
  }
}

extension FeatureEngine {
  /// Features of a region of a frame.
  public func detect(
    in frame: SourceFrame, _ region: Rect = .unit, _ settings: ProductSettings = ProductSettings()
  ) throws(Fault) -> LocalFeatures {
    let (gray, size) = try frame.gray(region, longest: settings.side)
    return try detect(gray, size: size, most: settings.features)
  }
}
