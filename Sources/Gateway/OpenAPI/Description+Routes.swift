internal import Access

/// The routes.
extension Description {
  static let paths: [(String, Document)] =
    [
      ("/v2", ["get": Operation("serverMetadata", "What the server is", .open, .read, ok("ServerMetadata")).document]),
      (
        "/v2/health/live",
        ["get": Operation("serverLive", "Whether the process answers", .open, nil, ok("Live")).document]
      ),
      ("/v2/health/ready", ["get": ready("serverReady", .open)]),
      (
        "/v2/models/stats",
        [
          "get": Operation(
            "statistics", "What every model did since it was loaded", .open, .read, ok("ModelStatistics")
          ).document
        ]
      ),
      ("/v2/repository/index", ["post": index]),
      (
        "/v2/repository/models/{model}/load",
        ["post": control("load", "Loads a model, or what is new of it, while the old goes on", "LoadRequest")]
      ),
      (
        "/v2/repository/models/{model}/unload",
        ["post": control("unload", "Stops serving a model once what was accepted is answered", "UnloadRequest")]
      ),
    ] + [false, true].flatMap(protocolPaths) + ownPaths + serverPaths

  /// One method of one path.
  struct Operation {
    let id: String
    let summary: String
    let tag: Tag
    let scope: Scope?
    let success: [(String, Document)]
    var parameters: [String] = []
    var body: Document?
    var more: [Failing] = []

    init(
      _ id: String, _ summary: String, _ tag: Tag, _ scope: Scope?, _ success: [(String, Document)],
      parameters: [String] = [], body: Document? = nil, more: [Failing] = []
    ) {
      (self.id, self.summary, self.tag, self.scope, self.success) = (id, summary, tag, scope, success)
      (self.parameters, self.body, self.more) = (parameters, body, more)
    }

    var document: Document {
      let statuses = everywhere + (scope == nil ? [] : withKey) + (body == nil ? [] : withBody) + more
      let taken = Set(success.map(\.0))
      let failing = Set(statuses).sorted { $0.rawValue < $1.rawValue }.filter { !taken.contains("\($0.rawValue)") }
      let answers =
        success + failing.map { ("\($0.rawValue)", reference("responses", name(of: $0, isOpen: tag == .open))) }
      var entries: [(String, Document)] = [
        ("operationId", .text(id)), ("summary", .text(summary)), ("tags", [.text(tag.rawValue)]),
      ]
      if let scope {
        let need = "Where the server asks for keys: one of the scope \(scope.rawValue)."
        entries += [("description", .text(need)), ("security", [["key": [.text(scope.rawValue)]], [:]])]
      } else {
        entries.append(("security", []))
      }
      if !parameters.isEmpty { entries.append(("parameters", .list(parameters.map(parameter)))) }
      if let body { entries.append(("requestBody", body)) }
      return .object(entries + [("responses", .object(answers.sorted { $0.0 < $1.0 }))])
    }
  }

  static func ok(_ name: String) -> [(String, Document)] { answer(json(schema(name))) }

  static func answer(_ content: Document, _ text: String = "Done.") -> [(String, Document)] {
    [("200", ["description": .text(text), "content": content])]
  }

  static func ready(_ id: String, _ tag: Tag) -> Document {
    let notYet: Document = [
      "anyOf": .list((tag == .open ? ["Ready", "OpenError", "Error"] : ["Ready", "Error"]).map(schema))
    ]
    let answers: [(String, Document)] = ok("Ready") + [("503", ["description": "Not yet.", "content": json(notYet)])]
    return Operation(id, "Whether every model was loaded or given up", tag, nil, answers).document
  }

  private static func body(_ content: Document, isRequired: Bool = true) -> Document {
    ["required": .flag(isRequired), "content": content]
  }

  private static let index = Operation(
    "repositoryIndex", "Every model and version, with its state", .open, .read, ok("Index"),
    body: body(json(schema("IndexRequest")), isRequired: false)
  ).document

  private static func control(_ id: String, _ summary: String, _ request: String) -> Document {
    Operation(
      id, summary, .open, .admin, [("200", ["description": "Done."])], parameters: ["Model"],
      body: body(json(schema(request)), isRequired: false), more: [.notFound, .unsupported]
    ).document
  }

