import Base
import Catalog
import JSON

/// Has a search asked of all that comes in.
struct SearchAlertAddCommand: Command {
  let path = ["search", "alert", "add"]
  let summary = "Have a search asked of all that comes in, and be told of each moment that it finds"
  let positionals = [SavedSearches.query]
  let options =
    LibraryPlace.options + [
      GroupOptions.client, .value("name", "NAME", "what it is called: the rule of its events"), SavedSearches.zone,
      SavedSearches.json,
    ]
  let examples = ["ridley search alert add 'label:forklift zone:aisle after:18:00' --name night-forklift"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let name = arguments["name"] else { throw arguments.refusal("say what it is called: --name NAME") }
    let library = try LibraryPlace.access(arguments, makes: true)
    let ask = SearchAsk(
      text: arguments.positionals[0], zone: arguments["time-zone"] ?? SearchCommand.usualZone,
      client: try GroupOptions.group(arguments, in: library).client, limit: 1, after: nil)
    let answer = try library.addAlert(name, ask)
    guard !arguments.has("json") else {
      try Terminal.print(String(decoding: answer, as: UTF8.self) + "\n")
      return .success
    }
    try Terminal.print(
      "\(name): a server with this library tells its targets of each moment that is found from now on\n"
        + (try notes(answer)))
    return .success
  }

  private enum Key: String, CaseIterable { case notes }

  /// What it asks that no moment can be.
  private func notes(_ answer: [UInt8]) throws(Fault) -> String {
    let fields = try JSONDocument(parsing: answer.span.bytes, name: "the answer").root.fields(
      Key.self, others: .ignored)
    var text = ""
    if let notes = fields.given(.notes) { for note in try notes.elements() { text += "note: \(try note.string())\n" } }
    return text
  }
}

/// Which alerts there are.
struct SearchAlertListCommand: Command {
  let path = ["search", "alert", "list"]
  let summary = "List searches that are asked of all that comes in"
  let positionals: [Positional] = []
  let options = LibraryPlace.options + [GroupOptions.client, SavedSearches.json]
  let examples = ["ridley search alert list --client acme"]

  private enum ListKey: String, CaseIterable { case alerts }
  private enum Key: String, CaseIterable { case name, query, timeZone, since }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try SavedSearches.tell(arguments, { (library, client) throws(Fault) in try library.alerts(of: client) }) {
      (answer) throws(Fault) in
      let list = try answer.fields(ListKey.self).required(.alerts)
      let columns: [(String, Table.Side)] = [("name", .left), ("query", .left), ("times of", .left), ("since", .left)]
      let table = try SavedSearches.table(columns, list) { (alert) throws(Fault) in
        let fields = try alert.fields(Key.self, others: .ignored)
        return [
          try fields.required(.name).string(), try fields.required(.query).string(),
          try fields.given(.timeZone)?.string() ?? "UTC", try fields.required(.since).string(),
        ]
      }
      return table.isEmpty ? "there are no alerts\n" : table.text
    }
  }
}

/// Takes an alert away.
struct SearchAlertRemoveCommand: Command {
  let path = ["search", "alert", "remove"]
  let summary = "Take an alert away; what it told stays"
  let positionals = [Positional(name: "alert", help: "its name")]
  let options = LibraryPlace.options + [GroupOptions.client]
  let examples = ["ridley search alert remove night-forklift"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try SavedSearches.end(arguments) { (library, name, client) throws(Fault) in
      try library.removeAlert(name, client: client)
    }
  }
}
