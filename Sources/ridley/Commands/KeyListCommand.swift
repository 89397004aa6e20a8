import Access
import Base

/// Which keys there are.
struct KeyListCommand: Command {
  let path = ["key", "list"]
  let summary = "List the keys: whose they are, and what they may be used for"
  let positionals: [Positional] = []
  let options = KeyPlace.options + [Option.flag("json", "print one JSON object")]
  let examples: [String] = []

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let store = try KeyPlace.store(arguments)
    let (keys, date) = (try store.read().keys, Clock.date)
    if arguments.has("json") {
      try Terminal.print(json(keys, at: date))
    } else if keys.isEmpty {
      try Terminal.print("no keys in \(store.place): make one with 'ridley key create\(KeyPlace.words(arguments))'\n")
    } else {
      try Terminal.print(table(keys, at: date))
    }
    return .success
  }

  private func table(_ keys: [AccessKey], at date: Int) -> String {
    let names = keys.contains { $0.user != nil }
    var table = Table(
      [("key", .left), ("client", .left), ("for", .left), ("rate", .left), ("made", .left), ("until", .left)]
        + (names ? [("user", .left)] : []) + [("ends in", .left)])
    for key in keys {
      let until = key.expires.map { UTC.text($0) + (key.isExpired(at: date) ? " (over)" : "") } ?? "revoked"
      table.add(
        [key.id, key.client, key.scopes.text, KeyPlace.text(key.rate), UTC.text(key.created), until]
          + (names ? [key.user ?? ""] : []) + [key.tail])
    }
    return table.text
  }

  private func json(_ keys: [AccessKey], at date: Int) -> String {
    JSONText.line { json in
      json.array("keys") { json in
        for key in keys {
          json.object { json in
            key.write(into: &json)
            json.field("expired", key.isExpired(at: date))
          }
        }
      }
    }
  }
}
