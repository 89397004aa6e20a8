internal import Base
internal import JSON

/// Whether the keys that servers are shown let one see what is asked for: what a key may not see looks as if it were not there.
struct KeyCover {
  let link: any DeployLink

  private enum Key: String, CaseIterable { case client, scopes, key }

  /// - Throws: `denied` with what a key is for, and what is needed.
  func check(_ keys: Set<ThingKey>) throws(Fault) {
    let owned = keys.filter { !$0.client.isEmpty }
    for server in Set(owned.map(\.server)).sorted() {
      do throws(Fault) { try check(owned.filter { $0.server == server }.sorted(), of: server) } catch {
        throw error.at("the server \(server)")
      }
    }
  }

  private func check(_ keys: [ThingKey], of server: String) throws(Fault) {
    let bytes = try link.answer(to: DeployRequest(server, ["v1", "session"]))
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: "the answer to /v1/session").root
      .fields(Key.self, others: .ignored)
    // Where no key is asked for everything is shown.
    guard fields.given(.key) != nil else { return }
    let client = try fields.required(.client).string()
    if let foreign = keys.first(where: { $0.client != client }) {
      throw Fault(
        .denied,
        "its key is for what is \(client)'s, and does not see what is \(foreign.client)'s, such as the \(foreign.kind.rawValue) \(foreign.name): name a key of \(foreign.client), or say 'client: \(client)'"
      )
    }
    var scopes: [String] = []
    for scope in try fields.required(.scopes).elements() { scopes.append(try scope.string()) }
    guard let target = keys.first(where: { $0.kind == .target }), !scopes.contains("write"), !scopes.contains("admin")
    else { return }
    throw Fault(
      .denied,
      "its key has the scopes \(scopes.joined(separator: ",")), to which the address of a target such as \(target.name) is not shown whole: name a key with 'write'"
    )
  }
}
