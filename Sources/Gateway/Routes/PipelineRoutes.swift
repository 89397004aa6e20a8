internal import Access
internal import Base
internal import Execution
internal import Rollouts
internal import Serving
internal import Web

/// Pipelines over HTTP: several networks, tracks and smoothing in one request.
enum PipelineRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Pipelines",
    routes: [
      Route(
        .get, "/v1/pipelines", for: .read,
        Operation("listPipelines", "Every pipeline, by name", answer(json(list(schema("Pipeline"))))), answer: list),
      Route(
        .get, "/v1/pipelines/{pipeline}", pipeline, for: .admin,
        Operation(
          "getPipeline", "A pipeline of the folder, as its file has it", answer(json(schema("PipelineDocument"))),
          failures: [.notFound, .unsupported]), answer: show),
      Route(
        .put, "/v1/pipelines/{pipeline}", pipeline, for: .admin, body: .small, on: .control,
        Operation(
          "putPipeline",
          "Writes a pipeline into the folder, where it fits the models that are served; streams take it up with their next picture",
          [
            ("200", ["description": "Changed, or the same as before.", "content": json(schema("PipelineDocument"))]),
            ("201", ["description": "Added.", "content": json(schema("PipelineDocument"))]),
          ], body: body(json(schema("PipelineRequest"))), failures: [.notFound, .unsupported]), answer: put),
      Route(
        .delete, "/v1/pipelines/{pipeline}", pipeline, for: .admin, body: .small, on: .control,
        Operation(
          "deletePipeline", "Takes a pipeline out of the folder", done(204), failures: [.notFound, .unsupported]),
        answer: delete),
      Route(
        .post, "/v1/pipelines/{pipeline}/predict", pipeline, for: .infer, body: .media,
        Operation(
          "predictPipeline", "A picture or a short clip through a pipeline",
          answer(
            json(schema("PipelinePredictions")).with(["image/jpeg": bytes("image/jpeg")]),
            "What 'ridley analyze --pipeline' finds in it; with draw=1 the picture with it drawn in."),
          body: body(PredictMedia.content), parameters: PredictQuery.parameters,
          failures: [.notFound, .mediaType, .unsupported, .late]),
        begin: { (context, name) throws(Failure) in try context.predict(pipeline: name) }),
    ], schemas: schemas)

  private static let pipeline = PathParameter(
    "pipeline", component: "PipelineName", "A file of the folder of pipelines, without its .yaml.",
    pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$")

  private static let schemas: Document = [
    "Pipeline": object(["name": schema("Name")]),
    "PipelineRequest": object(["document": about("The pipeline as YAML; see docs/pipelines.md.", string)]),
    "PipelineDocument": object([
      "name": schema("Name"), "document": about("The file's text.", string),
    ]),
    "PipelinePredictions": object([
      "pipeline": about("NAME@sha256:…", string), "width": about("Of the upright picture, in pixels.", count),
      "height": count, "frames": about("How many were looked at; 1 for a picture.", count),
      "corrupt_frames": about("Damaged ones, which were looked at all the same, and missing ones.", count),
      "predictions": list(schema("Prediction")),
    ]),
  ]

  private static func list(_ context: RequestContext) -> Response {
    .json(
      JSONWriter.array { json in
        for name in context.models.pipelineNames { json.object { $0.field("name", name) } }
      })
  }
}

extension RequestContext {
  /// Looks at a picture or a clip through a pipeline of the folder and answers what it tells.
  func predict(pipeline name: String) throws(Failure) -> BodyWork {
    do throws(Fault) { _ = try models.pipeline(named: name) } catch { throw Failure(error) }
    return try predict { (query, media) throws(Fault) in
      guard query.every == nil else {
        throw Fault(
          .badInput, "every is for models alone: the pipeline '\(name)' says itself which frames are looked at")
      }
      guard query.options == PredictOptions() else {
        throw Fault(
          .badInput,
          "threshold, iou, top and labels are for models alone: the pipeline '\(name)' says itself what is told")
      }
      let routed = try models.pipeline(named: name) {
        request.header(RolloutKey.header) ?? RolloutKey.of(media.pointer.bytes)
      }
      var predictor = Self.predictor(routed.pipeline, routed.metrics, name)
      if routed.isRolledOut {
        predictor.rescue = { [models] () throws(Fault) in
          let usual = try models.usualPipeline(named: name)
          return Self.predictor(usual.pipeline, usual.metrics, name)
        }
      }
      predictor.shadowed = routed.shadowed.map { [models] route in
        (route, { () throws(Fault) in try models.shadow(of: name, as: routed.pipeline, for: route) })
      }
      return predictor
    }
  }

  private static func predictor(_ pipeline: LoadedPipeline, _ metrics: [ModelMetrics], _ name: String) -> Predictor {
    Predictor(
      pipeline: pipeline, head: [("pipeline", "\(name)@\(pipeline.digest)")],
      models: pipeline.models.map(\.identity), metrics: metrics)
  }
}
