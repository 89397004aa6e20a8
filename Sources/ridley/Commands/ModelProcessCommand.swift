import Base
import Inference
import ModelProcess

/// What a model process runs; started by ridley itself, so neither help nor completion knows it.
struct ModelProcessCommand: Command {
  let path = ["model-process"]
  let summary = "Try or run a network for the process that started this one"
  let positionals: [Positional] = []
  let options: [Option] = []
  let examples: [String] = []

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try ModelService.run(Engine.runtimes)
    return .success
  }
}
