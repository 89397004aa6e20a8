internal import Base
internal import Crypto
internal import Fleet
internal import JSON
internal import Web

/// How nodes come in, and what they say with every beat.
enum EnrolRoutes {
  static let enrolment = PathPattern("/v1/edge/enrol")
  static let beats = PathPattern("/v1/edge/beat")

  static let routes = [
    EdgeRoute(.post, enrolment.text) { (context, _) throws(Failure) in
      context.body(enrolmentByteCount) { (body) throws(Failure) in try enrol(context, body) }
    },
    EdgeRoute(.post, beats.text, bodyLimit: FleetBook.reportByteCount + 1024) { (call, _) throws(Failure) in
      try beat(call)
    },
  ]

  private static let enrolmentByteCount = 4 << 10

  private enum EnrolKey: String, CaseIterable { case node, secret }

  private static func enrol(_ context: EdgeContext, _ body: Body) throws(Failure) -> Response {
    do throws(Fault) {
      let (name, secret) = try body.withBytes { (bytes) throws(Fault) in
        let fields = try JSONDocument(parsing: bytes, name: "the body").root.fields(EnrolKey.self)
        let secret = try fields.required(.secret)
        guard let bytes = Hex.bytes(try secret.string()) else { throw secret.fault("this is no secret of a token") }
        return (try NodeName(try fields.required(.node).string()), bytes)
      }
      let node = try context.fleet.book.enrol(name, secret: secret, fingerprint: Hex.text(context.key))
      try context.fleet.ring.refresh()
      return .json(
        JSONWriter.object(capacity: 512) { json in
          json.field("node", node.name.text)
          json.field("client", node.client)
          write(context.fleet.pins, "pins", &json)
          write(context.fleet.bundleKeys, "bundle_keys", &json)
        })
    } catch { throw Failure(error) }
  }

  private enum BeatKey: String, CaseIterable { case report }

  private static func beat(_ call: EdgeCall) throws(Failure) -> Response {
    // The head came at that moment of the monotonic clock: the wall's clock then.
    let had = Int(Clock.seconds * 1000) - Int((Clock.now - call.request.receivedAt) / 1_000_000)
    return try call.perform { () throws(Fault) in
      let report = try call.body.withBytes { (bytes) throws(Fault) in
        try JSONDocument(parsing: bytes, name: "the body").root.fields(BeatKey.self, others: .ignored).required(.report)
      }
      var said: [String: JSONValue] = [:]
      for (name, value) in try report.members() {
        guard said.updateValue(value, forKey: name) == nil else { throw report.fault("'\(name)' stands here twice") }
      }
      var json = JSONWriter(capacity: call.body.count)
      report.write(to: &json)
      try call.fleet.book.note(json.take(), of: call.node.name)
      let orders = call.fleet.orders(for: call.node, said)
      return .json(
        JSONWriter.object { json in
          json.field("node", call.node.name.text)
          json.field("every", call.fleet.beatSeconds)
          write(call.fleet.pins, "pins", &json)
          json.object("orders") { json in
            for (name, order) in orders { json.field(JSONWriter.Name(name), embedding: order) }
          }
          json.field("had", had)
          json.field("answered", Int(Clock.seconds * 1000))
        })
    }
  }

  private static func write(_ digests: [[UInt8]], _ name: JSONWriter.Name, _ json: inout JSONWriter) {
    json.field(name, digests.map { Hex.text($0) })
  }
}
