import Base
import Catalog
import Fleet
import Library
import Objects
import Registry
import Rollouts
import Updates

/// What the commands about updates of a fleet have in common.
enum FleetWords {
  static let canary = Option.value(
    "canary", "SHARE,…", "shares of the nodes that have it one after the other, then all (default: all at once)")
  static let every = Option.value("every", "TIME", "how long each share lasts at least before the next (default 10m)")
  static let rule = Option.value(
    "rule", "RULE",
    "what must hold of the nodes that have it, such as 'errors == 0 and p95 < 1.2x' (docs/rollouts.md); x needs --canary"
  )
  static let patience = Option.value(
    "patience", "TIME", "how long a node may be silent before it is not waited for (default 15m)")

  static func plan(_ arguments: Arguments) throws(Fault) -> UpdatePlan {
    var stages: [Double] = []
    for part in arguments["canary"]?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
      guard let share = RolloutAsk.share(String(part)) else {
        throw arguments.refusal("--canary takes shares such as 5% or .05, not '\(part)'")
      }
      stages.append(share)
    }
    if stages.last != 1 { stages.append(1) }
    let every = try arguments.seconds("every") ?? 600
    let patience = try arguments.seconds("patience").map { Int($0 * 1000) } ?? UpdatePlan.usualPatience
    return try UpdatePlan(
      stages: stages, every: Int(every * 1000),
      rule: try arguments["rule"].map { (text) throws(Fault) in try RuleText.read(text) }, patience: patience)
  }

  static func target(_ arguments: Arguments) throws(Fault) -> UpdateTarget {
    switch (arguments["group"], arguments["node"]) {
    case (nil, nil): .fleet
    case (let group?, nil): .group(group)
    case (nil, let node?): .node(node)
    default: throw arguments.refusal("an update is for a group, or for a node, and not for both")
    }
  }

  static func tell(_ update: FleetUpdate, _ arguments: Arguments) throws(Fault) -> ExitCode {
    try Terminal.print(
      arguments.has("json")
        ? JSONText.line(update.write)
        : "update \(update.version) (\(update.what.joined(separator: ", "))) is \(update.state.rawValue) for the \(update.target.text): 'ridley fleet updates \(update.version)' tells how it goes\n"
    )
    return .success
  }
}

/// Begins an update of nodes.
struct FleetUpdateCommand: Command {
  let path = ["fleet", "update"]
  let summary = "Update models, pipelines or the program of nodes, step by step, and back by itself where it is bad"
  let positionals: [Positional] = []
  let options: [Option] =
    [
      .value(
        "models", "MODEL@VERSION[,…]", "versions of the library's registry: a number, an alias such as live, a digest"),
      .value("pipelines", "PATH", "a pipeline, or a folder of them: the nodes have these from then on, and no others"),
      .value("program", "FILE", "a 'ridley' for the nodes' machines; what is in it says its version"),
      .value("group", "NAME", "only nodes of this group"), .value("node", "NAME", "only this node"),
      FleetWords.canary, FleetWords.every, FleetWords.rule, FleetWords.patience,
      .value("health", "TIME", "how long a node has to be well with it before it stays (default 1m)"),
      .value("within", "TIME", "how long that may take before the node goes back (default 10m)"),
      FleetSigner.sign, FleetSigner.unsigned, FleetHandIn.bundle, FleetHandIn.signature, RegistryWords.by,
      RegistryWords.json, LibraryPlace.option,
    ] + RemotePlace.options
  let examples = [
    "ridley fleet update --models inspector@live --group west --canary 5% --sign key.pem",
    "ridley fleet update --program ./ridley --canary 5%,25% --rule 'errors == 0' --sign key.pem",
    "ridley fleet update --bundle bundle.txt --signature bundle.sig --server https://centre",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    if let handIn = try FleetHandIn(arguments) { return try handIn.begin(arguments) }
    let (signer, plan, target) = (
      try FleetSigner(arguments), try FleetWords.plan(arguments), try FleetWords.target(arguments)
    )
    let library = try LibraryPlace.open(arguments)
    let book = UpdateBook(library)
    let (centre, version) = try book.next()
    let asked = try models(arguments, ModelRegistry(library))
    let pipelines = try arguments["pipelines"].map { (path) throws(Fault) in
      try SentPipelines.read(path, registered: try ModelRegistry(library).models())
    }
    // Held until the update is written down.
    var held: StoredObject?
    defer { withExtendedLifetime(held) {} }
    var program: Bundle.Program?
    if let file = arguments["program"] {
      let found = try ProgramFile(file).program
      held = try library.put(file: file, digest: found.blob.sha256)
      program = found
    }
    let health = Bundle.Health(
      seconds: Int(try arguments.seconds("health") ?? 60), patience: Int(try arguments.seconds("within") ?? 600))
    let bundle = Bundle(
      centre: centre, version: version, issued: library.now, target: target, models: asked.map(\.model),
      pipelines: pipelines,
      program: program, health: health)
    guard !bundle.parts.isEmpty else {
      throw arguments.refusal("say what is to be updated: --models, --pipelines or --program")
    }
    let what =
      asked.map(\.what) + (pipelines == nil ? [] : ["pipelines"])
      + [program.map { "program \($0.version) (\($0.architecture))" }].compactMap(\.self)
    return try signer.begin(bundle, for: target, plan, what: what, in: book, arguments)
  }

  /// Versions with what people call them: an alias stands behind the number that it was.
  private func models(
    _ arguments: Arguments, _ registry: ModelRegistry
  ) throws(Fault) -> [(model: Bundle.Model, what: String)] {
    var models: [(model: Bundle.Model, what: String)] = []
    for part in arguments["models"]?.split(separator: ",") ?? [] {
      let words = part.split(separator: "@", maxSplits: 1).map(String.init)
      guard words.count == 2 else {
        throw arguments.refusal("'\(part)' names no version: say which one, such as \(part)@live")
      }
      let version = try registry.find(words[1], of: words[0])
      let isAlias = try registry.alias(words[1], of: words[0])?.to != nil
      guard !models.contains(where: { $0.model.name == words[0] && $0.model.alias == (isAlias ? words[1] : "live") })
      else {
        throw arguments.refusal("'\(words[0])' stands twice in --models")
      }
      let what = "\(words[0])@\(version.number)" + (isAlias ? " (\(words[1]))" : "")
      models.append((try model(version, alias: isAlias ? words[1] : "live", registry), what))
    }
    return models
  }

  private func model(
    _ version: RegisteredVersion, alias: String, _ registry: ModelRegistry
  ) throws(Fault) -> Bundle.Model {
    let library = registry.library
    let blob = { (digest: String) throws(Fault) in
      Bundle.Blob(digest, byteCount: try library.open(digest).byteCount)
    }
    let examples = try registry.examples(of: version.model, version: version.number).map { (set) throws(Fault) in
      Bundle.Examples(
        inputs: try blob(set.inputs), answers: try blob(set.answers), count: set.count, computation: set.computation)
    }
    return Bundle.Model(
      name: version.model, alias: alias, digest: version.digest, task: version.task,
      manifest: try blob(version.manifest),
      files: version.files.map { Bundle.File($0.path, Bundle.Blob($0.object, byteCount: $0.byteCount)) },
      examples: examples)
  }
}
