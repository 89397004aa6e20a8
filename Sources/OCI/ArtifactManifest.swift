internal import Base
internal import Crypto
internal import JSON

/// What a registry keeps of a model: an image manifest (OCI image spec 1.1) whose layers are its files as they are, each by its title.
public struct ArtifactManifest: Sendable, Hashable {
  /// One file.
  public struct Layer: Sendable, Hashable {
    public var mediaType: String
    /// 64 hexadecimal digits of its SHA-256.
    public var digest: String
    public var byteCount: Int
    /// Its path in the model's folder.
    public var title: String
  }

  public var layers: [Layer]
  public var annotations: [String: String]

  static let mediaType = "application/vnd.oci.image.manifest.v1+json"
  /// What else a registry may have under a name.
  static let foreignTypes = [
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
  ]
  /// What makes it a model of ours.
  public static let artifactType = "application/vnd.ridley.model.v1"
  /// Of the layer that is the model's manifest, and of every other.
  static let manifestLayerType = "application/vnd.ridley.model.manifest.v1+yaml"
  static let fileLayerType = "application/vnd.ridley.model.file.v1"
  static let manifestTitle = "model.yaml"

  static let title = "org.opencontainers.image.title"
  /// The model's own digest, which says how it answers.
  public static let modelDigest = "ridley.model.digest"

  private static let emptyType = "application/vnd.oci.empty.v1+json"
  /// What stands in for a configuration, as the specification has it.
  static let emptyConfig = Array("{}".utf8)

  public init(layers: [Layer], annotations: [String: String]) {
    (self.layers, self.annotations) = (layers, annotations)
  }

  /// The document: the same bytes whenever it is written.
  func json() -> [UInt8] {
    JSONWriter.object { json in
      json.field("schemaVersion", 2)
      json.field("mediaType", Self.mediaType)
      json.field("artifactType", Self.artifactType)
      json.object("config") { json in
        json.field("mediaType", Self.emptyType)
        json.field("digest", "sha256:\(SHA256.hex(of: Self.emptyConfig))")
        json.field("size", Self.emptyConfig.count)
      }
      json.array("layers") { json in for layer in layers { json.object { Self.write(layer, &$0) } } }
      json.object("annotations") { Self.write(annotations, &$0) }
    }
  }

  private static func write(_ layer: Layer, _ json: inout JSONWriter) {
    json.field("mediaType", layer.mediaType)
    json.field("digest", "sha256:\(layer.digest)")
    json.field("size", layer.byteCount)
    json.object("annotations") { $0.field(.init(title), layer.title) }
  }

  private static func write(_ annotations: [String: String], _ json: inout JSONWriter) {
    for (name, value) in annotations.sorted(by: { $0.key < $1.key }) { json.field(.init(name), value) }
  }
}
