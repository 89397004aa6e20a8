import Analysis
import Base
import Execution
import Inference
import Loading
import ModelHub
import Predictions
import Vision

/// Writes the manifest of a network: what its file says, what is said here, and nothing that is in doubt.
struct ModelAddCommand: Command {
  let path = ["model", "add"]
  let summary = "Give a network a name: write its manifest, and try it on a picture"
  let positionals = [Positional(name: "network", help: "a network file, or the folder of a SavedModel")]
  let options =
    [
      Option.value("as", "NAME", "what it is called (default: after its file)"),
      Option.value("into", "FOLDER", "the folder of models that it is added to (default models)"),
      Option.value("picture", "FILE", "try it on this picture first, and show what it sees"),
      Option.value("summary", "TEXT", "one sentence about it"),
    ] + ModelOptions.all
  let examples = [
    "ridley model add net.onnx --picture street.jpg",
    "ridley model add net.onnx --as gears --labels gears.txt --normalize unit",
  ]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let file = arguments.positionals[0]
    guard ModelResolver.networkFile(file) != nil else {
      throw Fault(.notFound, "there is no network file \(file)")
    }
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let model = try ModelOptions.resolver(arguments, on: engine).find(file, try ModelOptions.overrides(arguments))
    // What cannot run, or is contradicted by its own answer, gets no name.
    let loaded = try LoadedModel(model, on: engine)
    if let picture = arguments["picture"] { try show(picture, loaded) }
    let name = arguments["as"] ?? Self.name(of: file)
    let added = try model.add(
      as: name, summary: arguments["summary"] ?? "Added from \(FileSystem.name(of: file)).",
      into: arguments["into"] ?? "models")
    try Terminal.print(
      "added     \(added.folder)/\(Manifest.fileName) (\(added.digest))\ntask      \(added.recipe.task.rawValue), decoder \(added.recipe.output.decoder.rawValue)\nuse it    ridley analyze FILE --model \(arguments["into"] == nil ? name : added.folder)\n"
    )
    return .success
  }

  /// What it sees on one picture, best first.
  private func show(_ picture: String, _ model: LoadedModel) throws(Fault) {
    var seen: [Prediction] = []
    let analyzer = try Analyzer(picture, pipeline: LoadedPipeline(model, sampling: .all))
    _ = try analyzer.run { (_, _, predictions) throws(Fault) in
      if seen.isEmpty { seen = predictions }
    }
    var text = "sees      \(seen.isEmpty ? "nothing" : "")"
    text += seen.prefix(10).map { Self.line($0) }.joined(separator: "\n          ") + "\n"
    if seen.count > 10 { text += "          and \(seen.count - 10) more\n" }
    try Terminal.print(text)
  }

  private static func line(_ prediction: Prediction) -> String {
    var words = [prediction.text.map { "'\($0)'" } ?? prediction.label ?? prediction.kind.rawValue]
    if let score = prediction.score { words.append("\((score * 100).rounded() / 100)") }
    if let box = prediction.box {
      let sides = [box.x, box.y, box.width, box.height].map { "\(($0 * 1000).rounded() / 1000)" }
      words.append("[\(sides.joined(separator: ", "))]")
    }
    return words.joined(separator: " ")
  }

  /// A name after the file: small letters, digits and what may stand between them.
  static func name(of file: String) -> String {
    let name = FileSystem.name(of: file)
    let stem = name.split(separator: ".").dropLast().joined(separator: ".")
    let letters = (stem.isEmpty ? name : stem).lowercased().map { character in
      character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character)) ? character : "-"
    }
    return String(String(letters).drop { "._-".contains($0) }.prefix(80))
  }
}
