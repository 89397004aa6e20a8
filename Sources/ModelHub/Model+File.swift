public import Base
internal import NetworkFormats
public import Vision

extension Model {
  /// A network that stands somewhere on this machine without a manifest; the recipe comes from its owner.
  ///
  /// `files` are what ``files(ofNetwork:)`` gives for the same path.
  public init(
    network path: String, files: [Manifest.File], recipe: Recipe, precision: Precision, engine: EngineChoice = .auto
  ) throws(Fault) {
    let (name, folder) = (FileSystem.name(of: path), FileSystem.folder(of: path))
    let manifest = Manifest(
      name: name, summary: "", license: "", source: nil, files: files, network: name, precision: precision,
      engine: engine, labels: .list(recipe.labels), recipe: recipe)
    try self.init(manifest, folder: folder, store: folder)
    accept()
  }

  /// Reads every file of a network that came without a manifest, for the digests: itself, and all files that it names or that
  /// belong to it.
  ///
  /// Those of files that were read before and did not change since are kept in `cache`, a folder that is there.
  /// - Throws: `notFound` where one is missing, `badInput` where one stands outside the network's folder.
  public static func files(ofNetwork path: String, cache: String? = nil) throws(Fault) -> [Manifest.File] {
    let (folder, known) = (FileSystem.folder(of: path), KnownDigests(folder: cache))
    return try files(of: FileSystem.name(of: path), in: folder, known).map { (file) throws(Fault) in
      Manifest.File(
        path: file, url: nil, sha256: try known.digest(of: "\(folder)/\(file)"),
        byteCount: try FileSystem.byteCount(of: "\(folder)/\(file)"))
    }
  }

  /// The file and those that it is made of besides, or every file of a SavedModel folder; all are there.
  static func files(of name: String, in folder: String, _ known: KnownDigests) throws(Fault) -> [String] {
    let parts = try known.parts(of: "\(folder)/\(name)")
    guard FileSystem.kind(of: "\(folder)/\(name)") != .folder else { return parts }
    // Weights that go by the network's own name are where its owner put them, be it by a link.
    let goByName = ["xml", "pdmodel", "json", "meta"].contains(name.split(separator: ".").last.map(String.init) ?? "")
    for part in parts { try NetworkParts.check(part, in: folder, of: name, mayBeLink: goByName) }
    return [name] + parts
  }
}
