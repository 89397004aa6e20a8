public import Base
public import Vision

/// A manifest together with where its files are on this machine.
///
/// The files stand either all beside the manifest (a model that comes with its weights) or in the store of pulled files, there in a
/// folder by the name of the model and of what its files are, so that versions do not take each other's.
public struct Model: Sendable {
  public enum State: Sendable, Hashable {
    case ready
    /// Paths of the files that are not here, or have the wrong size.
    case missing([String])
  }

  public private(set) var manifest: Manifest
  /// The manifest's folder.
  public let folder: String
  /// The folder that `manifest.files` are relative to; the place they are pulled to while they are missing.
  public private(set) var filesFolder: String
  public let state: State
  /// The manifest's recipe with the labels of its label file; without them while that file is missing.
  public private(set) var recipe: Recipe
  /// `sha256:…` over everything that decides what the model answers; the same on every machine.
  ///
  /// Of files that the manifest gives no digest for it says nothing before ``identified(cache:)``.
  public private(set) var digest: String
  /// The digest of the model whose recipe was changed for a use of it; `nil` where nothing was.
  public private(set) var published: String?
  /// It is shown its pictures otherwise than the model that was changed: as a network the two are not the same.
  public private(set) var hasOtherInput = false
  /// The states of its files when they were compared with the manifest; `nil` before that.
  private var checked: [String: String]?

  public var name: String { manifest.name }
  public var labels: [String] { recipe.labels }
  public var isReady: Bool { state == .ready }
  /// What the engine opens: a file, or the folder of a SavedModel.
  public var networkPath: String { "\(filesFolder)/\(manifest.network)" }
  public func path(of file: Manifest.File) -> String { path(of: file.path) }
  /// Of a listed file.
  public func path(of file: String) -> String { "\(filesFolder)/\(file)" }

  /// Looks for the files; reads no weights, and no more than the label file and an anomaly's metadata.
  public init(_ manifest: Manifest, folder: String, store: String) throws(Fault) {
    let shared = "\(store)/models/\(manifest.name)"
    let pulled = "\(shared)/\(manifest.filesKey)"
    // Earlier versions of this program pulled all of a name into one folder.
    let places = [folder, pulled, shared]
    let complete = places.first { place in manifest.files.allSatisfy { Model.isThere($0, in: place) } }
    filesFolder = complete ?? pulled
    let missing = complete != nil ? [] : manifest.files.filter { !Model.isThere($0, in: pulled) }.map(\.path)
    state = missing.isEmpty ? .ready : .missing(missing)
    (self.manifest, self.folder) = (manifest, folder)
    var recipe = manifest.recipe
    /// Beside the manifest, or with the files that it lists; `nil` for one of those that is not here.
    let place = { [filesFolder] (path: String) -> String? in
      guard manifest.files.contains(where: { $0.path == path }) else { return "\(folder)/\(path)" }
      return missing.contains(path) ? nil : "\(filesFolder)/\(path)"
    }
    if case .file(let path) = manifest.labels, let file = place(path) { recipe.labels = try LabelFile.read(file) }
    if let file = recipe.output.metadata.flatMap(place) { try AnomalyMetadata.read(file).apply(to: &recipe) }
    self.recipe = recipe
    digest = Model.digest(manifest, recipe)
  }

  /// The file is there and as long as the manifest says.
  static func isThere(_ file: Manifest.File, in folder: String) -> Bool {
    let path = "\(folder)/\(file.path)"
    guard FileSystem.kind(of: path) == .file, let count = try? FileSystem.byteCount(of: path) else { return false }
    return file.byteCount == nil || file.byteCount == count
  }

  /// Reads every file and compares its digest; the first that differs is the fault.
  func verify() throws(Fault) {
    for file in manifest.files { try file.verify(at: path(of: file), from: nil) }
  }
}

extension Model {
  /// The model with every file compared with the digest that its manifest gives, and with the digests of those that it gives none
  /// for, or does not list although the network is made of them: its ``digest`` covers all bytes then.
  ///
  /// Digests of files that did not change since they were last read are kept in `cache`. Once identified, this looks only whether the
  /// files are still what they were.
  /// - Throws: `badInput` with both digests where a file is not the one that the manifest names; `notFound` where one is missing.
  public func identified(cache: String?) throws(Fault) -> Model {
    if isUnchanged { return self }
    var found = self
    let known = KnownDigests(folder: cache)
    for (index, file) in manifest.files.enumerated() {
      found.manifest.files[index].sha256 = try identity(of: file, known)
    }
    let listed = Set(manifest.files.map(\.path))
    let network = networkPath
    let (inner, base) = (FileSystem.folder(of: manifest.network), FileSystem.folder(of: network))
    for part in try Model.files(of: FileSystem.name(of: network), in: base, known) {
      let path = inner == "." ? part : "\(inner)/\(part)"
      guard !listed.contains(path) else { continue }
      let place = "\(base)/\(part)"
      found.manifest.files.append(
        Manifest.File(
          path: path, url: nil, sha256: try known.digest(of: place), byteCount: try FileSystem.byteCount(of: place)))
    }
    found.checked = states(of: found.manifest.files)
    found.digest = Model.digest(found.manifest, recipe)
    return found
  }

  /// The same files with another recipe, labels or precision; the manifest's labels are those of its recipe.
  public func changed(to manifest: Manifest) -> Model {
    var model = self
    model.published = published ?? digest
    // A decoder says what is usual for its input.
    let isSame = manifest.recipe.input == recipe.input && manifest.recipe.output.decoder == recipe.output.decoder
    model.hasOtherInput = hasOtherInput || !isSame
    (model.manifest, model.recipe, model.digest) = (manifest, manifest.recipe, Model.digest(manifest, manifest.recipe))
    return model
  }

  /// Takes the digests of its manifest for those of the files as they are now, which were read a moment ago.
  mutating func accept() { checked = states(of: manifest.files) }

  /// Its files are still those that were compared with the manifest.
  public var isUnchanged: Bool { checked.map { $0 == states(of: manifest.files) } ?? false }

  /// The same, with its files in the place of its own that they are pulled to.
  func pulled(to store: String) -> Model {
    var model = self
    model.filesFolder = "\(store)/models/\(name)/\(manifest.filesKey)"
    return model
  }

  private func states(of files: [Manifest.File]) -> [String: String] {
    var states: [String: String] = [:]
    for file in files { states[file.path] = FileSystem.stamp(of: path(of: file))?.state ?? "" }
    return states
  }

  /// What is kept of an earlier reading accuses nobody: it is read again before it is refused.
  private func identity(of file: Manifest.File, _ known: KnownDigests) throws(Fault) -> String {
    let place = path(of: file)
    guard FileSystem.kind(of: place) == .file else {
      throw Fault(.notFound, "\(file.path) of the model '\(name)' is not at \(place)")
    }
    let found = try known.digest(of: place)
    guard let wanted = file.sha256, found != wanted else { return found }
    let again = try KnownDigests(folder: nil).digest(of: place)
    guard again != wanted else { return wanted }
    throw Fault(
      .badInput,
      "\(file.path) of the model '\(name)' is not the file that its manifest names: expected SHA-256 \(wanted), it has \(again); \(advice(file))"
    )
  }

  private func advice(_ file: Manifest.File) -> String {
    if file.url != nil || makes(file), filesFolder != folder { return "run '\(command(pulling: name))'" }
    return "put the right file there, or its digest into the manifest of a new version"
  }
}
