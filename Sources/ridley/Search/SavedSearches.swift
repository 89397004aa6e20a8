import Base
import Catalog
import JSON
import Library
import Search

/// Options of commands on searches that are kept, and how libraries here and behind servers do what these ask.
enum SavedSearches {
  static let query = Positional(name: "query", help: "what is searched for, as 'ridley search' takes it")
  static let share = Positional(name: "share", help: "the link's id")
  static let zone = Option.value(
    "time-zone", "ZONE", "whose times are meant, such as Europe/Berlin or +02:00 (default TZ, else UTC)")
  static let json = Option.flag("json", "print one JSON object")

  /// What a library answers about a client's: as it is, where JSON is wanted, else as `text` makes it.
  static func tell(
    _ arguments: Arguments, _ ask: (any LibraryAccess, String) throws(Fault) -> [UInt8],
    _ text: (JSONValue) throws(Fault) -> String
  ) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.access(arguments)
    let answer = try ask(library, try GroupOptions.group(arguments, in: library).client)
    let told =
      arguments.has("json")
      ? String(decoding: answer, as: UTF8.self) + "\n"
      : try text(try JSONDocument(parsing: answer.span.bytes, name: "the answer").root)
    try Terminal.print(told)
    return .success
  }

  /// The rows of a list that an answer has.
  static func table(
    _ columns: [(String, Table.Side)], _ list: JSONValue, _ row: (JSONValue) throws(Fault) -> [String]
  ) throws(Fault) -> Table {
    var table = Table(columns)
    for element in try list.elements() { table.add(try row(element)) }
    return table
  }

  /// Takes something of a client's away, by what it is called.
  static func end(
    _ arguments: Arguments, _ body: (any LibraryAccess, String, String) throws(Fault) -> Void
  ) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.access(arguments)
    try body(library, arguments.positionals[0], try GroupOptions.group(arguments, in: library).client)
    return .success
  }
}

extension LocalLibrary {
  func addAlert(_ name: String, _ ask: SearchAsk) throws(Fault) -> [UInt8] {
    let added = try AlertDesk(library).add(name, query: ask.text, zone: ask.zone, client: ask.client, scope: .all)
    return JSONWriter.object(added.write)
  }

  func alerts(of client: String) throws(Fault) -> [UInt8] {
    let alerts = try AlertDesk(library).alerts(of: client, scope: .all)
    return JSONWriter.object { json in json.array("alerts") { json in for one in alerts { json.object(one.write) } } }
  }

  func removeAlert(_ name: String, client: String) throws(Fault) {
    try AlertDesk(library).remove(name, client: client, scope: .all)
  }

  func addShare(_ draft: ShareDesk.Draft, client: String) throws(Fault) -> [UInt8] {
    let made = try ShareDesk(library).add(draft, client: client, scope: .all)
    return JSONWriter.object { json in
      made.share.write(into: &json, at: library.now)
      json.field("token", made.token)
      json.field("path", "/v1/shared/\(made.token)")
    }
  }

  func shares(of client: String) throws(Fault) -> [UInt8] {
    let shares = try ShareDesk(library).shares(of: client, scope: .all)
    return JSONWriter.object { json in
      json.array("shares") { json in for one in shares { json.object { one.write(into: &$0, at: library.now) } } }
    }
  }

  func revokeShare(_ id: String, client: String) throws(Fault) {
    try ShareDesk(library).revoke(id, client: client, scope: .all)
  }

  func shareUses(_ id: String, client: String) throws(Fault) -> [UInt8] {
    let uses = try ShareDesk(library).uses(of: id, client: client, scope: .all)
    return JSONWriter.object { json in
      json.field("count", uses.count)
      json.array("uses") { json in for use in uses.last { json.object(use.write) } }
    }
  }
}

extension RemoteLibrary {
  func addAlert(_ name: String, _ ask: SearchAsk) throws(Fault) -> [UInt8] {
    let body = JSONWriter.object { json in
      json.field("name", name)
      json.field("query", ask.text)
      json.field("timeZone", ifKnown: ask.zone)
    }
    return try server.get("POST", "/v1/search/alerts", [("client", ask.client)], json: body)
  }

  func alerts(of client: String) throws(Fault) -> [UInt8] {
    try server.get("GET", "/v1/search/alerts", [("client", client)])
  }

  func removeAlert(_ name: String, client: String) throws(Fault) {
    try server.get("DELETE", "/v1/search/alerts/\(RemoteServer.encoded(name))", [("client", client)])
  }

  func addShare(_ draft: ShareDesk.Draft, client: String) throws(Fault) -> [UInt8] {
    let body = JSONWriter.object { json in
      json.field("query", draft.query)
      json.field("timeZone", ifKnown: draft.zone)
      json.field("fields", draft.fields.map(\.rawValue))
      json.field("expires", "\(draft.seconds)s")
    }
    return try server.get("POST", "/v1/search/shares", [("client", client)], json: body)
  }

  func shares(of client: String) throws(Fault) -> [UInt8] {
    try server.get("GET", "/v1/search/shares", [("client", client)])
  }

  func revokeShare(_ id: String, client: String) throws(Fault) {
    try server.get("DELETE", "/v1/search/shares/\(RemoteServer.encoded(id))", [("client", client)])
  }

  func shareUses(_ id: String, client: String) throws(Fault) -> [UInt8] {
    try server.get("GET", "/v1/search/shares/\(RemoteServer.encoded(id))/uses", [("client", client)])
  }
}
