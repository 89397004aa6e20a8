import Base
import MediaProcess

/// What a media process runs; started by ridley itself, so neither help nor completion knows it.
struct MediaProcessCommand: Command {
  let path = ["media-process"]
  let summary = "Decode pictures and videos for the process that started this one"
  let positionals: [Positional] = []
  let options: [Option] = []
  let examples: [String] = []

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try MediaService.run()
    return .success
  }
}
