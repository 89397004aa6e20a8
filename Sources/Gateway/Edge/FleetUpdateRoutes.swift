internal import Access
internal import Base
internal import Catalog
internal import Fleet
internal import JSON
internal import Library
internal import Updates
internal import Web

/// Updates of the fleet, for those who administer the centre: how far each is, and beginning one that is signed elsewhere.
enum FleetUpdateRoutes: SchemaWords {
  private static let path = "/v1/fleet/updates"

  static let routes = [
    Route(
      library: .get, path, for: .admin,
      Operation(
        "listFleetUpdates", "Updates of the fleet, the oldest first", ok("FleetUpdateList"), failures: [.notFound]),
      answer: list),
    Route(
      library: .post, path, for: .admin, body: .media,
      Operation(
        "beginFleetUpdate", "Begins the update that waits for its signature ('ridley fleet update --unsigned')",
        [("201", ["description": "Begun.", "content": json(schema("FleetUpdate"))])],
        body: body(json(schema("SignedFleetUpdate"))), failures: [.notFound, .conflict, .noRoom]), answer: begin),
    Route(
      library: .get, path + "/{version}", version, for: .admin,
      Operation(
        "getFleetUpdate", "An update, and how the nodes that it is for are with it", ok("FleetUpdateProgress"),
        failures: [.notFound]), answer: show),
    Route(
      library: .delete, path + "/{version}", version, for: .admin,
      Operation(
        "stopFleetUpdate", "Stops an update that is running: the nodes that have it go back", ok("FleetUpdate"),
        failures: [.notFound, .conflict]), answer: stop),
  ]

  private static let version = PathParameter(
    "version", component: "UpdateVersion", "The number of an update.", pattern: "^[1-9][0-9]{0,14}$")

  private static func book(_ call: LibraryCall) throws(Failure) -> UpdateBook {
    guard let fleet = call.context.gateway.fleet else {
      throw .notFound(
        "this server is no centre of nodes: start it with 'edge: {listen: HOST:PORT}' in its configuration")
    }
    return fleet.updates
  }

  /// What the caller may know: names of nodes, and which updates are for any of them, or for them alone.
  private struct Sight {
    private let nodes: [FleetNode]
    private let scope: ClientScope

    init(_ book: UpdateBook, _ call: LibraryCall) throws(Fault) {
      (nodes, scope) = (try FleetBook(book.library).nodes(), call.scope)
    }

    func has(_ name: String) -> Bool { nodes.contains { $0.name.text == name && scope.covers($0.client) } }

    private func meant(_ update: FleetUpdate) -> [FleetNode] {
      nodes.filter { update.target.has(node: $0.name.text, groups: $0.groups) }
    }

    func has(_ update: FleetUpdate) -> Bool { scope == .all || meant(update).contains { scope.covers($0.client) } }
    func hasAll(of update: FleetUpdate) -> Bool {
      scope == .all || meant(update).allSatisfy { scope.covers($0.client) }
    }

    /// Without names of others' nodes, and without words in which they may stand.
    func shown(_ update: FleetUpdate) -> FleetUpdate {
      update.shown(reason: hasAll(of: update)) { has($0) }
    }
  }

