import Base
import ModelHub
import Reports

/// Fetches the files that a manifest points to.
struct ModelPullCommand: Command {
  let path = ["model", "pull"]
  let summary = "Fetch a model's files from where its manifest says, and check them"
  let positionals = [
    Positional(name: "name", help: "a model of 'ridley model list'", isRequired: false, repeats: true)
  ]
  let options = [
    Option.value("models", "FOLDER", "look for models in this folder first"),
    Option.value("mirror", "FOLDER|ADDRESS", "fetch from here instead: works without the network"),
    Option.flag("all", "every model of the list that is not here yet"),
    Option.flag("quiet", "print nothing but errors"),
  ]
  let examples = [
    "ridley model pull yolox-nano", "ridley model pull yolox-nano --mirror /mnt/models", "ridley model pull --all",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let hub = try Hub.standard(models: arguments["models"])
    guard arguments.positionals.isEmpty == arguments.has("all") else {
      throw arguments.refusal("say which models, or --all")
    }
    Interrupt.watch()
    guard arguments.has("all") else {
      for name in arguments.positionals { try pull(name, of: hub, arguments) }
      return .success
    }
    return try pullAll(of: hub, arguments)
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
