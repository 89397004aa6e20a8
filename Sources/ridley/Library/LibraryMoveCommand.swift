import Base
import Catalog
import Library

/// Puts assets into another group.
struct LibraryMoveCommand: Command {
  let path = ["library", "move"]
  let summary = "Move assets to another client, brand or campaign; totals follow"
  let positionals = [Positional(name: "asset", help: "ids, as 'ridley library list' shows them", repeats: true)]
  let options =
    LibraryPlace.options + [
      Option.value("client", "NAME", "the client (default: the asset's own)"),
      .value("brand", "NAME", "the brand; without it the assets belong to none"),
      .value("campaign", "NAME", "the campaign, in the brand"),
    ]
  let examples = ["ridley library move 01KB3Z8M5T9Q7X2R4W6Y8A1C3E --client other --brand Borealis"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard arguments["client"] != nil || arguments["brand"] != nil else {
      throw arguments.refusal("say where to: --client NAME, or --brand NAME and perhaps --campaign NAME")
    }
    let library = try LibraryPlace.access(arguments)
    for id in arguments.positionals {
      var edit = AssetEdit()
      edit.client = arguments["client"]
      (edit.brand, edit.campaign) = (.some(arguments["brand"]), .some(arguments["campaign"]))
      try library.update(id, edit)
    }
    try library.settle()
    return .success
  }
}
