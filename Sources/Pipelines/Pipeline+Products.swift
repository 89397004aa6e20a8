internal import Base
public import Insights

extension Pipeline {
  /// Which products of a catalogue are in the film.
  public struct Products: Sendable, Hashable {
    /// The network for embeddings that the catalogue was made with, by position.
    public var of: Int
    /// The folder of the catalogue, from the root on.
    public var catalogue: String
    public var settings = ProductSettings()
    /// Seconds that a product may be out of sight without its stretch ending.
    public var gap = ProductListing.Settings().gap

    public init(of network: Int, catalogue: String) { (of, self.catalogue) = (network, catalogue) }
  }

  /// What the digest of a pipeline takes in behind its networks: the one that hears speech, and a catalogue.
  var companions: Int { (insights.breaks?.speech == nil ? 0 : 1) + (insights.products == nil ? 0 : 1) }

  func text(_ products: Products) -> String {
    let settings = products.settings
    return """
      products:
        of: \(CanonicalText.quoted(infer[products.of].name))
        catalogue: \(CanonicalText.quoted(products.catalogue))
        inliers: \(settings.inliers)
        coverage: \(CanonicalText.number(settings.coverage))
        clearance: \(CanonicalText.number(settings.clearance))
        similarity: \(CanonicalText.number(settings.similarity))
        margin: \(CanonicalText.number(settings.margin))
        candidates: \(settings.candidates.map(String.init) ?? "all")
        side: \(settings.side)
        features: \(settings.features)
        gap: \(CanonicalText.time(products.gap))

      """
  }
}
