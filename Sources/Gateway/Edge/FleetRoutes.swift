internal import Access
internal import Base
internal import Catalog
internal import Fleet
internal import Items
internal import JSON
internal import Library
internal import Web

/// The fleet for people: which nodes there are, how one comes in, and how one is shut out.
enum FleetRoutes: SchemaWords {
  static let tag = "Fleet"
  private static let path = "/v1/fleet/nodes"

  static let group = RouteGroup(
    tag: tag,
    routes: [
      Route(
        library: .get, path, for: .read,
        Operation(
          "listNodes", "Nodes at the edge, by name, also those that were revoked", answer(json(schema("NodeList"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: list),
      Route(
        library: .get, path + "/{node}", node, for: .read,
        Operation("getNode", "A node, and what it said last", ok("Node"), failures: [.notFound]), answer: show),
      Route(
        library: .patch, path + "/{node}", node, for: .admin, body: .small,
        Operation(
          "labelNode", "Puts other groups and tags on a node", ok("Node"), body: body(json(schema("NodeLabels"))),
          failures: [.notFound]), answer: label),
      Route(
        library: .delete, path + "/{node}", node, for: .admin,
        Operation(
          "revokeNode", "Has a node's key open nothing any more, from its next request on, nor a token for its name",
          done(204), failures: [.notFound]), answer: revoke),
      Route(
        library: .post, "/v1/fleet/tokens", for: .admin, body: .small,
        Operation(
          "makeNodeToken", "Makes a token by which one node comes in, once",
          [("201", ["description": "Made; it is told this once.", "content": json(schema("NodeToken"))])],
          body: body(json(schema("NodeTokenRequest"))), failures: [.notFound, .conflict]), answer: makeToken),
    ] + FleetUpdateRoutes.routes,
    schemas: schemas.with(FleetUpdateRoutes.schemas))

  static let node = PathParameter("node", component: "NodeName", "A node's name.", pattern: NodeName.pattern)

  private static func fleet(_ call: LibraryCall) throws(Failure) -> FleetDesk {
    guard let fleet = call.context.gateway.fleet else {
      throw .notFound(
        "this server is no centre of nodes: start it with 'edge: {listen: HOST:PORT}' in its configuration")
    }
    return fleet
  }

  /// A node that the caller may see; one of another client is told as one that is not there.
  static func find(_ text: String, _ call: LibraryCall) throws(Failure) -> (FleetDesk, FleetNode) {
    let fleet = try fleet(call)
    return try call.perform { () throws(Fault) in
      let name = try NodeName(text)
      guard let node = try fleet.book.node(name), call.scope.covers(node.client) else { throw FleetBook.none(name) }
      return (fleet, node)
    }
  }

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let (fleet, client) = (try fleet(call), try call.context.query()(LibraryQuery.client))
    let (nodes, heard) = try call.perform { () throws(Fault) in (try fleet.book.nodes(), try fleet.book.heard()) }
    let silence = Silence(fleet)
    return .json(
      JSONWriter.object { json in
        json.array("nodes") { json in
          for node in nodes where call.scope.covers(node.client) && client.map({ $0 == node.client }) ?? true {
            json.object { write(node, heard[node.name.text], by: silence, into: &$0) }
          }
        }
      })
  }

  private static func show(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let (fleet, node) = try find(name, call)
    let (status, heard) = try call.perform { () throws(Fault) in
      let status = try fleet.book.status(of: node.name)
      return (status, try status.map { (status) throws(Fault) in try fleet.book.heard(status, of: node.name) })
    }
    return .json(
      JSONWriter.object { json in
        write(node, heard, by: Silence(fleet), into: &json)
        if let status { json.field("report", embedding: status.report) }
      })
  }

  private enum LabelKey: String, CaseIterable { case groups, tags }

  private static func label(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let (fleet, node) = try find(name, call)
    return try call.perform { () throws(Fault) in
      let (groups, tags) = try call.body.withBytes { (bytes) throws(Fault) in
        let fields = try JSONDocument(parsing: bytes, name: "the body").root.fields(LabelKey.self)
        return (try fields[.groups].map(texts), try fields[.tags].map(texts))
      }
      let labelled = try fleet.book.label(node.name, groups: groups, tags: tags)
      try fleet.ring.refresh()
      let heard = try fleet.book.status(of: node.name).map { (status) throws(Fault) in
        try fleet.book.heard(status, of: node.name)
      }
      return .json(JSONWriter.object { write(labelled, heard, by: Silence(fleet), into: &$0) })
    }
  }

  /// A token that nobody has used yet goes by its name too: then there is no node, and its client is the token's.
  private static func revoke(_ call: LibraryCall, _ text: String) throws(Failure) -> Response {
    let fleet = try fleet(call)
    return try call.perform { () throws(Fault) in
      let name = try NodeName(text)
      guard let client = try fleet.book.client(of: name), call.scope.covers(client) else { throw FleetBook.none(name) }
      _ = try fleet.book.revoke(name)
      try fleet.ring.refresh()
      return Response(204)
    }
  }

  private enum TokenKey: String, CaseIterable { case node, client, groups, tags, seconds }

  private static func makeToken(_ call: LibraryCall) throws(Failure) -> Response {
    let fleet = try fleet(call)
    return try call.perform { () throws(Fault) in
      let request = try call.body.withBytes { (bytes) throws(Fault) in
        let fields = try JSONDocument(parsing: bytes, name: "the body").root.fields(TokenKey.self)
        var request = TokenRequest(
          name: try NodeName(try fields.required(.node).string()),
          client: try fields[.client]?.string() ?? (call.caller.key == nil ? "local" : call.caller.client),
          groups: try fields[.groups].map(texts) ?? [], tags: try fields[.tags].map(texts) ?? [])
        if let value = fields[.seconds] { request.seconds = try value.number() }
        return request
      }
      guard call.scope.covers(request.client) else {
        throw Fault(.denied, "a node is enrolled for one's own client alone")
      }
      let made = try fleet.book.makeToken(request, pin: fleet.pins[0])
      let json = JSONWriter.object(capacity: 512) { json in
        json.field("node", made.token.name.text)
        json.field("client", made.token.client)
        json.field("expires", CompositeKey.time(milliseconds: made.token.expires))
        json.field("token", made.word.text)
      }
      return Response(
        201, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")], body: json)
    }
  }

  private static func texts(_ value: JSONValue) throws(Fault) -> [String] {
    var texts: [String] = []
    for element in try value.elements() { texts.append(try element.string()) }
    return texts
  }

  /// By which it is said who is silent: the centre's clock, and for how long a node may say nothing, in milliseconds.
  private struct Silence {
    let (now, patience): (Int, Int)

    init(_ fleet: FleetDesk) {
      (now, patience) = (fleet.book.library.now, FleetBook.patience(ofNodes: fleet.ring.count))
    }
  }

  private static func write(
    _ node: FleetNode, _ heard: FleetBook.Heard?, by silence: Silence, into json: inout JSONWriter
  ) {
    json.field("node", node.name.text)
    json.field("client", node.client)
    json.field("groups", node.groups)
    json.field("tags", node.tags)
    json.field("fingerprint", node.fingerprint)
    json.field("state", node.state.rawValue)
    json.field("enrolled", CompositeKey.time(milliseconds: node.enrolled))
    json.field("revoked", ifKnown: node.revoked.map(CompositeKey.time))
    json.field("seen", ifKnown: heard.map { CompositeKey.time(milliseconds: $0.seen) })
    guard let heard else { return }
    let quiet = max(0, silence.now - heard.seen)
    json.field("quiet", Double(quiet) / 1000, digits: 1)
    json.field("silent", node.state == .enrolled && quiet > silence.patience)
    json.object("summary", heard.summary.write)
  }
}

extension FleetRoutes {
  private static let words: Document = list([
    "type": "string", "pattern": .text(NodeName.pattern),
  ])

  fileprivate static let schemas: Document = [
    "Node": object(
      [
        "node": ["type": "string", "pattern": .text(NodeName.pattern)],
        "client": about("Whose it is: what it forwards is this client's.", string),
        "groups": about("By which updates name many nodes at once.", words), "tags": words,
        "fingerprint": about(
          "SHA-256 of its public key (SubjectPublicKeyInfo, DER), by which it is known.",
          ["type": "string", "pattern": "^[0-9a-f]{64}$"]),
        "state": ["type": "string", "enum": .list(FleetNode.State.allCases.map { .text($0.rawValue) })],
        "enrolled": moment,
      ],
      optional: [
        "revoked": moment, "seen": about("When it last said something.", moment),
        "quiet": about("Seconds since then, by the centre's clock.", amount),
        "silent": about("Several of its beats did not come.", flag),
        "summary": about("What it said last, in a line.", schema("NodeSummary")),
        "report": about(
          "What it said last: a member for each of its parts; only of a single node.",
          ["type": "object", "additionalProperties": true]),
      ]),
    "NodeSummary": object(
      [
        "broken_models": count, "silent_streams": about("Streams without pictures.", count),
        "trouble": about("What is not well, in a few words each.", list(string)),
      ],
      optional: [
        "version": string, "temperature": about("Degrees Celsius.", number),
        "disk": object([:], optional: ["free": count, "bytes": count]),
        "rate": about("Answers a second of all its streams.", amount),
        "ledger": about(
          "Entries that the centre does not have yet, their bytes, and events left out for want of room.",
          object(["behind": count, "waiting": count, "left_out": count])),
      ]),
    "NodeList": object(["nodes": list(schema("Node"))]),
    "NodeLabels": object([:], optional: ["groups": words, "tags": words]),
    "NodeTokenRequest": object(
      ["node": ["type": "string", "pattern": .text(NodeName.pattern)]],
      optional: [
        "client": string, "groups": words, "tags": words,
        "seconds": about(
          "For how long it can be used; a day where it is left away.",
          [
            "type": "number", "minimum": .decimal(TokenRequest.seconds.lowerBound),
            "maximum": .decimal(TokenRequest.seconds.upperBound),
          ]),
      ]),
    "NodeToken": object([
      "node": string, "client": string, "expires": moment,
      "token": about("What 'ridley serve --join' takes in a file or in RIDLEY_TOKEN.", string),
    ]),
  ]
}
