import Base
import Catalog
import Library

/// Changes what is said of an asset.
struct LibraryEditCommand: Command {
  let path = ["library", "edit"]
  let summary = "Change an asset's name, tags or capture time"
  let positionals = [Positional(name: "asset", help: "its id, as 'ridley library list' shows it")]
  let options =
    LibraryPlace.options + [
      .value("name", "TEXT", "what it is called"),
      .value("tags", "WORD[,WORD]", "its tags from now on, in place of those that it has; '-' for none"),
      .value("captured", "TIME", "when the picture was taken, e.g. 2026-11-27T08:30:00Z"),
    ]
  let examples = ["ridley library edit 01KB3Z8M5T9Q7X2R4W6Y8A1C3E --tags beach,sunset"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.access(arguments)
    var edit = AssetEdit()
    edit.name = arguments["name"]
    edit.tags = arguments["tags"] == "-" ? [] : GroupOptions.tags(arguments)
    if let captured = try GroupOptions.moment(arguments, "captured") { edit.captured = captured }
    try library.update(arguments.positionals[0], edit)
    return .success
  }
}
