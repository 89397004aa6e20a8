internal import Access
internal import Base
internal import OpenInference
internal import Serving
internal import Web

/// How the server is: health, figures, the description of all routes.
enum ServerRoutes: SchemaWords {
  static let tag = "Server"

  static let group = RouteGroup(
    tag: tag,
    routes: [
      Route(
        .get, "/v1/status", for: .read,
        Operation("status", "What goes on, and counters that only grow", ok("Status"))
      ) { context in context.gateway.status() },
      Route(
        .get, "/metrics", for: .read,
        Operation(
          "metrics", "Figures for Prometheus", answer(["text/plain": ["schema": string]], "Prometheus text format."))
      ) { context in context.gateway.metrics(streamsOf: context.libraryScope) },
      Route(
        .get, "/healthz", for: nil, Operation("alive", "Whether the process answers", ok("Live"))
      ) { _ in .json(Array(#"{"live":true}"#.utf8)) },
      Route(
        .get, "/readyz", for: nil,
        Operation("ready", "Whether every model was loaded or given up", readiness(["Ready", "Error"])),
        answer: ready),
      Route(
        .get, "/openapi.json", for: nil,
        Operation("description", "This description", answer(json(["type": "object"])))
      ) { context in .json(context.gateway.description) },
    ], schemas: schemas)

  /// The two answers to whether the server is ready; `notYet` names the schemas of the second.
  static func readiness(_ notYet: [String]) -> [(String, Document)] {
    let bodies: Document = ["anyOf": .list(notYet.map(schema))]
    return ok("Ready") + [("503", ["description": "Not yet.", "content": json(bodies)])]
  }

  static func ready(_ context: RequestContext) -> Response {
    let isReady = context.models.isSettled
    return .json(ServerMetadata.ready(isReady), status: isReady ? 200 : 503)
  }

  private static let schemas: Document = [
    "Histogram": object([
      "buckets": about("Upper bounds in seconds, ascending.", list(amount)),
      "counts": about(
        "One a bucket, counting it alone, and one for what lies above; since the server began.", list(count)),
      "sum": about("Seconds.", amount),
    ]),
    "Status": object([
      "time": about("Seconds since 1970.", number),
      "uptime": about("Seconds; falls where the server began anew.", amount),
      "version": about("Of the program.", string), "ready": flag, "models": list(schema("ModelStatus")),
      "problems": about(
        "What is wrong with models as a whole.", list(object(["model": schema("Name"), "reason": string]))),
      "process": object(["cpuSeconds": amount, "residentBytes": count, "openConnections": count, "threads": count]),
    ]),
    "ModelStatus": object(
      [
        "name": schema("Name"), "version": schema("Name"), "state": schema("State"),
        "inFlight": about("Inputs that are run.", count), "queued": about("Inputs that wait.", count),
        "requests": object([
          "success": count, "failed": count, "refused": about("The queue was full.", count),
          "expired": about("The deadline passed.", count), "cancelled": about("The client left.", count),
        ]),
        "latency": about("From a request's head to its answer.", schema("Histogram")),
        "queue": about("From arrival until the engine took it.", schema("Histogram")),
        "batch": object([
          "sizes": list(["type": "integer", "minimum": 1]),
          "counts": about("Inferences of at most so many inputs, and more than the size before.", list(count)),
        ]),
      ],
      optional: [
        "aliases": list(schema("Name")), "digest": schema("Digest"), "task": schema("Task"), "reason": string,
        "isolated": about("It crashed the server once, and runs in a process of its own.", flag),
        "loaded": about("Where memory is bounded: it is in memory.", flag),
        "memory": about("Where memory is bounded: bytes that it takes there.", count),
        "checked": schema("Check"),
      ]),
  ]
}
