import Base
import Catalog
import ModelHub
import OCI
import Registry
import Reports

/// A model becomes an artefact of a container registry.
struct ModelPushCommand: Command {
  let path = ["model", "push"]
  let summary = "Put a model into a container registry, where others pull it"
  let positionals = [
    Positional(
      name: "model", help: "a model of 'ridley model list', its folder, or NAME@VERSION of the library's registry"),
    Positional(name: "reference", help: "where to: HOST[:PORT]/REPOSITORY:TAG"),
  ]
  let options =
    [
      Option.value("models", "FOLDER", "look for models in this folder first"),
      Option.value("from", "REPOSITORY", "take files over from this repository of the same registry where it has them"),
      Option.flag("quiet", "print nothing but errors"), LibraryPlace.option,
    ] + ArtifactOptions.all
  let examples = [
    "ridley model push yolox-nano localhost:5000/vision/yolox-nano:1",
    "ridley model push inspector@live registry.example.com/vision/inspector:3 --from vision/base",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (word, place) = (arguments.positionals[0], arguments.positionals[1])
    let reference = try ImageReference(place)
    let scratch = try ScratchFolder()
    defer { withExtendedLifetime(scratch) {} }
    let (model, number) = try find(word, scratch, arguments)
    let artifact = try artifact(model, number)
    Interrupt.watch()
    let client = try ArtifactOptions.client(reference, for: .push, arguments)
    let isQuiet = arguments.has("quiet") || arguments.has("json")
    let bar = ProgressBar(model.name, isQuiet: isQuiet)
    defer { bar.clear() }
    let pushed = try artifact.push(with: client) { progress in
      let share = progress.total > 0 ? Double(progress.sent) / Double(progress.total) : nil
      bar.show(share: share, detail: "\(progress.title), \(NumberFormat.measure(Double(progress.sent) / 1e6)) MB")
    }
    bar.clear()
    try tell(pushed, model, reference, arguments)
    return .success
  }

  /// The model as it is published: with every digest, and nothing that only holds here.
  private func find(
    _ word: String, _ scratch: ScratchFolder, _ arguments: Arguments
  ) throws(Fault) -> (Model, number: Int?) {
    let parts = word.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 || arguments["library"] != nil else {
      let model = try Hub.standard(models: arguments["models"]).find(word)
      return (try model.identified(cache: nil).published(as: model.name), nil)
    }
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.find(parts.count == 2 ? parts[1] : "live", of: parts[0])
    let folder = "\(scratch.path)/\(version.model)"
    try registry.lay(version, into: folder)
    let model = try Model(try Manifest.read(folder), folder: folder, store: folder).identified(cache: nil)
    guard model.digest == version.digest else {
      throw Fault(
        .badInput,
        "version \(version.number) of '\(version.model)' has the digest \(model.digest) by now, not \(version.digest)")
    }
    return (model, version.number)
  }

  private func artifact(_ model: Model, _ number: Int?) throws(Fault) -> ModelArtifact {
    var files: [ModelArtifact.File] = []
    for file in model.manifest.files {
      let path = model.path(of: file)
      guard let digest = file.sha256 else { throw Fault(.bug, "\(file.path) has no digest although it was published") }
      files.append(
        ModelArtifact.File(
          title: file.path, path: path, digest: digest, byteCount: try FileSystem.byteCount(of: path)))
    }
    let known = [
      "title": model.name, "description": model.manifest.summary, "licenses": model.manifest.license,
      "source": model.manifest.source, "version": number.map(String.init),
    ]
    var annotations = [ArtifactManifest.modelDigest: model.digest]
    for (key, value) in known where value?.isEmpty == false { annotations["org.opencontainers.image.\(key)"] = value }
    return try ModelArtifact(manifest: Array(model.manifest.text.utf8), files: files, annotations: annotations)
  }

  private func tell(
    _ pushed: ModelArtifact.Pushed, _ model: Model, _ reference: ImageReference, _ arguments: Arguments
  ) throws(Fault) {
    let place = "\(reference.registry)/\(reference.repository)@sha256:\(pushed.digest)"
    if arguments.has("json") {
      return try Terminal.print(
        JSONText.line { json in
          json.field("reference", place)
          json.field("model", model.name)
          json.field("digest", model.digest)
          json.field("bytes", pushed.byteCount)
          json.field("sent", pushed.sent)
          json.field("known", pushed.known)
          json.field("mounted", pushed.mounted)
        })
    }
    guard !arguments.has("quiet") else { return }
    let taken = pushed.mounted > 0 ? ", \(pushed.mounted) taken over" : ""
    try Terminal.print(
      "pushed \(model.name) (\(model.digest)), \(Units.text(bytes: pushed.byteCount)): \(pushed.sent) \(pushed.sent == 1 ? "blob" : "blobs") sent, \(pushed.known) there before\(taken)\n\(place)\n"
    )
  }
}
