import Base
import Catalog
import Library

/// Takes assets out of the library.
struct LibraryDeleteCommand: Command {
  let path = ["library", "delete"]
  let summary = "Delete assets with everything that was made of them"
  let positionals = [Positional(name: "asset", help: "ids, as 'ridley library list' shows them", repeats: true)]
  let options = LibraryPlace.options
  let examples = ["ridley library delete 01KB3Z8M5T9Q7X2R4W6Y8A1C3E"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try LibraryPlace.access(arguments).delete(arguments.positionals)
    return .success
  }
}
