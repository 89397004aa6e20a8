import Base
import ModelHub
import OCI
import Reports

/// Fetches the files that a manifest points to, or a whole model from a container registry.
struct ModelPullCommand: Command {
  let path = ["model", "pull"]
  let summary = "Fetch a model's files from where its manifest says, or a model from a registry, and check them"
  let positionals = [
    Positional(
      name: "name", help: "a model of 'ridley model list', or one in a registry: HOST/REPOSITORY:TAG or …@sha256:…",
      isRequired: false, repeats: true)
  ]
  let options =
    [
      Option.value(
        "models", "FOLDER", "look for models in this folder first; from a registry: put it there (default models)"),
      Option.value("mirror", "FOLDER|ADDRESS", "fetch from here instead: works without the network"),
      Option.flag("all", "every model of the list that is not here yet"),
      Option.flag("quiet", "print nothing but errors"),
      Option.value("as", "NAME", "from a registry: its name here (default: that of its manifest)"),
      Option.value(
        "library", "DIR",
        "from a registry: keep it as the next version of its name in this library, and not in a folder"),
    ] + ArtifactOptions.all
  let examples = [
    "ridley model pull yolox-nano", "ridley model pull yolox-nano --mirror /mnt/models", "ridley model pull --all",
    "ridley model pull registry.example.com/vision/inspector:3 --library /data/library",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let hub = try Hub.standard(models: arguments["models"])
    guard arguments.positionals.isEmpty == arguments.has("all") else {
      throw arguments.refusal("say which models, or --all")
    }
    if arguments.has("all") { try check(0, arguments) }
    Interrupt.watch()
    guard arguments.has("all") else {
      let references = arguments.positionals.filter(ImageReference.isMeant)
      try check(references.count, arguments)
      for name in arguments.positionals {
        if ImageReference.isMeant(by: name) {
          try ArtifactPull(ImageReference(name), hub, arguments).run()
        } else {
          try pull(name, of: hub, arguments)
        }
      }
      return .success
    }
    return try pullAll(of: hub, arguments)
  }

  /// What says something of models in registries alone goes with nothing else.
  private func check(_ count: Int, _ arguments: Arguments) throws(Fault) {
    let said =
      ["as", "library", "ca"].first { arguments[$0] != nil } ?? ["plain-http", "json"].first(where: arguments.has)
    if let said, count < max(1, arguments.positionals.count) {
      throw arguments.refusal("--\(said) is for models of a registry: HOST/REPOSITORY:TAG")
    }
    if arguments["as"] != nil, count > 1 {
      throw arguments.refusal("--as names one model, and \(count) are to be pulled")
    }
    if arguments["mirror"] != nil, count > 0 { throw arguments.refusal("--mirror is not for models of a registry") }
  }

  /// One that cannot be had does not keep the others away.
  private func pullAll(of hub: Hub, _ arguments: Arguments) throws(Fault) -> ExitCode {
    var failures: [Fault] = []
    let names = hub.list().compactMap { entry -> String? in
      guard case .success(let model) = entry.model, !model.isReady else { return nil }
      return entry.name
    }
    for name in names {
      do throws(Fault) { try pull(name, of: hub, arguments) } catch {
        guard error.kind != .closed, error.kind != .exhausted else { throw error }
        Terminal.complain(of: error.at(name))
        failures.append(error)
      }
    }
    guard let first = failures.first else {
      if names.isEmpty, !arguments.has("quiet") { try Terminal.print("every model of the list is here\n") }
      return .success
    }
    Terminal.complain("ridley: \(failures.count) of \(names.count) models could not be fetched\n")
    return failures.count == names.count ? ExitCode(first.kind) : .partial
  }

  private func pull(_ name: String, of hub: Hub, _ arguments: Arguments) throws(Fault) {
    let isQuiet = arguments.has("quiet")
    let bar = ProgressBar(name, isQuiet: isQuiet)
    defer { bar.clear() }
    let model = try hub.pull(name, mirror: arguments["mirror"]) { progress in
      let share = progress.total.flatMap { $0 > 0 ? Double(progress.received) / Double($0) : nil }
      bar.show(share: share, detail: "\(progress.path), \(NumberFormat.measure(Double(progress.received) / 1e6)) MB")
      return !Interrupt.isAsked
    }
    bar.clear()
    if !isQuiet { try Terminal.print("\(name) is ready: \(model.filesFolder) (\(model.digest))\n") }
  }
}
