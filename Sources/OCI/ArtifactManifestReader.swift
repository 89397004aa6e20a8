internal import Base
internal import Crypto
internal import JSON

/// Reads what a registry gave as a manifest: nothing in it is taken on trust.
struct ArtifactManifestReader {
  /// How faults call it.
  let name: String

  private enum Key: String, CaseIterable {
    case schemaVersion, mediaType, artifactType, config, layers, annotations, manifests, fsLayers
  }
  private enum PartKey: String, CaseIterable { case mediaType, digest, size, annotations }

  private static let mostLayers = 1000
  private static let mostBytes = 1 << 40
  private static let mostManifestBytes = 1 << 20

  /// - Throws: `unsupported` where it is something else than a model, `badInput` where it is one that cannot be right.
  func manifest(_ bytes: [UInt8], mediaType: String) throws(Fault) -> ArtifactManifest {
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: name).root.fields(Key.self, others: .ignored)
    let said = try fields.given(.mediaType)?.string() ?? mediaType
    if fields[.manifests] != nil || said.hasSuffix(".index.v1+json") || said.hasSuffix(".list.v2+json") {
      throw Fault(
        .unsupported, "\(name) is an index of several manifests, no model: name the one that is meant by its digest")
    }
    guard fields[.fsLayers] == nil else { throw foreign("an image of an old kind (schema 1)") }
    guard try fields.required(.schemaVersion).integer() == 2 else { throw foreign("of an unknown schema") }
    try check(fields, said)
    var layers: [ArtifactManifest.Layer] = []
    for part in try fields.required(.layers).elements() {
      guard layers.count < Self.mostLayers else {
        throw Fault(.tooLarge, "\(name) has more than \(Self.mostLayers) layers")
      }
      layers.append(try layer(part))
    }
    try check(layers)
    return ArtifactManifest(layers: layers, annotations: try fields.given(.annotations).map(texts) ?? [:])
  }

  /// It is a model: by its own type, or by that of its configuration, as it was done before there was one.
  private func check(_ fields: JSONFields<Key>, _ mediaType: String) throws(Fault) {
    let config = try fields.given(.config)?.fields(PartKey.self, others: .ignored).given(.mediaType)?.string()
    let kind = try fields.given(.artifactType)?.string() ?? config ?? ""
    guard kind == ArtifactManifest.artifactType else {
      let isImage = kind.contains("image.config") || kind.contains("container.image")
      throw foreign(isImage ? "a container image" : "of the kind '\(kind.prefix(100))'")
    }
    guard mediaType.isEmpty || mediaType == ArtifactManifest.mediaType else {
      throw foreign("of the type '\(mediaType.prefix(100))'")
    }
  }

  private func foreign(_ what: String) -> Fault {
    Fault(
      .unsupported, "\(name) is \(what), no model that 'ridley model push' wrote (\(ArtifactManifest.artifactType))")
  }

  private func layer(_ part: JSONValue) throws(Fault) -> ArtifactManifest.Layer {
    let fields = try part.fields(PartKey.self, others: .ignored)
    let said = try fields.required(.digest).string()
    let digest = String(said.dropFirst(7))
    guard said.hasPrefix("sha256:"), SHA256.bytes(ofHex: digest) != nil else {
      throw Fault(
        .unsupported, "\(name) has a layer by '\(said.prefix(80))', and digests of SHA-256 alone are known here")
    }
    let annotations = try fields.given(.annotations).map(texts) ?? [:]
    guard let title = annotations[ArtifactManifest.title] else {
      throw Fault(.badInput, "\(name) has a layer without a name (\(ArtifactManifest.title))")
    }
    try Self.check(title: title, in: name)
    return ArtifactManifest.Layer(
      mediaType: try fields.required(.mediaType).string(), digest: digest,
      byteCount: try fields.required(.size).integer(in: 0...Self.mostBytes), title: title)
  }

  private func texts(_ value: JSONValue) throws(Fault) -> [String: String] {
    var texts: [String: String] = [:]
    for (key, value) in try value.members() {
      guard texts.updateValue(try value.string(), forKey: key) == nil else {
        throw value.fault("the annotation '\(key.prefix(80))' stands here twice")
      }
    }
    return texts
  }

  /// A path that stays in its folder on every system, and hides nothing.
  static func check(title: String, in name: String) throws(Fault) {
    let parts = title.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain =
      parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && $0.utf8.count <= 200 } && title.utf8.count <= 1000
      && title.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0 != "\\" }
    guard isPlain else {
      throw Fault(
        .badInput,
        "\(name) has a file called '\(title.prefix(120))', which does not stay in the model's folder, or is hidden there: nothing was written"
      )
    }
  }

  /// The model's manifest is there, and every file has a place of its own, on file systems that do not tell large letters from small too.
  private func check(_ layers: [ArtifactManifest.Layer]) throws(Fault) {
    var (files, folders, sizes) = (Set<[UInt8]>(), Set<[UInt8]>(), [String: Int]())
    for layer in layers {
      guard sizes.updateValue(layer.byteCount, forKey: layer.digest) ?? layer.byteCount == layer.byteCount else {
        throw Fault(.badInput, "\(name) says two sizes of the bytes that '\(layer.title)' has")
      }
      let title = layer.title.lowercased()
      guard files.insert(Array(title.utf8)).inserted else {
        throw Fault(.badInput, "\(name) has two files called '\(layer.title)'")
      }
      for end in title.indices where title[end] == "/" { folders.insert(Array(title[..<end].utf8)) }
    }
    if let both = files.intersection(folders).first {
      throw Fault(.badInput, "\(name) has '\(String(decoding: both, as: UTF8.self))' as a file and as a folder")
    }
    guard let manifest = layers.first(where: { $0.title == ArtifactManifest.manifestTitle }) else {
      throw Fault(.badInput, "\(name) has no \(ArtifactManifest.manifestTitle), so it is no model")
    }
    guard manifest.byteCount <= Self.mostManifestBytes else {
      throw Fault(.badInput, "\(name) says that its \(ArtifactManifest.manifestTitle) has \(manifest.byteCount) bytes")
    }
    // What files say of their size is added up before anything is fetched.
    guard layers.reduce(0, { $0 + $1.byteCount }) <= Self.mostBytes else {
      throw Fault(.tooLarge, "\(name) says that its files have more than \(Self.mostBytes) bytes")
    }
  }
}
