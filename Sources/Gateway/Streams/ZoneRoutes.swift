internal import Access
internal import Base
internal import Catalog
internal import Execution
internal import Items
internal import Library
internal import Pipelines
internal import Streams
internal import Web

/// Masks, zones and lines of a stream: those of its pipeline, or those that were drawn over them.
enum ZoneRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Streams",
    routes: [
      Route(
        .get, "/v1/streams/{stream}/zones", StreamRoutes.stream, .read, nil,
        Operation(
          "getZones", "Masks, zones and lines of a live stream", answer(json(schema("Zones"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]),
        handler: { (context, name) throws(Failure) in
          guard context.gateway.library != nil else { return .answer(try showWithoutLibrary(context, name)) }
          return context.body(
            .small, try context.onLibrary { (call, exchange) throws(Failure) in exchange.answer(try show(call, name)) })
        }),
      Route(
        library: .put, "/v1/streams/{stream}/zones", StreamRoutes.stream, for: .write, body: .small,
        Operation(
          "putZones", "Draws masks, zones and lines over those of the stream's pipeline, for the next picture on",
          answer(json(schema("Zones"))), body: body(json(schema("ZonesRequest"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: put),
      Route(
        library: .delete, "/v1/streams/{stream}/zones", StreamRoutes.stream, for: .write,
        Operation(
          "deleteZones", "Takes away what was drawn: those of the pipeline hold again", done(204),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: delete),
      Route(
        library: .get, "/v1/streams/{stream}/zones/history", StreamRoutes.stream, for: .read,
        Operation(
          "listZones", "What was drawn for a live stream, by whom and when, the newest first",
          answer(json(schema("ZoneHistory"))), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound]), answer: history),
    ], schemas: schemas)

  private static func show(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    return try call.perform { () throws(Fault) in
      let loaded = try pipeline(call.context, name, client, call.scope)
      let drawn = try call.library.scenes(of: name, client: client, limit: 1).first
      return try answer(name, loaded, drawn)
    }
  }

  private static func showWithoutLibrary(_ context: RequestContext, _ name: String) throws(Failure) -> Response {
    let client = try context.query()(LibraryQuery.client) ?? context.caller.client
    do throws(Fault) {
      return try answer(name, try pipeline(context, name, client, context.libraryScope), nil)
    } catch { throw Failure(error) }
  }

  /// The pipeline of a stream, where its model is served by now.
  private static func pipeline(
    _ context: RequestContext, _ name: String, _ client: String, _ scope: ClientScope
  ) throws(Fault) -> LoadedPipeline? {
    _ = try context.gateway.streams.view(name, scope: scope, client: client)
    return try? context.gateway.streams.pipeline(of: name, scope: scope, client: client)
  }

  private static func answer(
    _ name: String, _ loaded: LoadedPipeline?, _ drawn: StreamScene?
  ) throws(Fault) -> Response {
    var scene = loaded?.pipeline.scene ?? Scene()
    if let text = drawn?.text { scene = try Scene.read(bytes: Array(text.utf8), name: "the zones of '\(name)'") }
    return .json(
      JSONWriter.object(capacity: 4096) { [scene] json in
        json.field("stream", name)
        json.field("drawn", drawn?.text != nil)
        if let drawn { write(drawn, into: &json) }
        scene.write(into: &json)
        json.field("rules", loaded?.pipeline.rules.map(\.name) ?? [])
        json.field("yaml", scene.text)
      })
  }

  private static func write(_ drawn: StreamScene, into json: inout JSONWriter) {
    json.field("changed", CompositeKey.time(milliseconds: drawn.drawn))
    json.field("by", drawn.by)
  }

  private static func put(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    return try call.perform { () throws(Fault) in
      let streams = call.context.gateway.streams
      let loaded = try streams.pipeline(of: name, scope: call.scope, client: client)
      let bytes = call.body.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
      let scene = try Scene.read(bytes: bytes, name: "the body")
      _ = try StreamDesk.pipeline(loaded, watching: scene)
      return try draw(scene.text, call, name, client, loaded)
    }
  }

  private static func delete(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    return try call.perform { () throws(Fault) in
      _ = try call.context.gateway.streams.view(name, scope: call.scope, client: client)
      if try call.library.scenes(of: name, client: client, limit: 1).first?.text != nil {
        _ = try draw(nil, call, name, client, nil)
      }
      return Response(204)
    }
  }

  private static func draw(
    _ text: String?, _ call: LibraryCall, _ name: String, _ client: String, _ loaded: LoadedPipeline?
  ) throws(Fault) -> Response {
    let drawn = try call.library.draw(
      text, for: name, client: client, by: call.caller.name)
    call.context.gateway.streams.reload(name, client: client)
    return try answer(name, loaded, drawn)
  }

  private static func history(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    return try call.perform { () throws(Fault) in
      _ = try call.context.gateway.streams.view(name, scope: call.scope, client: client)
      let all = try call.library.scenes(of: name, client: client)
      return .json(
        JSONWriter.object(capacity: 4096) { json in
          json.array("history") { json in
            for drawn in all {
              json.object { json in
                write(drawn, into: &json)
                json.field("yaml", ifKnown: drawn.text)
              }
            }
          }
        })
    }
  }

  private static let points = list(list(["type": "number", "minimum": 0, "maximum": 1]))
  private static let anchor: Document = ["type": "string", "enum": ["bottom", "center", "top"]]
  private static let zone = object(
    ["polygon": points], optional: ["anchor": anchor, "labels": list(string), "hold": string])
  private static let line = object(
    ["points": points], optional: ["anchor": anchor, "labels": list(string), "margin": number])

  private static func map(_ one: Document) -> Document { ["type": "object", "additionalProperties": one] }

  private static let schemas: Document = [
    "ZonesRequest": object(
      [:],
      optional: [
        "masks": about("Polygons in which nothing counts.", list(points)), "zones": about("By name.", map(zone)),
        "lines": about("By name.", map(line)),
      ]),
    "Zones": object(
      [
        "stream": string, "drawn": about("They were drawn over those of the pipeline.", flag), "masks": list(points),
        "zones": map(zone), "lines": map(line), "rules": about("Of the pipeline, by name.", list(string)),
        "yaml": about("As a part of a pipeline.", string),
      ], optional: ["changed": ["type": "string", "format": "date-time"], "by": string]),
    "ZoneHistory": object([
      "history": list(
        object(
          ["changed": ["type": "string", "format": "date-time"], "by": string],
          optional: ["yaml": about("Left out where those of the pipeline hold again.", string)]))
    ]),
  ]
}
