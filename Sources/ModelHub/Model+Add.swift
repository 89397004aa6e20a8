public import Base
internal import Vision

extension Model {
  /// A folder of its own for a network that stood somewhere without a manifest: its files, and a manifest that says all.
  ///
  /// The files are copied and their digests compared; nothing is left where anything fails. Throws `badInput` where the
  /// name is none, or the folder is taken.
  public func add(
    as name: String, summary: String, license: String = "unknown", into models: String
  ) throws(Fault) -> Model {
    guard NameGrammar.isModelName(name) else {
      throw Fault(
        .badInput, "'\(name)' is not a model's name, expected small letters, digits, '.', '_' or '-', e.g. yolox-nano")
    }
    let target = "\(models)/\(name)"
    guard FileSystem.kind(of: "\(target)/\(Manifest.fileName)") == nil else {
      throw Fault(.badInput, "\(target) holds a model already: take another name, or remove it")
    }
    var manifest = manifest
    (manifest.name, manifest.summary, manifest.recipe) = (name, summary, recipe)
    (manifest.license, manifest.recipe.isGuess) = (license, false)
    manifest.labels = .list(recipe.labels)
    for file in manifest.files {
      let path = "\(target)/\(file.path)"
      try FileSystem.makeFolder(FileSystem.folder(of: path))
      try Self.copy(self.path(of: file), to: path)
      try file.verify(at: path, from: nil)
    }
    try FileSystem.write(Array(manifest.text.utf8), to: "\(target)/\(Manifest.fileName)", isDurable: true)
    return try Model(try Manifest.read(target), folder: target, store: target)
  }

  private static func copy(_ source: String, to target: String) throws(Fault) {
    let staging = "\(target).part"
    let sink = try FileSink(staging)
    try FileSystem.copy(source, into: sink)
    try sink.finish()
    try FileSystem.move(staging, to: target)
  }
}
