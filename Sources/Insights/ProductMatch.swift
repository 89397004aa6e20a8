public import Base

/// Where a picture shows a product, and why that is believed.
public struct ProductInstance: Sendable, Hashable {
  public enum Method: String, Sendable, Hashable, CaseIterable {
    /// A projection of a catalogue picture explains many of its features: a proof, and a place.
    case geometry
    /// The network finds it alike: an opinion, of the whole region that was looked at.
    case embedding
  }

  public var product: String
  public var method: Method
  /// 0 to 1: of geometry, by how many features agree; of an embedding, the cosine to the product's middle.
  public var score: Float
  /// Cosine to the product's middle, by whichever method it was found.
  public var similarity: Float
  /// Features that one projection explains; 0 where none was found.
  public var inliers: Int
  /// Where the catalogue picture lies; of geometry alone.
  public var quad: Quad?
  /// Upright, in fractions of the picture.
  public var box: Rect

  public init(
    product: String, method: Method, score: Float, similarity: Float, inliers: Int, quad: Quad? = nil, box: Rect
  ) {
    (self.product, self.method, self.score, self.similarity) = (product, method, score, similarity)
    (self.inliers, self.quad, self.box) = (inliers, quad, box)
  }
}

/// What a catalogue says of a picture, or of a part of one.
public struct ProductMatch: Sendable, Hashable {
  /// A product that comes close, whether or not it is claimed.
  public struct Candidate: Sendable, Hashable {
    public var product: String
    /// Cosine to the product's middle.
    public var similarity: Float
    /// Features of one of its pictures that one projection explains, the most; `nil` where none was compared.
    public var inliers: Int?
    /// Where that picture lies; `nil` where the projection is no possible sight of it, and so no proof.
    public var quad: Quad?
    /// How much of its picture they are spread over, 0 to 1.
    public var coverage = 0.0

    /// How near it comes, by both together: what agrees by chance, about five features, says nothing.
    var nearness: Float { similarity + 0.03 * Float(max(0, min(inliers ?? 0, 40) - 5)) }
  }

  /// What is claimed, the surest first; nothing where nothing is sure.
  public var instances: [ProductInstance] = []
  /// The nearest, by embedding and geometry together.
  public var candidates: [Candidate] = []
  /// Why nothing is claimed though something came close, as a sentence for a person.
  public var doubt: String?

  public init() {}
}

/// When a product is claimed.
public struct ProductSettings: Sendable, Hashable {
  /// Features that one projection has to explain before it is a proof.
  public var inliers = 15
  /// How much of the catalogue picture they have to be spread over, 0 to 1, unless there are twice as many: products of one brand share its
  /// sign, and all that agrees lies there.
  public var coverage = 0.55
  /// How many more than the next product's in the same place, as a share: packages of one brand have much in common.
  public var clearance = 0.8
  /// Least cosine to the product's middle.
  public var similarity = 0.7
  /// How much nearer than the next product.
  public var margin = 0.1
  /// Products whose pictures are compared, the most alike first; `nil` for all of them, as where nothing says what is alike.
  public var candidates: Int? = 40
  /// Longest side of the picture in which features are looked for, in pixels.
  public var side = 480
  /// Features of a picture, at most.
  public var features = 600

  public init() {}

  /// - Throws: `usage`, for what means nothing.
  public func check() throws(Fault) {
    guard (8...10_000).contains(inliers) else { throw Self.refusal("inliers", "a whole number from 8 to 10000") }
    guard (0...1).contains(coverage) else { throw Self.refusal("coverage", "a number from 0 to 1") }
    guard (0...1).contains(clearance) else { throw Self.refusal("clearance", "a number from 0 to 1") }
    guard (0...1).contains(similarity) else { throw Self.refusal("similarity", "a number from 0 to 1") }
    guard (0...1).contains(margin) else { throw Self.refusal("margin", "a number from 0 to 1") }
    guard candidates.map({ $0 > 0 }) ?? true else { throw Self.refusal("candidates", "a whole number above 0") }
    guard (64...4096).contains(side) else { throw Self.refusal("side", "pixels from 64 to 4096") }
    guard (50...10_000).contains(features) else { throw Self.refusal("features", "a whole number from 50 to 10000") }
  }

  private static func refusal(_ name: String, _ expected: String) -> Fault {
    Fault(.usage, "products: \(name) takes \(expected)")
  }
}
