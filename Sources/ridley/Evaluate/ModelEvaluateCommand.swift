import Base
import Catalog
import Evaluation
import Execution
import Inference
import Isolation
import Loading
import ModelHub
import Predictions
import Registry
import Vision

/// How right a model is, by what people say is on pictures.
struct ModelEvaluateCommand: Command {
  let path = ["model", "evaluate"]
  let summary = "Hold a model's answers against labelled pictures: mAP, top-1, F1, confusion, calibration"
  let positionals = [NamedModel.positional]
  let options: [Option] =
    [
      .value(
        "truth", "FILE|FOLDER",
        "a COCO file, a table (file,label[,x,y,w,h][,…] with a header), or a folder with a folder of pictures for each class"
      ),
      .value("images", "FOLDER", "where the pictures of a file are (default: beside the file)"),
      .value(
        "slice", "KEY", "figures by this field of the truth too: of COCO's images, a column, or 'folder' for subfolders"
      ),
      .value("map", "TRUTH=MODEL[,…]", "labels that the model calls otherwise than the truth does"),
      .value("least", "0..1", "of boxes: the least score that counts for average precision (default 0.001)"),
      .value("doubtful", "N", "write the N pictures on which the model is most wrong or unsure, for labelling"),
      .value("out", "FOLDER", "where these go: a new folder"),
      RegistryWords.by, .flag("unkept", "do not keep the figures with the version in the registry"),
      .value("device", "NAME", "where the network runs (default cpu)"),
      .flag("json", "print one JSON object with all figures"), .flag("quiet", "print nothing but errors"),
      LibraryPlace.option,
    ] + ModelOptions.all
  let examples = [
    "ridley model evaluate yolox-nano --truth val/annotations.json --images val/images",
    "ridley model evaluate inspector@3 --truth labels.csv --slice camera --library lib",
    "ridley model evaluate inspector@live --truth parts/ --doubtful 50 --out to-label",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let place = arguments["truth"] else {
      throw arguments.refusal("--truth says what is right: a COCO file, a table, or a folder of folders")
    }
    let doubtful = try doubtful(arguments)
    let least = try arguments.number("least", in: 0...1) ?? 0.001
    let file = try TruthFile(
      place, pictures: arguments["images"], slice: arguments["slice"], names: try TruthFile.names(arguments))
    let scratch = try ScratchFolder()
    defer { withExtendedLifetime(scratch) {} }
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let named = try NamedModel.find(
      arguments.positionals[0], try ModelOptions.overrides(arguments), arguments, in: scratch.path, on: engine)
    let model = try load(named.model, file.truth.kind, least, arguments, on: engine)
    let bar = ProgressBar(named.name, isQuiet: arguments.has("quiet"))
    defer { bar.clear() }
    let threshold = named.model.recipe.output.threshold
    var run = try EvaluationRun(model, file, threshold: Double(threshold))
    try run.run(bar)
    bar.clear()
    guard !run.seen.isEmpty else {
      let reason = run.failures.first.map { ": \($0.file): \($0.reason)" } ?? ""
      throw Fault(.notFound, "no picture of the truth could be looked at\(reason); --images says where they are")
    }
    let result = EvaluationResult(
      run, model, named: named, file, truth: place, slice: arguments["slice"])
    let kept = try keep(result, named, arguments)
    if let (count, folder) = doubtful {
      try DoubtfulFrames(run, result.doubts).write(count, to: folder)
    }
    try tell(result, kept, doubtful?.folder, arguments)
    return result.failures.isEmpty ? .success : .partial
  }

  private func doubtful(_ arguments: Arguments) throws(Fault) -> (count: Int, folder: String)? {
    let count = try arguments.integer("doubtful", in: 1...1_000_000)
    guard let count, let folder = arguments["out"] else {
      guard count == nil, arguments["out"] == nil else {
        throw arguments.refusal("--doubtful N and --out FOLDER go together: how many pictures, and where to")
      }
      return nil
    }
    let plain = LibraryPlace.plain(folder)
    guard FileSystem.kind(of: plain) == nil else {
      throw arguments.refusal("--out names a new folder, and \(plain) is there already")
    }
    return (count, plain)
  }

  /// With all answers that average precision, or a share of all labels, is made from.
  private func load(
    _ model: Model, _ kind: Truth.Kind, _ least: Double, _ arguments: Arguments, on engine: Engine
  ) throws(Fault) -> LoadedModel {
    var more = RecipeOverrides()
    if kind == .boxes {
      if arguments["threshold"] == nil, Double(model.recipe.output.threshold) > least { more.threshold = Float(least) }
    } else if model.recipe.task == .classification {
      if arguments["top"] == nil { more.top = min(10_000, max(1, model.recipe.labels.count)) }
      if arguments["threshold"] == nil, model.recipe.output.threshold > 0 { more.threshold = 0 }
    }
    var options = LoadOptions()
    options.device = try ModelOptions.device(arguments)
    options.isWarmed = false
    return try LoadedModel(
      try model.with(more), options: options.tuned(for: model, by: EngineCache.standard.settings), on: engine)
  }

  /// With the version in the registry; `nil` where the model is none of a registry.
  private func keep(
    _ result: EvaluationResult, _ named: NamedModel, _ arguments: Arguments
  ) throws(Fault) -> KeptResult? {
    guard let version = named.version, !arguments.has("unkept") else { return nil }
    let (registry, who) = (try RegistryWords.registry(arguments), RegistryWords.who(arguments))
    let kept = try registry.keep(
      .evaluation, of: version, by: who, summary: result.summary, document: JSONWriter.object(result.write))
    try registry.note(result.metrics, of: version.model, version: version.number, by: who)
    return kept
  }

  private func tell(
    _ result: EvaluationResult, _ kept: KeptResult?, _ folder: String?, _ arguments: Arguments
  ) throws(Fault) {
    guard !arguments.has("json") else {
      return try Terminal.print(
        JSONText.line { json in
          result.write(into: &json)
          json.field("kept", ifKnown: kept?.id.text)
          json.field("doubtful", ifKnown: folder)
        })
    }
    guard !arguments.has("quiet") else { return }
    var text = EvaluationText(result).text
    if let kept { text += "kept with version \(kept.version) of \(kept.model) as \(kept.id.text)\n" }
    if let folder { text += "doubtful pictures are in \(folder), to be corrected and given as --truth\n" }
    try Terminal.print(text)
  }
}
