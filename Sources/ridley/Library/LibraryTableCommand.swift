import Base
import Store

/// The table that a library in DynamoDB needs: told, so that its owner makes it, or made.
struct LibraryTableCommand: Command {
  let path = ["library", "table"]
  let summary = "Print the definition of a table in DynamoDB that a library can stand in, or make it"
  let positionals = [Positional(name: "place", help: "dynamodb://REGION/TABLE")]
  let options: [Option] = [.flag("make", "make the table, which must not be there, paid for by request")]
  let examples = [
    "ridley library table dynamodb://eu-central-1/ridley > table.json",
    "ridley library table dynamodb://eu-central-1/ridley --make",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let place = arguments.positionals[0]
    guard arguments.has("make") else {
      try Terminal.print(String(decoding: try DynamoDBTable.definition(of: place), as: UTF8.self) + "\n")
      return .success
    }
    try DynamoDBTable.makeTable(place, environment: SharedPlace.environment)
    return .success
  }
}
