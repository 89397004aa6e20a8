public import Base
public import Vision

extension Model {
  /// A network that stands somewhere on this machine without a manifest; the recipe comes from its owner.
  ///
  /// `files` are what ``files(ofNetwork:)`` gives for the same path.
  public init(
    network path: String, files: [Manifest.File], recipe: Recipe, precision: Precision
  ) throws(Fault) {
    let (name, folder) = (FileSystem.name(of: path), FileSystem.folder(of: path))
    let manifest = Manifest(
      name: name, summary: "", license: "", source: nil, files: files, network: name, precision: precision,
      labels: .list(recipe.labels), recipe: recipe)
    try self.init(manifest, folder: folder, store: folder)
  }

  /// Reads every file of a network that came without a manifest, for the digests.
  ///
  /// Those of files that were read before and did not change since are kept in `cache`, a folder that is there.
  public static func files(ofNetwork path: String, cache: String? = nil) throws(Fault) -> [Manifest.File] {
    let (folder, known) = (FileSystem.folder(of: path), KnownDigests(folder: cache))
    return try files(of: FileSystem.name(of: path), in: folder).map { (file) throws(Fault) in
      Manifest.File(
        path: file, url: nil, sha256: try known.digest(of: "\(folder)/\(file)"),
        byteCount: try FileSystem.byteCount(of: "\(folder)/\(file)"))
    }
  }

  /// The file and the weights beside it, or every file of a SavedModel folder.
  private static func files(of name: String, in folder: String) throws(Fault) -> [String] {
    if FileSystem.kind(of: "\(folder)/\(name)") == .folder {
      var found: [String] = []
      for entry in try FileSystem.list("\(folder)/\(name)") { found += try files(of: "\(name)/\(entry)", in: folder) }
      return found
    }
    let stem = name.split(separator: ".", omittingEmptySubsequences: false).dropLast().joined(separator: ".")
    let weights = ["xml": "bin", "pdmodel": "pdiparams"][name.split(separator: ".").last.map(String.init) ?? ""]
    guard let weights, FileSystem.isThere("\(folder)/\(stem).\(weights)") else { return [name] }
    return [name, "\(stem).\(weights)"]
  }
}
