import Base
import Catalog
import Inference
import Loading
import ModelHub
import Registry

/// A model of a folder becomes a version of the registry.
struct ModelPublishCommand: Command {
  let path = ["model", "publish"]
  let summary = "Keep a model as the next version of its name, which never changes again"
  let positionals = [
    Positional(name: "model", help: "a model of 'ridley model list', its folder, or a network file", isRequired: false)
  ]
  let options =
    [
      Option.value("as", "NAME", "its name in the registry (default: that of its manifest)"),
      Option.value("from", "FOLDER", "take the network of a model that MLflow keeps in this folder"),
      ExampleFolder.option,
      Option.value("sign", "KEY.pem", "sign it with this private key (Ed25519)"),
      Option.value("card", "FILE", "a text that people should read about it"),
      Option.value("run", "TEXT", "the training run that it comes from"),
      Option.value("data", "TEXT", "the data that it was trained on"),
      Option.value("parent", "TEXT", "the version that it was made of"),
      RegistryWords.by, RegistryWords.json, LibraryPlace.option,
    ] + ModelOptions.all
  let examples = [
    "ridley model publish yolox-nano",
    "ridley model publish net.onnx --as inspector --labels parts.txt --run 2026-11-27/3",
  ]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard (arguments.positionals.first == nil) != (arguments["from"] == nil) else {
      throw arguments.refusal("say which model: a name, a folder or a file, or --from with a folder of MLflow's")
    }
    let key = try arguments["sign"].map { (file) throws(Fault) in try RegistryWords.privateKey(file) }
    let inputs = try arguments["examples"].map { (folder) throws(Fault) in try ExampleFolder.read(folder) }
    let mlflow = try arguments["from"].map { (folder) throws(Fault) in try MLflowFolder(LibraryPlace.plain(folder)) }
    let word = arguments.positionals.first ?? mlflow?.network ?? ""
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let model = try ModelOptions.resolver(arguments, on: engine).find(word, try ModelOptions.overrides(arguments))
    let registry = try RegistryWords.registry(arguments, makes: true)
    let draft = try draft(arguments, word, mlflow)
    let (version, isNew) = try registry.publish(model, draft)
    let place = "version \(version.number) of '\(version.model)' is \(isNew ? "published" : "there")"
    if let key {
      do throws(Fault) { _ = try registry.sign(version, with: key, by: draft.by) } catch {
        throw Fault(error.kind, "\(place), and is not signed: \(error.message)", cause: error.cause)
      }
    }
    if let inputs {
      do throws(Fault) { _ = try ExampleFolder.record(inputs, of: version, in: registry, by: draft.by) } catch {
        throw Fault(
          error.kind,
          "\(place), and its inputs are not recorded ('ridley model record' does that later): \(error.message)",
          cause: error.cause)
      }
    }
    try tell(version, isNew, arguments)
    return .success
  }

  private func draft(_ arguments: Arguments, _ word: String, _ mlflow: MLflowFolder?) throws(Fault)
    -> ModelRegistry.Draft
  {
    var draft = ModelRegistry.Draft(by: RegistryWords.who(arguments))
    draft.name = arguments["as"] ?? (ModelResolver.networkFile(word) != nil ? ModelAddCommand.name(of: word) : nil)
    draft.card = try arguments["card"].map { (file) throws(Fault) in try FileSystem.read(file, limit: 1 << 20) }
    (draft.origin.run, draft.origin.data) = (arguments["run"] ?? mlflow?.run, arguments["data"])
    (draft.origin.parent, draft.origin.source) = (arguments["parent"], arguments["from"] ?? word)
    draft.origin.schema = mlflow?.schema
    return draft
  }

  private func tell(_ version: RegisteredVersion, _ isNew: Bool, _ arguments: Arguments) throws(Fault) {
    guard !arguments.has("json") else {
      return try Terminal.print(
        JSONText.line { json in
          version.write(into: &json)
          json.field("new", isNew)
        })
    }
    let files = "\(version.files.count) \(version.files.count == 1 ? "file" : "files")"
    try Terminal.print(
      "\(isNew ? "published" : "known as ") \(version.model) \(version.number) (\(version.digest)), \(files), \(Units.text(bytes: version.byteCount))\n"
    )
  }
}
