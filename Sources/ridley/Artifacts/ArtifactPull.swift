import Base
import Catalog
import ModelHub
import OCI
import Registry
import Reports

/// One model of a container registry, pulled into a folder of models or into a library.
struct ArtifactPull {
  private let reference: ImageReference
  private let hub: Hub
  private let arguments: Arguments
  private let name: String?
  private let isQuiet: Bool

  init(_ reference: ImageReference, _ hub: Hub, _ arguments: Arguments) throws(Fault) {
    (self.reference, self.hub, self.arguments) = (reference, hub, arguments)
    name = arguments["as"]
    isQuiet = arguments.has("quiet")
    if let name, !NameGrammar.isModelName(name) {
      throw arguments.refusal(
        "'\(name)' is not a model's name, expected small letters, digits, '.', '_' or '-', e.g. yolox-nano")
    }
  }

  /// The folder of models that it goes to.
  private var models: String { LibraryPlace.plain(arguments["models"] ?? "models") }

  func run() throws(Fault) {
    let client = try ArtifactOptions.client(reference, for: .pull, arguments)
    let pull = try ModelPull(with: client)
    let isForLibrary = arguments["library"] != nil
    // What cannot be kept is not fetched first.
    let wanted = name ?? pull.manifest.annotations["org.opencontainers.image.title"]
    if !isForLibrary, let wanted, let known = try known(pull, as: wanted) {
      return try tell(pull, known, version: nil, isNew: false)
    }
    let registry = isForLibrary ? try RegistryWords.registry(arguments, makes: true) : nil
    let mark = pull.digest.prefix(16)
    let staging = isForLibrary ? "\(hub.store)/pulls/\(mark)" : "\(models)/.pull-\(mark)"
    let bar = ProgressBar(reference.text, isQuiet: isQuiet || arguments.has("json"))
    defer { bar.clear() }
    let folder = try pull.fetch(into: staging) { progress in
      let share = progress.total > 0 ? Double(progress.received) / Double(progress.total) : nil
      bar.show(share: share, detail: "\(progress.title), \(NumberFormat.measure(Double(progress.received) / 1e6)) MB")
    }
    bar.clear()
    let model = try model(in: folder, pull)
    if let registry {
      var draft = ModelRegistry.Draft(by: "owner")
      (draft.name, draft.origin.source) = (name, "\(reference.registry)/\(reference.repository)@sha256:\(pull.digest)")
      let (version, isNew) = try registry.publish(model, draft)
      try tell(pull, model, version: version, isNew: isNew)
    } else {
      // Another pull may have brought it meanwhile.
      if let known = try known(pull, as: name ?? model.name) {
        try tell(pull, known, version: nil, isNew: false)
      } else {
        try tell(pull, try move(folder, model), version: nil, isNew: true)
      }
    }
    FileSystem.removeTree(staging)
  }

  /// The model that stands where this one is to go, and is the same; `nil` where nothing stands there.
  private func known(_ pull: ModelPull, as name: String) throws(Fault) -> Model? {
    guard NameGrammar.isModelName(name), FileSystem.kind(of: "\(models)/\(name)") != nil else { return nil }
    let place = "\(models)/\(name)"
    if let digest = pull.manifest.annotations[ArtifactManifest.modelDigest],
      let manifest = try? Manifest.read(place),
      let model = try? Model(manifest, folder: place, store: hub.store).identified(cache: nil), model.digest == digest
    {
      return model
    }
    throw taken(place)
  }

  private func taken(_ place: String) -> Fault {
    Fault(.conflict, "\(place) is there already, and is another model: name this one with --as, or remove that one")
  }

  /// What came, as a model that is whole.
  private func model(in folder: String, _ pull: ModelPull) throws(Fault) -> Model {
    do throws(Fault) {
      let manifest = try Manifest.read(folder)
      let titles = Set(pull.manifest.layers.map { Array($0.title.utf8) })
      if let file = manifest.files.first(where: { !titles.contains(Array($0.path.utf8)) }) {
        throw Fault(.badInput, "its manifest names the file \(file.path), which is not in the registry")
      }
      let model = try Model(manifest, folder: folder, store: folder).identified(cache: nil)
      if let said = pull.manifest.annotations[ArtifactManifest.modelDigest], said != model.digest {
        throw Fault(.badInput, "it says that it is the model \(said), and is \(model.digest)")
      }
      return model
    } catch {
      // The bytes are those that the registry has: to fetch them again would not help.
      FileSystem.removeTree(FileSystem.folder(of: folder))
      throw Fault(error.kind, "\(reference.text) is no model that can be used: \(error.message)", cause: error.cause)
    }
  }

  private func move(_ folder: String, _ model: Model) throws(Fault) -> Model {
    var manifest = model.manifest
    manifest.name = name ?? model.name
    if name != nil {
      try FileSystem.write(Array(manifest.text.utf8), to: "\(folder)/\(Manifest.fileName)", isDurable: true)
    }
    let target = "\(models)/\(manifest.name)"
    guard FileSystem.kind(of: target) == nil else { throw taken(target) }
    try FileSystem.move(folder, to: target)
    try FileSystem.sync(folder: models)
    return try Model(try Manifest.read(target), folder: target, store: target)
  }

  private func tell(
    _ pull: ModelPull, _ model: Model, version: RegisteredVersion?, isNew: Bool
  ) throws(Fault) {
    let place = "\(reference.registry)/\(reference.repository)@sha256:\(pull.digest)"
    if arguments.has("json") {
      return try Terminal.print(
        JSONText.line { json in
          json.field("reference", place)
          json.field("model", version?.model ?? model.name)
          json.field("digest", model.digest)
          json.field("bytes", pull.byteCount)
          json.field("version", ifKnown: version?.number)
          json.field("folder", ifKnown: version == nil ? model.folder : nil)
          json.field("new", isNew)
        })
    }
    guard !isQuiet else { return }
    if let version {
      try Terminal.print(
        "\(isNew ? "published" : "known as ") \(version.model) \(version.number) (\(version.digest)), from \(place)\n")
    } else {
      try Terminal.print(
        "\(model.name) is \(isNew ? "ready" : "here already"): \(model.folder) (\(model.digest)), from \(place)\n")
    }
  }
}
