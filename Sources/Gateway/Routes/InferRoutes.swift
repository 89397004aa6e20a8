internal import Access

/// Tensors in, tensors out: the Open Inference Protocol with Triton's binary tensors.
enum InferRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: ProtocolServerRoutes.tag,
    routes: [
      Route(
        .post, "/v2/models/{model}/infer", .model, for: .infer, body: .media, operation("infer"),
        begin: { (context, model) throws(Failure) in try context.infer(model, nil) }),
      Route(
        .post, "/v2/models/{model}/versions/{version}/infer", .model, .version, for: .infer, body: .media,
        operation("inferVersion"),
        begin: { (context, model, version) throws(Failure) in try context.infer(model, version) }),
    ], schemas: schemas)

  private static func operation(_ id: String) -> Operation {
    let content = json(schema("InferAnswer")).with(binary)
    return Operation(
      id, "Tensors in, tensors out",
      [
        (
          "200",
          [
            "description": "The outputs, as JSON or with binary tensors behind it.",
            "headers": [
              "Inference-Header-Content-Length": [
                "description": "Bytes of JSON in front of binary tensors.", "schema": count,
              ],
              "X-Model-Digest": [
                "description": "With binary tensors: the version that computed them.", "schema": schema("Digest"),
              ],
            ],
            "content": content,
          ]
        )
      ],
      body: body(json(schema("InferRequest")).with(binary)), parameters: [headCount],
      failures: [.notFound, .mediaType, .unsupported, .late])
  }

  private static let binary: Document = ["application/octet-stream": bytes("application/octet-stream")]

  private static let headCount = ParameterDocument(
    "HeadCount", "Inference-Header-Content-Length", in: .header,
    """
    How many bytes at the front of the body are JSON, with binary tensors behind them; 0 for a body that is one \
    tensor alone.
    """, schema: count)

  /// Objects are open in requests: what is not known is left alone, and null is as good as nothing.
  private static let schemas: Document = [
    "InferRequest": object(
      ["inputs": list(schema("InferInput"))],
      optional: [
        "id": about("Comes back with the answer.", maybe(string)),
        "outputs": about("Left out or empty: all of them.", maybe(list(schema("WantedOutput")))),
        "parameters": maybe(
          object(
            [:],
            optional: [
              "timeout": about(
                "Microseconds after which the answer is not waited for; 0 for the server's choice, and ten minutes at most.",
                maybe(count)),
              "priority": maybe(count),
              "binary_data_output": about("Outputs are binary where they do not say.", maybe(flag)),
            ], open: true)),
      ], open: true),
    "InferInput": object(
      [
        "name": string, "datatype": schema("ElementType"),
        "shape": ["type": "array", "items": count, "maxItems": 32],
      ],
      optional: [
        "parameters": maybe(
          object(
            [:],
            optional: [
              "binary_data_size": about(
                "Bytes of this tensor behind the JSON, in the order of the inputs.", maybe(count))
            ], open: true)),
        "data": about("In row-major order, flat or nested; left out beside binary_data_size.", maybe(list([:]))),
      ], open: true),
    "WantedOutput": object(
      ["name": string],
      optional: [
        "parameters": maybe(
          object(
            [:],
            optional: [
              "binary_data": maybe(flag),
              "classification": about("So many of the highest scores, as texts 'score:index:label'.", maybe(count)),
            ], open: true))
      ], open: true),
    "InferAnswer": object(
      ["model_name": schema("Name"), "model_version": schema("Name"), "outputs": list(schema("InferOutput"))],
      optional: ["id": string]),
    "InferOutput": object(
      ["name": string, "datatype": schema("ElementType"), "shape": list(count)],
      optional: ["parameters": object(["binary_data_size": count]), "data": list([:])]),
  ]
}
