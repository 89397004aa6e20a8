import Base
import Catalog
import Fleet
import Items
import JSON
import Library

/// The fleet that a command is about: of a library on this machine, or behind a server.
enum FleetPlace {
  case here(FleetBook)
  case server(RemoteServer)

  init(_ arguments: Arguments) throws(Fault) {
    if let server = try RemotePlace.server(arguments) {
      self = .server(server)
    } else {
      self = .here(FleetBook(try LibraryPlace.open(arguments)))
    }
  }

  static func name(_ text: String, _ arguments: Arguments) throws(Fault) -> NodeName {
    do throws(Fault) { return try NodeName(text) } catch { throw arguments.refusal(error.message) }
  }

  /// A token for a node, and until when it can be used.
  func makeToken(_ request: TokenRequest, ofOwn client: Bool) throws(Fault) -> (word: String, expires: String) {
    switch self {
    case .here(let book):
      let made = try book.makeToken(request, pin: try book.doorPin())
      return (made.word.text, CompositeKey.time(milliseconds: made.token.expires))
    case .server(let server):
      let body = JSONWriter.object(capacity: 512) { json in
        json.field("node", request.name.text)
        if !client { json.field("client", request.client) }
        json.field("groups", request.groups)
        json.field("tags", request.tags)
        json.field("seconds", request.seconds)
      }
      let answer = try server.get("POST", "/v1/fleet/tokens", json: body)
      let fields = try Self.document(answer, server).fields(TokenKey.self, others: .ignored)
      return (try fields.required(.token).string(), try fields.required(.expires).string())
    }
  }

  private enum TokenKey: String, CaseIterable { case token, expires }
  private enum ListKey: String, CaseIterable { case nodes }

  func nodes() throws(Fault) -> [KnownNode] {
    switch self {
    case .here(let book):
      let seen = try book.seen()
      return try book.nodes().map { KnownNode($0, seen: seen[$0.name.text]) }
    case .server(let server):
      let fields = try server.document("/v1/fleet/nodes").fields(ListKey.self, others: .ignored)
      var nodes: [KnownNode] = []
      for value in try fields.required(.nodes).elements() { nodes.append(try KnownNode(value)) }
      return nodes
    }
  }

  func revoke(_ name: NodeName) throws(Fault) {
    switch self {
    case .here(let book): _ = try book.revoke(name)
    case .server(let server): try server.get("DELETE", "/v1/fleet/nodes/\(name.text)")
    }
  }

  func label(_ name: NodeName, groups: [String]?, tags: [String]?) throws(Fault) -> KnownNode {
    switch self {
    case .here(let book): return KnownNode(try book.label(name, groups: groups, tags: tags), seen: nil)
    case .server(let server):
      let body = JSONWriter.object(capacity: 512) { json in
        if let groups { json.field("groups", groups) }
        if let tags { json.field("tags", tags) }
      }
      return try KnownNode(
        try Self.document(try server.get("PATCH", "/v1/fleet/nodes/\(name.text)", json: body), server))
    }
  }

  private static func document(_ bytes: [UInt8], _ server: RemoteServer) throws(Fault) -> JSONValue {
    try JSONDocument(parsing: bytes.span.bytes, name: "the answer of \(server.host)").root
  }
}

/// A node as a list shows it.
struct KnownNode {
  let name: String
  let client: String
  let groups: [String]
  let tags: [String]
  let fingerprint: String
  let state: String
  /// As texts, `nil` where it never said anything.
  let enrolled: String
  let seen: String?
  let revoked: String?

  /// Milliseconds for which a list shows how a node is that was revoked.
  private static let revokedShown = 86_400_000

  /// It was revoked long before a moment in milliseconds since 1970, and how it is is nobody's matter.
  func isGone(at now: Int) -> Bool {
    revoked.flatMap { CompositeKey.milliseconds(of: $0) }.map { now - $0 > Self.revokedShown } ?? false
  }

  init(_ node: FleetNode, seen: Int?) {
    (name, client, groups, tags) = (node.name.text, node.client, node.groups, node.tags)
    (fingerprint, state) = (node.fingerprint, node.state.rawValue)
    enrolled = CompositeKey.time(milliseconds: node.enrolled)
    self.seen = seen.map(CompositeKey.time)
    revoked = node.revoked.map(CompositeKey.time)
  }

  private enum Key: String, CaseIterable {
    case node, client, groups, tags, fingerprint, state, enrolled, seen, revoked
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    (name, client) = (try fields.required(.node).string(), try fields.required(.client).string())
    (groups, tags) = (try Self.words(fields.required(.groups)), try Self.words(fields.required(.tags)))
    (fingerprint, state) = (try fields.required(.fingerprint).string(), try fields.required(.state).string())
    (enrolled, seen) = (try fields.required(.enrolled).string(), try fields[.seen]?.string())
    revoked = try fields[.revoked]?.string()
  }

  private static func words(_ value: JSONValue) throws(Fault) -> [String] {
    var words: [String] = []
    for element in try value.elements() { words.append(try element.string()) }
    return words
  }

  func write(into json: inout JSONWriter) {
    json.field("node", name)
    json.field("client", client)
    json.field("groups", groups)
    json.field("tags", tags)
    json.field("fingerprint", fingerprint)
    json.field("state", state)
    json.field("enrolled", enrolled)
    json.field("seen", ifKnown: seen)
    json.field("revoked", ifKnown: revoked)
  }
}
