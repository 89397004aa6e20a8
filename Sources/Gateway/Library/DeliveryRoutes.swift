internal import Access
internal import Base
internal import Catalog
internal import Delivery
internal import Items
internal import JSON
internal import Library
internal import Web

/// Whom it is told what happens in streams, and what became of that.
enum DeliveryRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Delivery",
    routes: [
      Route(
        library: .get, "/v1/targets", for: .read,
        Operation(
          "listTargets", "Webhooks and brokers that are told what happens in a client's streams",
          answer(json(schema("TargetList"))), parameters: [LibraryQuery.client.documentation]), answer: list),
      Route(
        library: .put, "/v1/targets/{target}", target, for: .write, body: .small,
        Operation(
          "putTarget", "Adds a target, or puts another one into its place; one that was paused goes on",
          [
            ("200", ["description": "Changed, or the same as before.", "content": json(schema("Target"))]),
            ("201", ["description": "Added.", "content": json(schema("Target"))]),
          ], body: body(json(schema("TargetRequest"))), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound, .conflict]), answer: put),
      Route(
        library: .get, "/v1/targets/{target}", target, for: .read,
        Operation(
          "getTarget", "A target, and how much waits for it", answer(json(schema("Target"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: show),
      Route(
        library: .delete, "/v1/targets/{target}", target, for: .write,
        Operation(
          "removeTarget", "Takes a target away, with what it was to be told", done(204),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound, .conflict]),
        answer: { (call, name) throws(Failure) in
          let client = try call.client(try call.context.query())
          try call.perform { () throws(Fault) in try desk(call).remove(name, client: client, scope: call.scope) }
          return Response(204)
        }),
      Route(
        library: .post, "/v1/targets/{target}/test", target, for: .write,
        Operation(
          "testTarget", "Tells a target something that did not happen; it waits its turn as any other notice",
          answer(json(schema("Delivery"))), parameters: [LibraryQuery.client.documentation], failures: [.notFound]),
        answer: { (call, name) throws(Failure) in
          let client = try call.client(try call.context.query())
          let notice = try call.perform { () throws(Fault) in
            try desk(call).test(name, client: client, scope: call.scope)
          }
          return .json(JSONWriter.object { notice.write(into: &$0) })
        }),
      Route(
        library: .post, "/v1/targets/{target}/pause", target, for: .write,
        Operation(
          "pauseTarget", "Tells a target nothing until it is resumed; what waits is dead after a day as ever",
          answer(json(schema("Target"))), parameters: [LibraryQuery.client.documentation], failures: [.notFound]),
        answer: { (call, name) throws(Failure) in try turn(name, "somebody paused it", call) }),
      Route(
        library: .post, "/v1/targets/{target}/resume", target, for: .write,
        Operation(
          "resumeTarget", "Has a target that was paused go on, with what waits",
          answer(json(schema("Target"))), parameters: [LibraryQuery.client.documentation], failures: [.notFound]),
        answer: { (call, name) throws(Failure) in try turn(name, nil, call) }),
      Route(
        library: .post, "/v1/targets/{target}/replay", target, for: .write, body: .small, isSlow: true,
        Operation(
          "replayTarget", "Tells a target again what began in a range of time, under the same ids",
          answer(json(schema("Replay"))), body: body(json(schema("ReplayRequest"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: replay),
      Route(
        library: .get, "/v1/deliveries", for: .read,
        Operation(
          "listDeliveries", "What a target was told, and is to be told, the newest first, with each attempt",
          answer(json(schema("DeliveryPage"))),
          parameters: [
            LibraryQuery.client.documentation, named.documentation, state.documentation,
            LibraryQuery.limit.documentation, LibraryQuery.after.documentation,
          ], failures: [.notFound]), answer: deliveries),
    ], schemas: schemas)

  private static let target = PathParameter(
    "target", component: "TargetName", "A target's name.", pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")
  private static let named = LibraryQuery.word("target", component: "DeliveryTarget", "The target's name.")
  private static let state = LibraryQuery.choice(
    "state", component: "DeliveryState", "Only in this state.", Notice.State.allCases.map(\.rawValue))

  private static func desk(_ call: LibraryCall) -> DeliveryDesk { call.desk.deliveries }

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let targets = try call.perform { () throws(Fault) in
      var found: [(DeliveryTarget, (Int, Int?))] = []
      for target in try desk(call).targets(of: client, scope: call.scope) {
        found.append((target, try desk(call).waiting(for: target)))
      }
      return found
    }
    return .json(
      JSONWriter.object { json in
        json.array("targets") { json in
          for (target, waiting) in targets { json.object { write(target, waiting, for: call, into: &$0) } }
        }
      })
  }

  private static func show(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let (target, waiting) = try call.perform { () throws(Fault) in
      let target = try desk(call).target(name, client: client, scope: call.scope)
      return (target, try desk(call).waiting(for: target))
    }
    return .json(JSONWriter.object { write(target, waiting, for: call, into: &$0) })
  }

  /// Who may not change it does not see the whole address: many have a secret in their path.
  private static func write(
    _ target: DeliveryTarget, _ waiting: (Int, Int?), for call: LibraryCall, into json: inout JSONWriter
  ) {
    let isWhole = call.caller.key == nil || call.caller.scopes.allow(.write)
    target.write(into: &json, address: isWhole ? nil : target.origin)
    json.field("waiting", waiting.0)
    json.field("oldest", ifKnown: waiting.1.map { CompositeKey.time(milliseconds: $0) })
  }

  private static func turn(_ name: String, _ reason: String?, _ call: LibraryCall) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    _ = try call.perform { () throws(Fault) in
      try desk(call).pause(name, client: client, reason: reason, scope: call.scope)
    }
    return try show(call, name)
  }

  private enum Key: String, CaseIterable {
    case address, secret, user, password, kinds, streams, rules, labels, phases, topic, discovery
  }

  private static func put(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let isOwner = call.caller.key == nil || call.caller.scopes.allow(.admin)
    let placed = try call.perform { () throws(Fault) in
      var target = try call.body.withBytes { (bytes) throws(Fault) in try read(bytes, client: client, name: name) }
      target.reachesPrivate = isOwner || call.desk.privateTargets
      return try desk(call).put(target, scope: call.scope)
    }
    let body = JSONWriter.object { json in
      write(placed.target, (0, nil), for: call, into: &json)
      json.field("secret", ifKnown: placed.secret)
    }
    return .json(body, status: placed.isNew ? 201 : 200)
  }

  private static func read(
    _ bytes: borrowing RawSpan, client: String, name: String
  ) throws(Fault) -> DeliveryTarget {
    let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(Key.self)
    var target = DeliveryTarget(
      client: client, name: name, address: try fields.required(.address).string(), created: 0)
    target.credentials.secret = try fields.given(.secret)?.string()
    target.credentials.user = try fields.given(.user)?.string()
    target.credentials.password = try fields.given(.password)?.string()
    if let kinds = fields.given(.kinds) {
      for value in try kinds.elements() { target.selection.kinds.append(try value.choice()) }
    }
    target.selection.streams = try words(fields.given(.streams))
    target.selection.rules = try words(fields.given(.rules))
    target.selection.labels = try words(fields.given(.labels))
    if let phases = fields.given(.phases) {
      target.selection.phases = []
      for value in try phases.elements() { target.selection.phases.append(try value.choice()) }
    }
    if let topic = fields.given(.topic) { target.topic = try topic.string() }
    if let value = fields.given(.discovery) { target.announces = try value.bool() }
    return target
  }

  private static func words(_ value: JSONValue?) throws(Fault) -> [String] {
    var words: [String] = []
    guard let value else { return words }
    for word in try value.elements() { words.append(try word.string()) }
    return words
  }

  private enum ReplayKey: String, CaseIterable { case from, to, state }

  private static func replay(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let count = try call.perform { () throws(Fault) in
      let (range, states) = try call.body.withBytes { (bytes) throws(Fault) in
        let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(ReplayKey.self)
        let (from, to) = (try moment(fields.required(.from)), try moment(fields.required(.to)))
        guard from <= to else { throw Fault(.badInput, "from lies behind to") }
        let state = try fields.given(.state).map { (value) throws(Fault) in try value.choice() as Notice.State }
        guard state != .waiting else { throw Fault(.badInput, "what waits is told anyway: name dead or delivered") }
        return (from...to, state.map { [$0] })
      }
      return try desk(call).replay(name, client: client, range, states: states, scope: call.scope)
    }
    return .json(JSONWriter.object { $0.field("queued", count) })
  }

  private static func moment(_ value: JSONValue) throws(Fault) -> Int {
    let text = try value.string()
    guard let moment = LibraryQuery.from.read(text) else {
      throw value.fault("'\(text.prefix(40))' is no moment such as 2026-11-27T08:30:00Z")
    }
    return moment
  }

  private static func deliveries(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let (client, limit, token) = (
      try call.client(query), try query(LibraryQuery.limit) ?? 50, try LibraryQuery.token(query)
    )
    guard let name = try query(named) else {
      throw Failure(Fault(.badInput, "say which target's deliveries are asked for: ?target=NAME"))
    }
    let wanted = try query(state).flatMap { Notice.State(rawValue: $0) }
    let page = try call.perform { () throws(Fault) in
      try desk(call).notices(
        of: name, client: client, state: wanted, scope: call.scope, limit: limit, after: token)
    }
    return .json(
      JSONWriter.object(capacity: 1 << 14) { json in
        json.array("deliveries") { json in for notice in page.elements { json.object(notice.write) } }
        json.field("next", ifKnown: page.next?.text)
      })
  }
}
