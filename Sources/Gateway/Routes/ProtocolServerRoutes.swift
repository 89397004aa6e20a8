internal import Access
internal import OpenInference
internal import Web

/// The server, as the Open Inference Protocol asks about it.
enum ProtocolServerRoutes: SchemaWords {
  /// Of all groups of the protocol.
  static let tag = "Open Inference Protocol"

  static let group = RouteGroup(
    tag: tag,
    routes: [
      Route(
        .get, "/v2", for: .read, Operation("serverMetadata", "What the server is", ok("ServerMetadata"))
      ) { context in .json(ServerMetadata.json(name: "ridley", version: context.gateway.options.version)) },
      Route(
        .get, "/v2/health/live", for: nil, Operation("serverLive", "Whether the process answers", ok("Live"))
      ) { _ in .json(ServerMetadata.live(true)) },
      Route(
        .get, "/v2/health/ready", for: nil,
        Operation(
          "serverReady", "Whether every model was loaded or given up",
          ServerRoutes.readiness(["Ready", "OpenError", "Error"])),
        answer: ServerRoutes.ready),
    ],
    schemas: ["ServerMetadata": object(["name": string, "version": string, "extensions": list(string)])])
}
