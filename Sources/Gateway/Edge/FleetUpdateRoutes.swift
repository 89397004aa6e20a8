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
      Operation("listFleetUpdates", "Updates of the fleet, the oldest first", ok("FleetUpdateList")), answer: list),
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

  /// Nodes of which the caller may know.
  private static func names(_ book: UpdateBook, _ call: LibraryCall) throws(Fault) -> Set<String> {
    let nodes = try FleetBook(book.library).nodes()
    return Set(nodes.filter { call.scope.covers($0.client) }.map(\.name.text))
  }

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let book = try book(call)
    let (updates, mine) = try call.perform { () throws(Fault) in (try book.updates(), try names(book, call)) }
    return .json(
      JSONWriter.object { json in
        json.array("updates") { json in for update in updates { json.object(update.shown(to: mine.contains).write) } }
      })
  }

  private static func show(_ call: LibraryCall, _ text: String) throws(Failure) -> Response {
    let book = try book(call)
    return try call.perform { () throws(Fault) in
      let update = try book.update(Int(text) ?? 0)
      let mine = try names(book, call)
      let nodes = try book.nodes().filter { (node, _) in
        mine.contains(node.name.text) && update.target.has(node: node.name.text, groups: node.groups)
      }
      return .json(
        JSONWriter.object { json in
          json.object("update", update.shown(to: mine.contains).write)
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

  private static func stop(_ call: LibraryCall, _ text: String) throws(Failure) -> Response {
    let book = try book(call)
    let update = try call.perform { () throws(Fault) in
      let mine = try names(book, call)
      return try book.stop(Int(text) ?? 0, by: call.caller.name, reason: nil).shown(to: mine.contains)
    }
    return .json(JSONWriter.object(update.write))
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
        "bundle": about("SHA-256 of the signed bundle.", string), "by": string, "began": moment, "stage_began": moment,
        "drawn": about("Nodes that may have it, in a stage that is not for all.", list(string)),
      ], optional: ["rule": string, "reason": string]),
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
