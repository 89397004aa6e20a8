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
    Positional(name: "model", help: "a model of 'ridley model list', its folder, or a network file")
  ]
  let options =
    [
      Option.value("as", "NAME", "its name in the registry (default: that of its manifest)"),
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
    let word = arguments.positionals[0]
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let model = try ModelOptions.resolver(arguments, on: engine).find(word, try ModelOptions.overrides(arguments))
    let isFile = ModelResolver.networkFile(word) != nil
    var draft = ModelRegistry.Draft(by: RegistryWords.who(arguments))
    draft.name = arguments["as"] ?? (isFile ? ModelAddCommand.name(of: word) : nil)
    draft.card = try arguments["card"].map { (file) throws(Fault) in try FileSystem.read(file, limit: 1 << 20) }
    (draft.origin.run, draft.origin.data) = (arguments["run"], arguments["data"])
    (draft.origin.parent, draft.origin.source) = (arguments["parent"], word)
    let registry = try RegistryWords.registry(arguments, makes: true)
    let (version, isNew) = try registry.publish(model, draft)
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          version.write(into: &json)
          json.field("new", isNew)
        })
    } else {
      let name = "\(version.model) \(version.number)"
      try Terminal.print(
        "\(isNew ? "published" : "known as ") \(name) (\(version.digest)), \(version.files.count) \(version.files.count == 1 ? "file" : "files"), \(Units.text(bytes: version.byteCount))\n"
      )
    }
    return .success
  }
}
