public import Base
internal import Crypto

/// A model of a registry on its way into a folder.
public struct ModelPull {
  private let client: RegistryClient
  /// 64 hexadecimal digits of the SHA-256 of the manifest, which names every byte that will come.
  public let digest: String
  public let manifest: ArtifactManifest

  /// How far it has come.
  public struct Progress: Sendable, Hashable {
    public var title: String
    public var received: Int
    public var total: Int
  }

  /// Asks the registry what there is.
  ///
  /// - Throws: `notFound` where there is nothing, `unsupported` where it is no model, `badInput` where it cannot be right.
  public init(with client: RegistryClient) throws(Fault) {
    self.client = client
    let found = try client.manifest()
    digest = found.digest
    manifest = try ArtifactManifestReader(name: client.reference.text).manifest(found.bytes, mediaType: found.mediaType)
  }

  public var byteCount: Int { manifest.layers.reduce(0) { $0 + $1.byteCount } }

  /// Fetches every file into `folder/files`, and gives that back; what is there and right is not fetched again.
  ///
  /// The folder belongs to this one artefact. What is fetched stands beside them until it is whole and has its digest, so that a pull that was ended is
  /// gone on with.
  public func fetch(into folder: String, progress: (Progress) -> Void = { _ in }) throws(Fault) -> String {
    let (files, parts) = ("\(folder)/files", "\(folder)/parts")
    try FileSystem.makeFolder(files)
    try FileSystem.makeFolder(parts)
    let lock = try FolderLock(folder, against: "another pull of the same model", stillWanted: client.goesOn)
    try refuseWithoutRoom(files, parts)
    var (done, places) = (0, [String: String]())
    let total = byteCount
    for layer in manifest.layers {
      let (target, part) = ("\(files)/\(layer.title)", "\(parts)/\(layer.digest)")
      if !isThere(layer, target) {
        try FileSystem.makeFolder(FileSystem.folder(of: target))
        if let twin = places[layer.digest] {
          let sink = try FileSink(part)
          try FileSystem.copy(twin, into: sink)
          try sink.finish(syncing: true)
        } else {
          try client.fetch(layer, into: part) { [done] count in
            progress(Progress(title: layer.title, received: done + count, total: total))
          }
        }
        try FileSystem.move(part, to: target)
      }
      places[layer.digest] = target
      done += layer.byteCount
    }
    _ = consume lock
    return files
  }

  private func isThere(_ layer: ArtifactManifest.Layer, _ path: String) -> Bool {
    guard FileSystem.kind(of: path) == .file, (try? FileSystem.byteCount(of: path)) == layer.byteCount else {
      return false
    }
    return (try? SHA256.hex(ofFile: path)) == layer.digest
  }

  /// A manifest that says too much is found out before anything is fetched.
  private func refuseWithoutRoom(_ files: String, _ parts: String) throws(Fault) {
    var needed = 0
    for layer in manifest.layers {
      let there = ["\(files)/\(layer.title)", "\(parts)/\(layer.digest)"].map {
        (try? FileSystem.byteCount(of: $0)) ?? 0
      }
      needed += max(0, layer.byteCount - there.max()!)
    }
    guard let free = try? FileSystem.freeByteCount(in: files), free < needed else { return }
    throw Fault(
      .exhausted,
      "the disk is full: \(client.reference.text) needs \(Units.text(bytes: needed)), and \(files) has \(Units.text(bytes: free))"
    )
  }
}