  private static func find(_ text: String, _ book: UpdateBook, _ sight: Sight) throws(Fault) -> FleetUpdate {
    let update = try book.update(Int(text) ?? 0)
    guard sight.has(update) else { throw UpdateBook.none(update.version) }
    return update
  }

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let book = try book(call)
    return try call.perform { () throws(Fault) in
      let (updates, sight) = (try book.updates(), try Sight(book, call))
      return .json(
        JSONWriter.object { json in
          json.array("updates") { json in
            for update in updates where sight.has(update) { json.object(sight.shown(update).write) }
          }
        })
    }
  }

  private static func show(_ call: LibraryCall, _ text: String) throws(Failure) -> Response {
    let book = try book(call)
    return try call.perform { () throws(Fault) in
      let sight = try Sight(book, call)
      let update = try find(text, book, sight)
      let nodes = try book.nodes().filter { (node, _) in
        sight.has(node.name.text) && update.target.has(node: node.name.text, groups: node.groups)
      }
      return .json(
        JSONWriter.object { json in
          json.object("update", sight.shown(update).write)
          json.array("nodes") { json in
            for (_, known) in nodes {
              json.object { json in
                json.field("node", known.name)
                json.field("standing", update.standing(of: known).rawValue)
                json.field("reason", ifKnown: known.report?.reason(of: update.version))
              }
            }
          }
        })
    }
  }

  private enum SignedKey: String, CaseIterable { case bundle, signature }

  private static func begin(_ call: LibraryCall) throws(Failure) -> Response {
    let book = try book(call)
    return try call.perform { () throws(Fault) in
      let (message, signature) = try call.body.withBytes { (bytes) throws(Fault) in
        let fields = try JSONDocument(parsing: bytes, name: "the body").root.fields(SignedKey.self)
        let word = try fields.required(.signature)
        guard let signature = Base64.decode(try word.string()) else { throw word.fault("this is not base64") }
        return (Array(try fields.required(.bundle).string().utf8), signature)
      }
      let sight = try Sight(book, call)
      let update = try book.begin(message: message, signature: signature, trusting: try book.keys()) {
        (update) throws(Fault) in
        guard sight.hasAll(of: update) else {
          throw Fault(.denied, "the update \(update.version) is for nodes of others too: who owns the centre begins it")
        }
      }
      return Response(
        201, headers: [("Content-Type", "application/json")], body: JSONWriter.object(sight.shown(update).write))
    }
  }

  private static func stop(_ call: LibraryCall, _ text: String) throws(Failure) -> Response {
    let book = try book(call)
    return try call.perform { () throws(Fault) in
      let sight = try Sight(book, call)
      let update = try find(text, book, sight)
      guard sight.hasAll(of: update) else {
        throw Fault(.denied, "the update \(update.version) is for nodes of others too: who owns the centre stops it")
      }
      let stopped = try book.stop(update.version, by: call.caller.name, reason: nil)
      return .json(JSONWriter.object(stopped.write))
    }
  }

  static let schemas: Document = [
    "FleetUpdate": object(
      [
        "version": about("Rises with every update of a centre.", count),
        "state": ["type": "string", "enum": .list(FleetUpdate.State.allCases.map { .text($0.rawValue) })],
        "target": about("Which nodes it is for: fleet, group NAME or node NAME.", string),
        "share": about("The share of them that may have it now.", number), "stage": count, "stages": list(number),
        "every": about("Seconds that each stage lasts at least.", number),
        "patience": about("Seconds without a beat after which a node that has not begun is not waited for.", number),
        "parts": about("What it decides on a node.", list(string)),
        "what": about("What was asked for, such as yolox-nano@2 or back to 3.", list(string)),
        "bundle": about("SHA-256 of the signed bundle.", string), "by": string, "began": moment, "stage_began": moment,
        "drawn": about("Nodes that may have it, in a stage that is not for all.", list(string)),
      ],
      optional: [
        "rule": string, "reason": string,
        "released": about("Its bytes are not kept for it any more: going back to it may be refused.", flag),
      ]),
    "SignedFleetUpdate": object([
      "bundle": about("What was written to be signed, as it is.", string),
      "signature": about("Its signature by a key of 'bundle-keys' (Ed25519), 64 bytes in base64.", string),
    ]),
    "FleetUpdateList": object(["updates": list(schema("FleetUpdate"))]),
    "FleetUpdateProgress": object([
      "update": schema("FleetUpdate"),
      "nodes": list(
        object(
          [
            "node": string,
            "standing": ["type": "string", "enum": .list(UpdateStanding.allCases.map { .text($0.rawValue) })],
          ], optional: ["reason": string])),
    ]),
  ]
}
