internal import Access
internal import Base
internal import Inference
internal import OpenInference
internal import Serving
internal import Web

/// What a model takes and gives, whether it can be asked, and what it did, as the Open Inference Protocol and Triton's
/// extensions of it ask; of the usual version of a model, or of one that is named.
enum ProtocolModelRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: ProtocolServerRoutes.tag,
    routes: [
      Route(
        .get, "/v2/models/stats", for: .read,
        Operation("statistics", "What every model did since it was loaded", ok("ModelStatistics")),
        answer: allStatistics)
    ]
      + reading("", "Metadata", "What a model takes and gives", "ModelMetadata", answer: metadata)
      + reading("/ready", "Ready", "Whether a model can be asked", "ModelReady", answer: readiness)
      + reading("/config", "Config", "A model's configuration, in Triton's form", "ModelConfig", answer: configuration)
      + reading(
        "/stats", "Statistics", "What a model did since it was loaded", "ModelStatistics", answer: statistics),
    schemas: schemas)

  /// Two entries: of the usual version, and of one that is named.
  private static func reading(
    _ suffix: String, _ id: String, _ summary: String, _ schema: String,
    answer: @escaping @Sendable (RequestContext, String, String?) throws(Failure) -> [UInt8]
  ) -> [Route] {
    [
      Route(
        .get, "/v2/models/{model}\(suffix)", .model, for: .read,
        Operation("model\(id)", summary, ok(schema), failures: [.notFound]),
        answer: { (context, model) throws(Failure) in .json(try answer(context, model, nil)) }),
      Route(
        .get, "/v2/models/{model}/versions/{version}\(suffix)", .model, .version, for: .read,
        Operation("modelVersion\(id)", summary, ok(schema), failures: [.notFound]),
        answer: { (context, model, version) throws(Failure) in .json(try answer(context, model, version)) }),
    ]
  }

  private static let schemas: Document = [
    "ModelMetadata": object(
      [
        "name": schema("Name"), "versions": list(schema("Name")), "platform": string,
        "inputs": list(schema("TensorSpec")), "outputs": list(schema("TensorSpec")),
      ],
      optional: ["parameters": object(["notes": about("What callers should know of its values.", list(string))])]),
    "ModelReady": object(["name": schema("Name"), "ready": flag]),
    "ModelConfig": object([
      "name": schema("Name"), "platform": string, "backend": string, "max_batch_size": count,
      "input": list(schema("ConfigTensor")), "output": list(schema("ConfigTensor")),
    ]),
    "ConfigTensor": object([
      "name": string, "data_type": ["type": "string", "pattern": "^TYPE_[A-Z0-9]+$"],
      "dims": list(["type": "integer", "minimum": -1]),
    ]),
    "Tally": about("How often, and nanoseconds in all.", object(["count": count, "ns": count])),
    "ModelStatistics": object(["model_stats": list(schema("OneModelStatistics"))]),
    "OneModelStatistics": object([
      "name": schema("Name"), "version": schema("Name"),
      "last_inference": about("Milliseconds since 1970; 0 where there was none.", count), "inference_count": count,
      "execution_count": count,
      "inference_stats": object([
        "success": schema("Tally"), "fail": schema("Tally"), "queue": schema("Tally"), "compute_input": schema("Tally"),
        "compute_infer": schema("Tally"), "compute_output": schema("Tally"), "cache_hit": schema("Tally"),
        "cache_miss": schema("Tally"),
      ]),
      "batch_stats": list(
        object([
          "batch_size": ["type": "integer", "minimum": 1], "compute_input": schema("Tally"),
          "compute_infer": schema("Tally"), "compute_output": schema("Tally"),
        ])),
    ]),
  ]

  private static func metadata(
    _ context: RequestContext, _ model: String, _ version: String?
  ) throws(Failure) -> [UInt8] {
    try describe(context, model, version).json
  }

  static func describe(
    _ context: RequestContext, _ model: String, _ version: String?
  ) throws(Failure) -> ModelMetadata {
    let served = try context.find(model, version)
    let versions = context.models.list().first { $0.model == model }?.versions.compactMap { entry in
      if case .ready = entry.state { entry.version } else { nil }
    }
    return ModelMetadata(
      name: served.model, versions: version.map { _ in [served.version] } ?? versions ?? [],
      platform: served.runtime.rawValue,
      inputs: served.inputs, outputs: served.outputs, notes: served.limits + unchecked(served))
  }

  /// That nobody has compared its answers, and why.
  private static func unchecked(_ served: ServedVersion) -> [String] {
    guard let check = served.check, check.verdict == .unchecked else { return [] }
    return [check.sentence]
  }

  private static func readiness(
    _ context: RequestContext, _ model: String, _ version: String?
  ) throws(Failure) -> [UInt8] {
    let served = try context.find(model, version)
    return ModelMetadata.ready(served.model, !served.refusesWhileAway)
  }

  private static func configuration(
    _ context: RequestContext, _ model: String, _ version: String?
  ) throws(Failure) -> [UInt8] {
    try describe(context, model, version).configuration(maxBatchSize: try batchSize(context, model, version))
  }

  /// The most rows of a request; 0 where each is a batch.
  static func batchSize(_ context: RequestContext, _ model: String, _ version: String?) throws(Failure) -> Int {
    try context.find(model, version).takesRows ? ServedVersion.maxRows : 0
  }

  private static func statistics(
    _ context: RequestContext, _ model: String, _ version: String?
  ) throws(Failure) -> [UInt8] {
    ModelStatistics.json([ModelStatistics(try context.find(model, version))])
  }

  private static func allStatistics(_ context: RequestContext) -> Response {
    .json(ModelStatistics.json(allStatistics(context.models)))
  }

  /// Of every version that can be asked.
  static func allStatistics(_ models: ModelRepository) -> [ModelStatistics] {
    let served = models.list().flatMap { entry in
      entry.versions.compactMap { if case .ready(let served) = $0.state { served } else { nil } }
    }
    return served.map { ModelStatistics($0) }
  }
}
