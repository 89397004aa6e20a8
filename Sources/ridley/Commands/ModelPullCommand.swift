import Base
import ModelHub
import Reports

/// Fetches the files that a manifest points to.
struct ModelPullCommand: Command {
  let path = ["model", "pull"]
  let summary = "Fetch a model's files from where its manifest says, and check them"
  let positionals = [Positional(name: "name", help: "a model of 'ridley model list'", repeats: true)]
  let options = [
    Option.value("models", "FOLDER", "look for models in this folder first"),
    Option.value("mirror", "FOLDER|ADDRESS", "fetch from here instead: works without the network"),
    Option.flag("quiet", "print nothing but errors"),
  ]
  let examples = ["ridley model pull yolox-nano", "ridley model pull yolox-nano --mirror /mnt/models"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let hub = try Hub.standard(models: arguments["models"])
    let isQuiet = arguments.has("quiet")
    Interrupt.watch()
    for name in arguments.positionals {
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
    return .success
  }
}
