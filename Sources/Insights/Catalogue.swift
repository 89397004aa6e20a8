public import Base

/// Products that are known by pictures of them: one value, for as long as a run takes.
///
/// Nothing is trained: a product that is added is found from then on.
public struct Catalogue: Sendable, Hashable {
  /// One picture of a product.
  public struct Example: Sendable, Hashable {
    /// SHA-256 of its file, 64 digits.
    public var digest: String
    /// The file's name, for people.
    public var name: String
    /// What the network makes of it, of length 1.
    public var embedding: [Float]
    /// Of a picture that shows the product and nothing else; `nil` for photographs from life, whose surroundings would prove other
    /// products, and where nobody looked for them.
    public var features: LocalFeatures?
    /// A small JPEG of it for people, which decides nothing; empty where there is none, as in catalogues of older versions.
    public var thumbnail: [UInt8]

    public init(
      digest: String, name: String, embedding: [Float], features: LocalFeatures? = nil, thumbnail: [UInt8] = []
    ) {
      (self.digest, self.name, self.embedding, self.features) = (digest, name, embedding, features)
      self.thumbnail = thumbnail
    }
  }

  public struct Product: Sendable, Hashable {
    public var id: String
    /// For people.
    public var name: String
    public var brand: String?
    public var url: String?
    public var examples: [Example]
    /// Middle of the examples' embeddings, of length 1.
    public private(set) var centroid: [Float]

    public init(id: String, name: String, brand: String? = nil, url: String? = nil, examples: [Example]) {
      (self.id, self.name, self.brand, self.url, self.examples) = (id, name, brand, url, examples)
      centroid = Embedding.centroid(examples.map(\.embedding))
    }
  }

  /// The network of the embeddings.
  ///
  /// `NAME@sha256:…`; those of another mean nothing beside them.
  public let model: String
  /// In the order of their ids.
  public private(set) var products: [Product] = []

  public init(model: String) { self.model = model }

  /// Numbers of an embedding; 0 where there is none yet.
  public var dimensions: Int { products.first?.centroid.count ?? 0 }

  public subscript(_ id: String) -> Product? { place(of: id).map { products[$0] } }

  /// Features that one picture of a product has at least where geometry can prove it in films: twice what a proof needs.
  public static let provingFeatures = 2 * ProductSettings().inliers

  /// Longest side of a thumbnail, in pixels.
  public static let thumbnailSide = 160

  /// Longest id, name, brand and address, in bytes.
  static let longestText = 2048

  /// Adds pictures of a product, which is made where it is not there; what is said of it replaces what was said before.
  ///
  /// A picture that the product has already is not taken twice, as it would count twice; it brings the thumbnail that is missing.
  /// - Throws: `badInput` for an id, text or embedding that none may have, and for a picture that another product has: nobody could tell
  ///   them apart.
  public mutating func add(
    _ examples: [Example], to id: String, name: String? = nil, brand: String? = nil, url: String? = nil
  ) throws(Fault) {
    try Self.check(id, name, brand, url)
    let old = self[id]
    var all = old?.examples ?? []
    for example in examples {
      if let place = all.firstIndex(where: { $0.digest == example.digest }) {
        if all[place].thumbnail.isEmpty { all[place].thumbnail = example.thumbnail }
        continue
      }
      try check(example, of: id, beside: all)
      all.append(example)
    }
    guard !all.isEmpty else { throw Fault(.badInput, "product \(id) has no picture: give one at least") }
    let product = Product(
      id: id, name: name ?? old?.name ?? id, brand: brand ?? old?.brand, url: url ?? old?.url, examples: all)
    remove(id)
    products.insert(product, at: products.firstIndex { id < $0.id } ?? products.count)
  }

  /// Whether it was there.
  @discardableResult
  public mutating func remove(_ id: String) -> Bool {
    guard let place = place(of: id) else { return false }
    products.remove(at: place)
    return true
  }

  private func place(of id: String) -> Int? {
    let place = products.partitioningIndex { $0.id >= id }
    return place < products.count && products[place].id == id ? place : nil
  }

  private func check(_ example: Example, of id: String, beside others: [Example]) throws(Fault) {
    if let other = products.first(where: { $0.examples.contains { $0.digest == example.digest } }) {
      throw Fault(
        .badInput,
        "\(example.name) of product \(id) is a picture of product \(other.id) too, and nothing could tell the two apart: give each its own pictures"
      )
    }
    let count = others.first?.embedding.count ?? (dimensions > 0 ? dimensions : example.embedding.count)
    guard example.embedding.count == count, count > 1 else {
      throw Fault(
        .badInput, "\(example.name): \(example.embedding.count) numbers of an embedding, and the catalogue has \(count)"
      )
    }
    guard Embedding.isUnit(example.embedding) else {
      throw Fault(.badInput, "\(example.name): the network made no embedding of it (all 0, or no numbers)")
    }
  }

  /// An id is a word of addresses and files: visible, without a slash, no name of a folder.
  private static func check(_ id: String, _ texts: String?...) throws(Fault) {
    let isClean = id.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 && $0 != "/" && $0 != "\\" }
    guard !id.isEmpty, id.utf8.count <= 200, isClean, id.first != "." else {
      throw Fault(
        .badInput,
        "'\(id)' is no id for a product: up to 200 bytes without spaces, slashes and a leading point are one")
    }
    guard texts.allSatisfy({ ($0?.utf8.count ?? 0) <= longestText }) else {
      throw Fault(.badInput, "product \(id): name, brand and address have at most \(longestText) bytes each")
    }
  }
}

/// A catalogue as a film is held against it.
public struct KnownCatalogue: Sendable {
  public let catalogue: Catalogue
  /// `sha256:…` of what decides its answers.
  public let digest: String
  /// What a person should know of what is found with it; a sentence.
  public let note: String?

  public init(_ catalogue: Catalogue, digest: String, note: String? = nil) {
    (self.catalogue, self.digest, self.note) = (catalogue, digest, note)
  }
}

/// Arithmetic of embeddings.
public enum Embedding {
  /// The same direction with length 1; `nil` where there is none: all 0, or not finite.
  public static func unit(_ vector: [Float]) -> [Float]? {
    var sum = 0.0
    for value in vector { sum += Double(value) * Double(value) }
    guard sum.isFinite, sum > 1e-24 else { return nil }
    let length = Float(sum.squareRoot())
    return vector.map { $0 / length }
  }

  static func isUnit(_ vector: [Float]) -> Bool {
    let sum = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
    return abs(sum - 1) < 0.01
  }

  /// Cosine of two of length 1.
  public static func cosine(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count, "embeddings of one network have one length")
    var sums = SIMD8<Float>.zero
    let whole = a.count & ~7
    var place = 0
    while place < whole {
      var (left, right) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
      for lane in 0..<8 { (left[lane], right[lane]) = (a[place + lane], b[place + lane]) }
      sums += left * right
      place += 8
    }
    var sum = sums.sum()
    for rest in whole..<a.count { sum += a[rest] * b[rest] }
    return sum
  }

  /// The middle of some of length 1, of length 1 too; empty for none, the first where they cancel each other out.
  static func centroid(_ all: [[Float]]) -> [Float] {
    guard var sum = all.first else { return [] }
    for vector in all.dropFirst() { for place in sum.indices { sum[place] += vector[place] } }
    return unit(sum) ?? all[0]
  }
}
