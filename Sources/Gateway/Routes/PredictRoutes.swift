internal import Access
internal import Web

/// Pictures and clips in, predictions out.
enum PredictRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: ModelRoutes.tag,
    routes: [
      Route(
        .post, "/v1/models/{model}/predict", .model, for: .infer, body: .media, operation("predict"),
        begin: { (context, model) throws(Failure) in try context.predict(model, nil) }),
      Route(
        .post, "/v1/models/{model}/versions/{version}/predict", .model, .version, for: .infer, body: .media,
        operation("predictVersion"),
        begin: { (context, model, version) throws(Failure) in try context.predict(model, version) }),
    ], schemas: schemas)

  private static func operation(_ id: String) -> Operation {
    Operation(
      id, "A picture or a short clip in, predictions out",
      answer(
        json(schema("Predictions")).with(["image/jpeg": bytes("image/jpeg")]),
        "What the model sees; with draw=1 the picture with it drawn in."),
      body: body(PredictMedia.content), parameters: PredictQuery.parameters,
      failures: [.notFound, .mediaType, .unsupported, .late])
  }

  private static let schemas: Document = [
    "Predictions": object([
      "model": about("NAME@sha256:…", string), "version": schema("Name"), "task": schema("Task"),
      "width": about("Of the upright picture, in pixels.", count), "height": count,
      "frames": about("How many were looked at; 1 for a picture.", count),
      "corrupt_frames": about("Damaged ones, which were looked at all the same, and missing ones.", count),
      "predictions": list(schema("Prediction")),
    ]),
    "Prediction": about(
      "As docs/predictions.md tells; frame, time and pts stand with clips.",
      object(
        ["kind": schema("Task"), "model": string],
        optional: [
          "frame": count, "time": number, "pts": ["type": "integer"], "label": string, "score": schema("Score"),
          "box": about(
            "Left, top, width, height, in fractions of the upright picture.",
            ["type": "array", "items": number, "minItems": 4, "maxItems": 4]),
          "track": count, "parent": count, "state": ["type": "string", "enum": ["on", "off"]],
          "span": about(
            "Seconds of the first and last frame of what was seen.",
            ["type": "array", "items": number, "minItems": 2, "maxItems": 2]),
          "points": list(object(["x": number, "y": number], optional: ["name": string, "score": schema("Score")])),
          "mask": about(
            "Run lengths down the columns, outside first.",
            object(["size": list(count), "counts": list(count), "share": number])),
          "text": string, "vector": list(schema("Score")), "tensor": ["type": "object"],
        ])),
    "Score": about("null for what is no number.", ["type": ["number", "null"]]),
  ]
}