  /// Once for the usual version of a model, once for one that is named.
  private static func protocolPaths(isVersion: Bool) -> [(String, Document)] {
    let base = "/v2/models/{model}" + (isVersion ? "/versions/{version}" : "")
    let parameters = ["Model"] + (isVersion ? ["VersionOrAlias"] : [])
    let word = isVersion ? "Version" : ""
    let reading = [
      ("", "Metadata", "What a model takes and gives", "ModelMetadata"),
      ("/ready", "Ready", "Whether a model can be asked", "ModelReady"),
      ("/config", "Config", "A model's configuration, in Triton's form", "ModelConfig"),
      ("/stats", "Statistics", "What a model did since it was loaded", "ModelStatistics"),
    ]
    let infer = Operation(
      "infer" + word, "Tensors in, tensors out", .open, .infer,
      [
        (
          "200",
          [
            "description": "The outputs, as JSON or with binary tensors behind it.",
            "headers": [
              "Inference-Header-Content-Length": [
                "description": "Bytes of JSON in front of binary tensors.", "schema": count,
              ]
            ],
            "content": json(schema("InferAnswer")).with(["application/octet-stream": bytes("application/octet-stream")]
            ),
          ]
        )
      ], parameters: parameters + ["HeadCount"],
      body: body(json(schema("InferRequest")).with(["application/octet-stream": bytes("application/octet-stream")])),
      more: [.notFound, .mediaType, .unsupported, .late])
    return reading.map { suffix, id, summary, answer in
      let operation = Operation(
        "model\(word)\(id)", summary, .open, .read, ok(answer), parameters: parameters, more: [.notFound])
      return (base + suffix, ["get": operation.document])
    } + [(base + "/infer", ["post": infer.document])]
  }

  private static let ownPaths: [(String, Document)] = [
    (
      "/v1/models",
      [
        "get": Operation(
          "listModels", "Every model, with versions, states and aliases", .models, .read,
          answer(json(list(schema("Model"))))
        ).document
      ]
    ),
    (
      "/v1/models/{model}",
      [
        "get": Operation("getModel", "One model", .models, .read, ok("Model"), parameters: ["Model"], more: [.notFound])
          .document
      ]
    ),
    ("/v1/models/{model}/predict", ["post": predict("predict", [])]),
    ("/v1/models/{model}/versions/{version}/predict", ["post": predict("predictVersion", ["VersionOrAlias"])]),
    (
      "/v1/models/{model}/aliases/{alias}",
      [
        "put": Operation(
          "setAlias", "Points an alias to a version that is ready", .models, .admin,
          [("204", ["description": "Done."])],
          parameters: ["Model", "Alias"], body: body(json(schema("AliasRequest"))), more: [.notFound]
        ).document,
        "delete": Operation(
          "removeAlias", "Takes an alias away", .models, .admin, [("204", ["description": "Done."])],
          parameters: ["Model", "Alias"], more: [.notFound] + withBody
        ).document,
      ]
    ),
  ]

  /// Types that a picture or clip may come as; the bytes themselves decide what it is.
  static let pictureTypes = ["image/jpeg", "image/png", "image/webp", "image/bmp", "image/gif"]
  static let clipTypes = ["video/mp4", "video/webm", "video/quicktime", "video/x-matroska"]

  private static func predict(_ id: String, _ more: [String]) -> Document {
    let part: Document = ["type": "string", "contentMediaType": "application/octet-stream"]
    let form: Document = ["oneOf": [object(["image": part]), object(["video": part])]]
    let raw = (pictureTypes + clipTypes + ["application/octet-stream"]).map { ($0, bytes($0)) }
    return Operation(
      id, "A picture or a short clip in, predictions out", .models, .infer,
      answer(
        json(schema("Predictions")).with(["image/jpeg": bytes("image/jpeg")]),
        "What the model sees; with draw=1 the picture with it drawn in."),
      parameters: ["Model"] + more + ["Draw"],
      body: body(.object(raw + [("multipart/form-data", ["schema": form])])),
      more: [.notFound, .mediaType, .unsupported, .late]
    ).document
  }

  private static let serverPaths: [(String, Document)] = {
    let page = answer(["text/html": ["schema": string]], "A page for a browser.")
    let file = answer(
      .object(["text/javascript", "text/css", "image/svg+xml"].map { ($0, ["schema": string]) }), "A file.")
    let same: [(String, Document)] = [("304", ["description": "It is still what If-None-Match names."])]
    return [
      (
        "/v1/status",
        ["get": Operation("status", "What goes on, and counters that only grow", .server, .read, ok("Status")).document]
      ),
      (
        "/metrics",
        [
          "get": Operation(
            "metrics", "Figures for Prometheus", .server, .read,
            answer(["text/plain": ["schema": string]], "Prometheus text format.")
          ).document
        ]
      ),
      ("/healthz", ["get": Operation("alive", "Whether the process answers", .server, nil, ok("Live")).document]),
      ("/readyz", ["get": ready("ready", .server)]),
      (
        "/openapi.json",
        ["get": Operation("description", "This description", .server, nil, answer(json(["type": "object"]))).document]
      ),
      ("/", ["get": Operation("dashboard", "The dashboard", .server, nil, page + same).document]),
      (
        "/assets/{file}",
        [
          "get": Operation(
            "asset", "Files of the dashboard", .server, nil, file + same, parameters: ["File"], more: [.notFound]
          ).document
        ]
      ),
    ]
  }()
}
