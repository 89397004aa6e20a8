internal import Base
internal import Fleet
internal import JSON
internal import Library
internal import Objects
internal import Updates
internal import Web

/// What nodes fetch of their updates.
enum UpdateRoutes {
  static let routes = [
    EdgeRoute(.get, "/v1/edge/bundle", bodyLimit: 0) { (call, _) throws(Failure) in try bundle(call) },
    EdgeRoute(.get, "/v1/edge/blobs/{digest}", bodyLimit: 0) { (call, values) throws(Failure) in
      try blob(call, values[0])
    },
  ]

  /// The signed bundle that the node is to take; 204 where there is none.
  private static func bundle(_ call: EdgeCall) throws(Failure) -> Response {
    let book = call.fleet.updates
    let found = try call.perform { () throws(Fault) -> SignedBundle? in
      let report = try book.report(of: call.node)
      return try book.wanted(for: call.node, report).take.map { (update) throws(Fault) in try book.bundle(of: update) }
    }
    guard let found else { return Response(204) }
    return Response(
      200, headers: [("Content-Type", "application/octet-stream"), ("Cache-Control", "no-store")], body: found.bytes)
  }

  /// Bytes of an update that the node may have, or a range of them; others are told as ones that are not there.
  private static func blob(_ call: EdgeCall, _ digest: String) throws(Failure) -> Response {
    let book = call.fleet.updates
    let source = try call.perform { () throws(Fault) in
      guard let name = ObjectName(digest), try book.mayRead(digest, call.node),
        let reader = try book.library.objects.open(name)
      else { throw Fault(.notFound, "no update of this node has the bytes \(digest.prefix(64))") }
      return ObjectSource(reader)
    }
    return .serving(
      source, for: call.request, tag: EntityTag(digest), headers: [("Content-Type", "application/octet-stream")])
  }
}

/// Says to nodes with every beat which update they are to take, or to leave.
struct UpdateOrders: CentrePart {
  let name = NodeUpdateReport.member
  let book: UpdateBook

  func order(for node: FleetNode, report: JSONValue?) throws(Fault) -> [UInt8]? {
    let said = try report.map { (value) throws(Fault) in try NodeUpdateReport(value) }
    let wanted = try book.wanted(for: node, said)
    return JSONWriter.object { json in
      json.field("take", ifKnown: wanted.take?.version)
      json.field("leave", ifKnown: wanted.leave?.version)
    }
  }
}
