import Base
import Inference
import Media

/// What this program is made of.
struct VersionCommand: Command {
  let path = ["version"]
  let summary = "Say which ridley this is, and what it stands on"
  let positionals: [Positional] = []
  let options = [Option.flag("json", "print one JSON object")]
  let examples: [String] = []

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let others = Engine.runtimes.compactMap { runtime in
      runtime.installedVersion.map { (runtime.choice.rawValue, $0) }
    }
    let parts =
      [("ridley", Version.text), ("openvino", Engine.version)] + others + [("media", MediaLibraries.version)]
    guard arguments.has("json") else {
      try Terminal.print(parts.map { "\($0.0) \($0.1)\n" }.joined())
      return .success
    }
    try Terminal.print(JSONText.line { for (name, text) in parts { $0.field(JSONWriter.Name(name), text) } })
    return .success
  }
}
