import Base
import Catalog
import JSON
import Search

/// Makes a link to a search.
struct SearchShareCommand: Command {
  let path = ["search", "share"]
  let summary = "Make a link to a search, for whoever has it, until it expires or is revoked"
  let positionals = [SavedSearches.query]
  let options =
    LibraryPlace.options + [
      GroupOptions.client, .value("expires", "TIME", "for how long it holds, such as 12h (default 7d, 366d at most)"),
      .value(
        "fields", "WORD[,WORD]",
        "what of each moment is shown (default \(SearchShare.usualFields.map(\.rawValue).joined(separator: ",")))"),
      SavedSearches.zone, SavedSearches.json,
    ]
  let examples = [
    "ridley search share 'label:delivery camera:gate' --expires 7d",
    "ridley search share 'label:delivery after:today' --expires 12h --fields label,from,to --client acme",
  ]

  private enum Key: String, CaseIterable { case share, path, expires }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    var draft = ShareDesk.Draft(query: arguments.positionals[0])
    draft.zone = arguments["time-zone"] ?? SearchCommand.usualZone
    if let fields = arguments["fields"] {
      do { try draft.show(fields.split(separator: ",").map(String.init)) } catch {
        throw arguments.refusal("--fields: \(error.message)")
      }
    }
    if let seconds = try arguments.seconds("expires") {
      guard (1...Double(SearchShare.mostSeconds)).contains(seconds) else {
        throw arguments.refusal("--expires takes a second to \(SearchShare.mostSeconds / 86_400)d")
      }
      draft.seconds = Int(seconds)
    }
    let server = try RemotePlace.server(arguments)
    let library = try LibraryPlace.access(arguments, makes: true)
    let answer = try library.addShare(draft, client: try GroupOptions.group(arguments, in: library).client)
    if arguments.has("json") {
      try Terminal.print(String(decoding: answer, as: UTF8.self) + "\n")
      return .success
    }
    let fields = try JSONDocument(parsing: answer.span.bytes, name: "the answer").root.fields(
      Key.self, others: .ignored)
    let path = try fields.required(.path).string()
    try Terminal.print(
      """
      \(server?.address ?? "")\(path)
      \(try fields.required(.share).string()) holds until \(try fields.required(.expires).string())\(server == nil ? ", at each server with this library" : "")

      """)
    return .success
  }
}

/// Which links there are.
struct SearchShareListCommand: Command {
  let path = ["search", "share", "list"]
  let summary = "List links to searches, the newest first; those that are over too"
  let positionals: [Positional] = []
  let options = LibraryPlace.options + [GroupOptions.client, SavedSearches.json]
  let examples = ["ridley search share list --client acme"]

  private enum ListKey: String, CaseIterable { case shares }
  private enum Key: String, CaseIterable { case share, query, fields, expires, state }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try SavedSearches.tell(arguments, { (library, client) throws(Fault) in try library.shares(of: client) }) {
      (answer) throws(Fault) in
      let list = try answer.fields(ListKey.self).required(.shares)
      let columns: [(String, Table.Side)] = [
        ("share", .left), ("query", .left), ("shows", .left), ("expires", .left), ("state", .left),
      ]
      let table = try SavedSearches.table(columns, list, row)
      return table.isEmpty ? "there are no links\n" : table.text
    }
  }

  private func row(_ share: JSONValue) throws(Fault) -> [String] {
    let fields = try share.fields(Key.self, others: .ignored)
    var shown: [String] = []
    for field in try fields.required(.fields).elements() { shown.append(try field.string()) }
    return [
      try fields.required(.share).string(), try fields.required(.query).string(), shown.joined(separator: ","),
      try fields.required(.expires).string(), try fields.required(.state).string(),
    ]
  }
}

/// Ends a link.
struct SearchShareRevokeCommand: Command {
  let path = ["search", "share", "revoke"]
  let summary = "End a link at once; it stays in the list, with its uses"
  let positionals = [SavedSearches.share]
  let options = LibraryPlace.options + [GroupOptions.client]
  let examples = ["ridley search share revoke 01J8Z0W3N5QK7V2T4X6Y8A9BCD"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try SavedSearches.end(arguments) { (library, id, client) throws(Fault) in
      try library.revokeShare(id, client: client)
    }
  }
}

/// When a link was used.
struct SearchShareUsesCommand: Command {
  let path = ["search", "share", "uses"]
  let summary = "List when a link was used, how much it showed and where; the last thousand"
  let positionals = [SavedSearches.share]
  let options = LibraryPlace.options + [GroupOptions.client, SavedSearches.json]
  let examples = ["ridley search share uses 01J8Z0W3N5QK7V2T4X6Y8A9BCD"]

  private enum ListKey: String, CaseIterable { case count, uses }
  private enum Key: String, CaseIterable { case at, kind, found, address }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let id = arguments.positionals[0]
    return try SavedSearches.tell(
      arguments, { (library, client) throws(Fault) in try library.shareUses(id, client: client) }
    ) { (answer) throws(Fault) in
      let list = try answer.fields(ListKey.self)
      let columns: [(String, Table.Side)] = [("at", .left), ("kind", .left), ("found", .right), ("address", .left)]
      let table = try SavedSearches.table(columns, try list.required(.uses)) { (use) throws(Fault) in
        let fields = try use.fields(Key.self, others: .ignored)
        return [
          try fields.required(.at).string(), try fields.required(.kind).string(),
          "\(try fields.required(.found).integer())", try fields.required(.address).string(),
        ]
      }
      return "used \(try list.required(.count).integer()) times\n" + table.text
    }
  }
}
