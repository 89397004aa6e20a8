import Base
import MediaProcess

/// What the process of one live source runs; started by ridley itself, so neither help nor completion knows it.
struct SourceProcessCommand: Command {
  let path = ["source-process"]
  let summary = "Receive and decode one live source for the process that started this one"
  let positionals: [Positional] = []
  let options: [Option] = []
  let examples: [String] = []

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try LiveService.run()
    return .success
  }
}
