public import Base
public import Items
internal import JSON

/// Which writing of one series of an asset's analyses has the moments that count; what else stands there is not found.
public struct MomentHead: Sendable, Hashable {
  public let asset: ULID
  public let client: String
  public let series: String
  /// The version of the scores that it was written for.
  public let generation: Int
  /// Of moments.
  public let count: Int
  /// What networks said of its frames in numbers; `nil` where none did.
  public var vectors: Vectors?

  /// An object with vectors, and which networks they are of.
  public struct Vectors: Sendable, Hashable {
    public let object: String
    public let byteCount: Int
    /// `NAME@sha256:…`, each with how many vectors it gave.
    public let networks: [Network]

    public init(object: String, byteCount: Int, networks: [Network]) {
      (self.object, self.byteCount, self.networks) = (object, byteCount, networks)
    }
  }

  public struct Network: Sendable, Hashable {
    public let name: String
    public let count: Int
    /// Their numbers are the probabilities of labels, and say less of how alike two frames are than an embedding.
    public let hasLabels: Bool

    public init(name: String, count: Int, hasLabels: Bool = false) {
      (self.name, self.count, self.hasLabels) = (name, count, hasLabels)
    }
  }

  public init(asset: ULID, client: String, series: String, generation: Int, count: Int) {
    (self.asset, self.client, self.series) = (asset, client, series)
    (self.generation, self.count) = (generation, count)
  }

  private enum Key: String, CaseIterable { case head, owner, series, generation, count, vectors }
  private enum VectorsKey: String, CaseIterable { case object, bytes, networks }
  private enum NetworkKey: String, CaseIterable { case name, count, labels }

  public var itemKey: ItemKey { LibraryKeys.momentHead(asset, series: series) }

  /// Says that its asset needs the vectors.
  public var reference: ItemKey? {
    vectors.map { LibraryKeys.reference($0.object, by: asset, CompositeKey.joined("VECTORS", series)) }
  }

  public var json: [UInt8] {
    JSONWriter.object(capacity: 128) { json in
      json.field("head", asset.text)
      json.field("owner", client)
      json.field("series", series)
      json.field("generation", generation)
      json.field("count", count)
      guard let vectors else { return }
      json.object("vectors") { json in
        json.field("object", vectors.object)
        json.field("bytes", vectors.byteCount)
        json.array("networks") { json in
          for network in vectors.networks {
            json.object { json in
              json.field("name", network.name)
              json.field("count", network.count)
              if network.hasLabels { json.field("labels", true) }
            }
          }
        }
      }
    }
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let head = try fields.required(.head)
    guard let id = ULID(try head.string()) else { throw head.fault("this is no asset's id") }
    self.init(
      asset: id, client: try fields.required(.owner).string(), series: try fields.required(.series).string(),
      generation: try fields.required(.generation).integer(in: 0 ... .max),
      count: try fields.required(.count).integer(in: 0 ... .max))
    vectors = try fields[.vectors].map { (value) throws(Fault) in try Self.vectors(value) }
  }

  private static func vectors(_ value: JSONValue) throws(Fault) -> Vectors {
    let fields = try value.fields(VectorsKey.self)
    var networks: [Network] = []
    for element in try fields.required(.networks).elements() {
      let network = try element.fields(NetworkKey.self)
      networks.append(
        Network(
          name: try network.required(.name).string(), count: try network.required(.count).integer(in: 0 ... .max),
          hasLabels: try network[.labels]?.bool() ?? false))
    }
    return Vectors(
      object: try fields.required(.object).string(), byteCount: try fields.required(.bytes).integer(in: 0 ... .max),
      networks: networks)
  }
}
