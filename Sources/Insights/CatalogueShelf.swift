public import Base

/// A catalogue as people look at it: what its products are called and look like, without the numbers that they are found by.
public struct CatalogueShelf: Sendable, Hashable {
  public struct Picture: Sendable, Hashable {
    /// Of its file.
    public var name: String
    public var features: Int
  }

  public struct Product: Sendable, Hashable {
    public var id: String
    public var name: String
    public var brand: String?
    public var url: String?
    public var pictures: [Picture]
    /// Of the first picture that has one, a JPEG; empty where none has.
    public var thumbnail: [UInt8]

    /// Of all its pictures.
    public var features: Int { pictures.reduce(0) { $0 + $1.features } }
    /// Whether geometry can prove it: one of its pictures has enough features for that.
    public var isProvable: Bool { pictures.contains { $0.features >= Catalogue.provingFeatures } }

    /// Into an object that is open; the thumbnail stands for itself.
    public func writeMembers(into json: inout JSONWriter) {
      json.field("id", id)
      json.field("name", name)
      json.field("brand", ifKnown: brand)
      json.field("url", ifKnown: url)
      json.field("pictures", pictures.map(\.name))
      json.field("features", features)
    }

    /// Whether all of these words stand in its id, name or brand, whatever their case.
    public func has(_ words: [String]) -> Bool {
      let text = [id, name, brand ?? ""].joined(separator: "\n").lowercased()
      return words.allSatisfy { text.contains($0.lowercased()) }
    }
  }

  /// The network of its embeddings.
  public let model: String
  /// In the order of their ids.
  public private(set) var products: [Product] = []

  /// Reads the bytes of a catalogue's file.
  ///
  /// - Throws: as `CatalogueFile.read` does.
  public init(_ bytes: [UInt8]) throws(Fault) {
    var input = try CatalogueFile.body(of: bytes)
    model = try input.text()
    let dimensions = try input.number(most: 1 << 16)
    for _ in 0..<(try input.number()) {
      let head = try input.head()
      var (pictures, thumbnail) = ([Picture](), [UInt8]())
      for _ in 0..<(try input.number()) {
        let (picture, small) = try input.picture(dimensions)
        pictures.append(picture)
        if thumbnail.isEmpty { thumbnail = small }
      }
      guard (products.last?.id).map({ $0 < head.id }) ?? true, !pictures.isEmpty else { throw CatalogueFile.damaged }
      products.append(
        Product(
          id: head.id, name: head.name, brand: head.brand, url: head.url, pictures: pictures, thumbnail: thumbnail))
    }
    guard input.isAtEnd else { throw CatalogueFile.damaged }
  }

  public subscript(_ id: String) -> Product? {
    let place = products.partitioningIndex { $0.id >= id }
    return place < products.count && products[place].id == id ? products[place] : nil
  }
}
