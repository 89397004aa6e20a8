public import Base

/// The models that this machine knows, from folders of manifests, and the store their files are pulled to.
///
/// A name means `NAME/model.yaml`, or in a folder with versions, as a server has it, the one that the alias `live` points to,
/// else the newest.
/// Holds no state: every call looks at the disk as it is then.
public struct Hub: Sendable {
  /// One folder with a manifest, readable or not.
  public struct Entry: Sendable {
    /// The folder's name, which is the model's.
    public let name: String
    public let folder: String
    /// The model, or what is wrong with its manifest.
    public let model: Result<Model, Fault>
  }

  /// Searched in this order; the first that has a name wins.
  public let folders: [String]
  /// Pulled files stand in `models/<name>/` below it, in a folder for each set of files.
  public let store: String

  /// The folder of whoever runs this; `nil` where nothing says whose that is, and the store is in the current folder.
  public let home: String?

  public init(folders: [String], store: String, home: String? = nil) {
    (self.folders, self.store, self.home) = (folders, store, home)
  }

  /// All models by name, those with a broken manifest included.
  public func list() -> [Entry] {
    var entries: [String: Entry] = [:]
    for folder in folders {
      for (name, versions) in models(in: folder) where entries[name] == nil {
        entries[name] = entry(name, versions, in: folder)
      }
    }
    return entries.values.sorted { $0.name < $1.name }
  }

  /// A model whose files are all here, by name, or by the path of its folder when there is a `/` in it.
  ///
  /// Sizes are compared; digests when it is used: see ``Model/identified(cache:)``.
  public func find(_ name: String) throws(Fault) -> Model {
    let model = try look(name)
    guard case .missing(let paths) = model.state else { return model }
    let files = paths.count == 1 ? "its file \(paths[0]) is" : "\(paths.count) of its files are"
    throw Fault(
      .notFound, "the model '\(model.name)' is known, but \(files) not here: run '\(model.command(pulling: name))'")
  }

  /// A model in whatever state it is.
  public func look(_ name: String) throws(Fault) -> Model {
    if name.contains("/") { return try entry(path: name).model.get() }
    for folder in folders {
      let versions = ((try? VersionRepository(folder).versions(of: name)) ?? []).filter(\.hasManifest)
      guard !versions.isEmpty else { continue }
      return try entry(name, versions, in: folder).model.get()
    }
    let known = folders.flatMap { models(in: $0).map(\.name) }
    let hint = Suggestion.hint(for: name, among: known)
    throw Fault(.notFound, "there is no model '\(name)'\(hint): 'ridley model list' shows those there are")
  }

  /// Reads every file of the model and compares its digest with the manifest's.
  public func verify(_ name: String) throws(Fault) -> Model {
    let model = try find(name)
    do throws(Fault) { try model.verify() } catch {
      let command = model.command(pulling: name)
      throw Fault(error.kind, "\(error.message): remove it and run '\(command)'", cause: error.cause)
    }
    return model
  }

  private func entry(path: String) throws(Fault) -> Entry {
    let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard FileSystem.kind(of: "\(folder)/\(Manifest.fileName)") == .file else {
      throw Fault(
        .notFound,
        "there is no \(Manifest.fileName) in \(folder): name the network file in it, such as model.onnx or inference.pdmodel"
      )
    }
    return Entry(name: FileSystem.name(of: folder), folder: folder, model: read(folder))
  }

  private func entry(_ name: String, _ versions: [ModelVersion], in repository: String) -> Entry {
    let folder: String
    do throws(Fault) { folder = try usual(versions, in: repository).path } catch {
      return Entry(name: name, folder: "\(repository)/\(name)", model: .failure(error))
    }
    let model = read(folder).flatMap { (model) -> Result<Model, Fault> in
      guard model.name != name else { return .success(model) }
      let message = "\(folder)/\(Manifest.fileName): its name is '\(model.name)', but its folder is called '\(name)'"
      return .failure(Fault(.badInput, "\(message): they must be the same"))
    }
    return Entry(name: name, folder: folder, model: model)
  }

  private func read(_ folder: String) -> Result<Model, Fault> {
    do throws(Fault) {
      return .success(try Model(try Manifest.read(folder), folder: folder, store: store))
    } catch { return .failure(error) }
  }

  /// Models in `folder` with the versions that have a manifest; a folder that is not there has none.
  private func models(in folder: String) -> [(name: String, versions: [ModelVersion])] {
    let models = (try? VersionRepository(folder).models()) ?? [:]
    return models.map { (name: $0, versions: $1.filter(\.hasManifest)) }.filter { !$0.versions.isEmpty }
  }

  /// The one that the alias `live` points to, else the newest.
  private func usual(_ versions: [ModelVersion], in folder: String) throws(Fault) -> ModelVersion {
    let newest = versions[versions.count - 1]
    guard versions.count > 1 else { return newest }
    let live = try VersionRepository(folder).aliases(of: newest.model)["live"]
    return versions.first { $0.version == live } ?? newest
  }
}
