import Base
import Catalog
import Execution
import Inference
import Library
import Loading
import ModelHub
import Objects
import Predictions
import Registry
import Vision

/// Finds out what a trial is of: both versions, loaded once, and every file, with what the library has kept of the older one's answers.
struct TrialPlanner {
  let arguments: Arguments
  /// Where versions are laid out and answers are kept.
  let work: String
  let sampling: Sampling

  /// Tasks whose answers can be told apart item by item.
  private static let tasks: Set<ModelTask> = [.detection, .classification, .pose]

  func plan() throws(Fault) -> TrialPlan {
    guard let on = arguments["on"] else {
      throw arguments.refusal("--on says what both versions look at: \(TrialFootage.help)")
    }
    let footage = try TrialFootage([on] + arguments.positionals.dropFirst(), arguments, besides: work)
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let overrides = try ModelOptions.overrides(arguments)
    let newer = try NamedModel.find(arguments.positionals[0], overrides, arguments, in: "\(work)/versions", on: engine)
    let older = try NamedModel.find(try against(newer), overrides, arguments, in: "\(work)/versions", on: engine)
    guard older.model.digest != newer.model.digest else {
      throw Fault(
        .usage,
        "\(older.name) and \(newer.name) are the same (\(newer.model.digest.prefix(19))): there is nothing to try")
    }
    let (one, two) = (try load(older.model, engine), try load(newer.model, engine))
    for model in [one, two] {
      guard Self.tasks.contains(model.recipe.task) else {
        throw Fault(
          .unsupported,
          "\(model.name) is for \(model.recipe.task.rawValue), and versions are tried for detection, classification and pose"
        )
      }
    }
    guard one.recipe.task == two.recipe.task else {
      throw Fault(
        .badInput,
        "\(older.name) is for \(one.recipe.task.rawValue) and \(newer.name) for \(two.recipe.task.rawValue): they cannot be compared"
      )
    }
    var seen: Set<String> = []
    let plan = TrialPlan(
      older: side(older, one), newer: side(newer, two),
      labels: (one.recipe.labels + two.recipe.labels).filter { seen.insert($0).inserted }, files: footage.files,
      notes: footage.notes, version: newer.version?.number)
    try takeKept(footage, plan, one)
    return plan
  }

  private func load(_ model: Model, _ engine: Engine) throws(Fault) -> LoadedModel {
    try TrialLoading(arguments).load(model, on: engine)
  }

  /// The word for the older one: another version of the same model, or any model.
  private func against(_ newer: NamedModel) throws(Fault) -> String {
    let word = arguments["against"]
    guard let version = newer.version else {
      guard let word else {
        throw arguments.refusal("\(newer.name) is in no registry: --against names the model that it is held against")
      }
      return word
    }
    guard let word else { return "\(version.model)@live" }
    let isOther = word.contains("@") || word.contains("/") || FileSystem.kind(of: word) != nil
    return isOther ? word : "\(version.model)@\(word)"
  }

  private func side(_ named: NamedModel, _ loaded: LoadedModel) -> TrialPlan.Side {
    let pipeline = LoadedPipeline(loaded, sampling: sampling).digest
    return TrialPlan.Side(
      name: named.name, digest: named.model.digest,
      word: named.version == nil ? word(of: named) : named.model.folder,
      key: "\(pipeline) \(loaded.engine) \(loaded.precision) \(loaded.device)")
  }

  private func word(of named: NamedModel) -> String {
    let words = [arguments.positionals[0], arguments["against"] ?? ""]
    return words.first { ModelResolver.networkFile($0) == named.model.networkPath } ?? named.model.folder
  }

  /// Analyses of assets by the older version over the same frames need not be made again.
  ///
  /// Only what the same engine answered: another one's answers differ where nothing of the model does.
  private func takeKept(_ footage: TrialFootage, _ plan: TrialPlan, _ older: LoadedModel) throws(Fault) {
    guard !footage.assets.isEmpty, !arguments.has("anew") else { return }
    let pipeline = LoadedPipeline(older, sampling: sampling).digest
    let engine = "\(older.engine) \(older.device) \(older.precision)"
    let library = try LibraryPlace.open(arguments)
    let answers = TrialAnswers(folder: work)
    for (place, asset) in footage.assets.sorted(by: { $0.key < $1.key }) {
      let file = plan.files[place]
      guard try answers.facts(plan.older, file) == nil,
        let analysis = try library.analyses(of: asset).first(where: { $0.pipeline == pipeline && $0.engine == engine })
      else { continue }
      let reader = try library.open(analysis.predictions)
      _ = try answers.keep(plan.older, file) { (sink) throws(Fault) in
        var place = 0
        while place < reader.byteCount {
          let block = try reader.read(place..<min(place + 1 << 20, reader.byteCount))
          guard !block.isEmpty else { throw Fault(.badInput, "the object \(analysis.predictions) was cut short") }
          try sink.write(block)
          place += block.count
        }
        return TrialAnswers.Facts(frames: analysis.framesAnalyzed, seconds: nil)
      }
    }
  }
}

/// How both versions are loaded, in every process alike.
struct TrialLoading {
  private let arguments: Arguments

  init(_ arguments: Arguments) { self.arguments = arguments }

  func load(_ model: Model, on engine: Engine) throws(Fault) -> LoadedModel {
    var options = LoadOptions()
    options.device = try ModelOptions.device(arguments)
    options.isWarmed = false
    // One stream in each process: the same answers however many processes there are.
    return try LoadedModel(model, options: options.ofOneStream, on: engine)
  }

  func load(_ side: TrialPlan.Side, on engine: Engine) throws(Fault) -> LoadedModel {
    let model = try ModelOptions.resolver(arguments, on: engine).find(
      side.word, try ModelOptions.overrides(arguments))
    guard model.digest == side.digest else {
      throw Fault(.badInput, "\(side.name) was changed while it was tried: try it again")
    }
    return try load(model, on: engine)
  }
}
