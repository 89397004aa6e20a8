public import Base
internal import Crypto

/// A model's files on their way into a registry.
public struct ModelArtifact: Sendable {
  /// One of them.
  public struct File: Sendable, Hashable {
    /// In the model's folder.
    public var title: String
    /// Where it stands here.
    public var path: String
    /// 64 hexadecimal digits of its SHA-256.
    public var digest: String
    public var byteCount: Int

    public init(title: String, path: String, digest: String, byteCount: Int) {
      (self.title, self.path, self.digest, self.byteCount) = (title, path, digest, byteCount)
    }
  }

  private let text: [UInt8]
  private let files: [File]
  private let annotations: [String: String]

  /// `manifest` is what stands in `model.yaml`, which is none of the files.
  ///
  /// The same model makes the same artefact, whenever and wherever: nothing of the time is in it.
  /// - Throws: `badInput` for a file that could not be laid out elsewhere.
  public init(manifest: [UInt8], files: [File], annotations: [String: String]) throws(Fault) {
    for file in files { try ArtifactManifestReader.check(title: file.title, in: "the model") }
    guard !files.contains(where: { $0.title == ArtifactManifest.manifestTitle }) else {
      throw Fault(.badInput, "one of the model's files is called \(ArtifactManifest.manifestTitle), as its manifest is")
    }
    (text, self.files, self.annotations) = (manifest, files, annotations)
  }

  /// What a push did.
  public struct Pushed: Sendable, Hashable {
    /// 64 hexadecimal digits of the SHA-256 of the manifest in the registry.
    public var digest = ""
    public var byteCount = 0
    /// Files that were sent; that stood there; that were taken over from another repository.
    public var sent = 0
    public var known = 0
    public var mounted = 0
  }

  /// How far a push has come.
  public struct Progress: Sendable, Hashable {
    public var title: String
    public var sent: Int
    public var total: Int
  }

  private var manifest: ArtifactManifest {
    let first = ArtifactManifest.Layer(
      mediaType: ArtifactManifest.manifestLayerType, digest: SHA256.hex(of: text), byteCount: text.count,
      title: ArtifactManifest.manifestTitle)
    let others = files.sorted { $0.title.utf8.lexicographicallyPrecedes($1.title.utf8) }.map { file in
      ArtifactManifest.Layer(
        mediaType: ArtifactManifest.fileLayerType, digest: file.digest, byteCount: file.byteCount, title: file.title)
    }
    return ArtifactManifest(layers: [first] + others, annotations: annotations)
  }

  /// Has all files stand in the registry, and then the manifest under the reference's tag.
  ///
  /// - Throws: `usage` for a reference by digest that the artefact does not have.
  public func push(with client: RegistryClient, progress: @escaping (Progress) -> Void = { _ in }) throws(Fault)
    -> Pushed
  {
    let document = manifest.json()
    var pushed = Pushed()
    (pushed.digest, pushed.byteCount) = (SHA256.hex(of: document), manifest.layers.reduce(0) { $0 + $1.byteCount })
    if case .digest(let wanted) = client.reference.version, wanted != pushed.digest {
      throw Fault(.usage, "this model becomes sha256:\(pushed.digest), not \(wanted): push it to a tag")
    }
    let total = pushed.byteCount
    var done = 0
    for (blob, title) in blobs {
      let before = done
      switch try client.put(blob, sent: { progress(Progress(title: title, sent: before + $0, total: total)) }) {
      case .sent: pushed.sent += 1
      case .known: pushed.known += 1
      case .mounted: pushed.mounted += 1
      }
      done += blob.byteCount
    }
    try client.put(document, digest: pushed.digest)
    return pushed
  }

  /// Each blob once, those of the same bytes too.
  private var blobs: [(OutgoingBlob, title: String)] {
    let empty = OutgoingBlob(
      source: .bytes(ArtifactManifest.emptyConfig), digest: SHA256.hex(of: ArtifactManifest.emptyConfig),
      byteCount: ArtifactManifest.emptyConfig.count)
    let manifest = OutgoingBlob(source: .bytes(text), digest: SHA256.hex(of: text), byteCount: text.count)
    var seen = Set([empty.digest, manifest.digest])
    var blobs = [(empty, title: "configuration"), (manifest, title: ArtifactManifest.manifestTitle)]
    for file in files where seen.insert(file.digest).inserted {
      blobs.append(
        (OutgoingBlob(source: .file(file.path), digest: file.digest, byteCount: file.byteCount), title: file.title))
    }
    return blobs
  }
}
