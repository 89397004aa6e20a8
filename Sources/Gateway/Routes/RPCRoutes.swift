internal import Access
internal import Base
internal import Items
internal import OpenInference
internal import Serving
internal import Web

/// The Open Inference Protocol's gRPC service, on the same port: the same models, keys, limits and words as over HTTP.
enum RPCRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "gRPC",
    routes: [
      Route(
        .post, "/inference.GRPCInferenceService/ModelInfer", for: .infer, body: .media, Operation("ModelInfer", "", []),
        begin: { (context) throws(Failure) in try context.inferMessage() }),
      Route(
        .post, "/inference.GRPCInferenceService/ModelStreamInfer", for: .infer, Operation("ModelStreamInfer", "", []),
        stream: { (context) throws(Failure) in try context.inferStream() }),
      health, healthWatch, reflection("v1"), reflection("v1alpha"),
      repositoryIndex, repositoryChange("Load") { (models, model) throws(Fault) in try models.load(model) },
      repositoryChange("Unload") { (models, model) throws(Fault) in try models.unload(model) },
    ] + serverRoutes + modelRoutes, schemas: [:], isDescribed: false)

  private static func inference(
    _ name: String, for scope: Scope?,
    answer: @escaping @Sendable (RequestContext, Body) throws(Failure) -> Response
  ) -> Route {
    Route(
      .post, "/inference.GRPCInferenceService/\(name)", for: scope, body: .small, on: .loop, Operation(name, "", []),
      answer: answer)
  }

  private static let serverRoutes: [Route] = [
    inference("ServerLive", for: nil) { (context, body) throws(Failure) in
      try context.rpc(body) { _, _ in ServerMetadata.message(true) }
    },
    inference("ServerReady", for: nil) { (context, body) throws(Failure) in
      try context.rpc(body) { _, _ in ServerMetadata.message(context.models.isSettled) }
    },
    inference("ServerMetadata", for: .read) { (context, body) throws(Failure) in
      try context.rpc(body) { _, _ in
        ServerMetadata.message(name: "ridley", version: context.gateway.options.version)
      }
    },
  ]

  private static let modelRoutes: [Route] = [
    model("ModelReady") { (context, question) throws(Failure) in
      ServerMetadata.message((try? context.find(question.model, question.version)) != nil)
    },
    model("ModelMetadata") { (context, question) throws(Failure) in
      try ProtocolModelRoutes.describe(context, question.model, question.version).message
    },
    model("ModelConfig") { (context, question) throws(Failure) in
      try ProtocolModelRoutes.describe(context, question.model, question.version).configurationMessage(
        maxBatchSize: try ProtocolModelRoutes.batchSize(context, question.model, question.version))
    },
    model("ModelStatistics") { (context, question) throws(Failure) in
      guard question.model.isEmpty else {
        return ModelStatistics.message([ModelStatistics(try context.find(question.model, question.version))])
      }
      return ModelStatistics.message(ProtocolModelRoutes.allStatistics(context.models))
    },
  ]

  private static func model(
    _ name: String, answer: @escaping @Sendable (RequestContext, ModelQuestion) throws(Failure) -> [UInt8]
  ) -> Route {
    inference(name, for: .read) { (context, body) throws(Failure) in
      try context.rpc(
        body, { (bytes, range) throws(Fault) in try ModelQuestion.parse(bytes, at: range) },
        { (question) throws(Failure) in try answer(context, question) })
    }
  }

  /// Of the whole server, or of one of its services, which all go as it does.
  private static let health = Route(
    .post, "/grpc.health.v1.Health/Check", for: nil, body: .small, on: .loop, Operation("HealthCheck", "", [])
  ) { (context, body) throws(Failure) in
    try context.rpc(
      body, { (bytes, range) throws(Fault) in try HealthMessage.service(bytes, at: range) },
      { (service) throws(Failure) in
        guard isHealthKnown(of: service) else { throw .notFound("there is no service '\(service.prefix(100))'") }
        return HealthMessage.answer(context.models.isSettled ? .serving : .notServing)
      })
  }

  /// The same, and again whenever it changes.
  private static let healthWatch = Route(
    .post, "/grpc.health.v1.Health/Watch", for: nil, body: .small, Operation("HealthWatch", "", []),
    begin: { (context) throws(Failure) in try context.watchHealth() })

  static func isHealthKnown(of service: String) -> Bool {
    service.isEmpty || ServiceDescriptors.served.services.contains { $0.hasSameBytes(as: service) }
  }

  /// What the services are, for clients that were not built for them.
  private static func reflection(_ version: String) -> Route {
    Route(
      .post, "/grpc.reflection.\(version).ServerReflection/ServerReflectionInfo", for: nil,
      Operation("Reflection_\(version)", "", []), stream: { (context) throws(Failure) in try context.reflect() })
  }

  private static let repositoryIndex = inference("RepositoryIndex", for: .read) { (context, body) throws(Failure) in
    try context.rpc(body) { (bytes, range) throws(Fault) in
      let onlyReady = try Repository.wantsReadyOnly(bytes, at: range)
      return Repository.message(RepositoryRoutes.entries(of: context.models, onlyReady: onlyReady))
    }
  }

  private static func repositoryChange(
    _ name: String, _ change: @escaping @Sendable (ModelRepository, String) throws(Fault) -> Void
  ) -> Route {
    Route(
      .post, "/inference.GRPCInferenceService/RepositoryModel\(name)", for: .admin, body: .small, on: .control,
      Operation("RepositoryModel\(name)", "", [])
    ) { (context, body) throws(Failure) in
      try context.rpc(body) { (bytes, range) throws(Fault) in
        try change(context.models, try Repository.model(bytes, at: range))
        return []
      }
    }
  }
}
