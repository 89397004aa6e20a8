import Base

/// What a request names: the things of some client, or nobody's, each as it is written in an address.
struct ForeignNames {
  var client: String
  var asset: String
  /// The digest of an analysis' pipeline, with `sha256:` in front.
  var pipeline: String
  var upload: String
  var job: String
  var trigger: String
  /// Of a stream.
  var event: String
  /// A link to a search.
  var share: String
  /// A word of its texts: brands, tags, series and labels are called with it.
  var word: String
  /// What a page of the client's assets gave.
  var token: String
  /// What an answer with the asset would have.
  var tag: String
  var object: String

  /// All that is replaced before two answers are compared.
  var typed: [String] {
    [client, asset, pipeline, upload, job, trigger, event, share, "of-\(word)", word, tag, object]
  }
}

struct ForeignAsk {
  var method = "GET"
  var path: String
  var headers: [(String, String)] = []
  var body: String?
}

extension ForeignNames {
  /// Requests of one operation in which names stand; `nil` where this list does not know the operation.
  func asks(_ operation: String) -> [ForeignAsk]? {
    if Self.shared.contains(operation) { return [] }
    switch operation {
    case "listClients": return [ForeignAsk(path: "/v1/clients")]
    case "listAssets": return lists
    case "listChanges":
      return [
        ForeignAsk(path: "/v1/changes?client=\(client)&after=0"), ForeignAsk(path: "/v1/changes?client=\(client)"),
      ]
    case "listTotals":
      return ["", "&by=brand", "&by=campaign", "&brand=of-\(word)", "&brand=of-\(word)&campaign=of-\(word)"].map {
        ForeignAsk(path: "/v1/totals?client=\(client)\($0)")
      } + [ForeignAsk(path: "/v1/totals?brand=of-\(word)")]
    case "listScoredAssets":
      let score = "series=of-\(word)&label=of-\(word)"
      return ["client=\(client)&\(score)", score, "client=\(client)&\(score)&order=least"].map {
        ForeignAsk(path: "/v1/totals/assets?\($0)")
      }
    case "listAnswered":
      return ["", "&limit=1", "&after=\(token)"].map {
        ForeignAsk(path: "/v1/registry/models/shared/versions/1/answered?client=\(client)\($0)")
      }
    case "listTriggers": return [ForeignAsk(path: "/v1/triggers?client=\(client)")]
    case "addTrigger":
      return [
        #"{"on":"asset","client":"\#(client)","pipeline":"p"}"#,
        #"{"on":"model","client":"\#(client)","brand":"of-\#(word)","pipeline":"p"}"#,
      ].map { ForeignAsk(method: "POST", path: "/v1/triggers", body: $0) }
    case "removeTrigger": return [ForeignAsk(method: "DELETE", path: "/v1/triggers/\(trigger)")]
    default:
      return ofStream(operation) ?? ofEvent(operation) ?? ofAsset(operation) ?? ofAnalysis(operation) ?? ofUpload(
        operation)
        ?? ofJob(operation) ?? ofDelivery(operation) ?? ofSearches(operation) ?? ofFleet(operation)
    }
  }

  /// What all clients share, or speaks of the caller alone: no name of another's thing can be said in it.
  static let shared: Set<String> = [
    "listFleetUpdates", "getFleetUpdate", "beginFleetUpdate", "stopFleetUpdate", "listRegistryModels",
    "getRegistryModel",
    "getRegistryHistory", "getRegistryAlias", "getRegistryVersion",
    "listEvaluations", "listTrials", "getTrial", "getTrialPicture", "listRollouts", "metrics", "status", "listModels",
    "getModel", "listPipelines", "serverMetadata", "statistics", "modelMetadata",
    "modelConfig", "modelReady", "modelStatistics", "modelVersionMetadata", "modelVersionConfig", "modelVersionReady",
    "modelVersionStatistics", "repositoryIndex", "load", "unload", "setAlias", "removeAlias", "getRollout",
    "beginRollout", "changeRollout", "infer", "inferVersion",
    "predict", "predictVersion", "predictPipeline", "getPipeline", "putPipeline", "deletePipeline", "listCatalogue",
    "getCataloguePicture",
    "ModelInfer", "ModelStreamInfer", "ServerMetadata", "ModelReady", "ModelMetadata", "ModelConfig", "ModelStatistics",
    "RepositoryIndex",
    "RepositoryModelLoad", "RepositoryModelUnload",
  ]

  private var lists: [ForeignAsk] {
    let queries = [
      "client=\(client)", "client=\(client)&q=of-\(word)", "q=of-\(word)", "q=\(word)", "brand=of-\(word)",
      "client=\(client)&brand=of-\(word)&campaign=of-\(word)", "tags=of-\(word)", "client=\(client)&tags=of-\(word)",
      "client=\(client)&state=analysed", "client=\(client)&kind=video&limit=1", "client=\(client)&after=\(token)",
      "after=\(token)", "client=\(client)&from=2020-01-01T00:00:00Z",
    ]
    return queries.map { ForeignAsk(path: "/v1/assets?\($0)") }
  }

  private func ofAsset(_ operation: String) -> [ForeignAsk]? {
    let path = "/v1/assets/\(asset)"
    switch operation {
    case "getAsset": return read(path, tags: [tag])
    case "getContent":
      return read(path + "/content", tags: ["\"\(object)\""])
        + [ForeignAsk(path: path + "/content", headers: [("Range", "bytes=0-3")])]
    case "getShots", "getBreaks", "getLabels", "getSafety", "getProducts", "getAttention", "getMemorability":
      return [ForeignAsk(path: path + "/" + operation.dropFirst(3).lowercased())]
    case "getAddress": return [ForeignAsk(path: path + "/address")]
    case "getThumbnail": return read(path + "/thumbnail", tags: [tag])
    case "updateAsset":
      let edits = [
        #"{"tags":["seen"]}"#, #"{"client":"\#(client)"}"#, #"{"client":"\#(client)","brand":"of-\#(word)"}"#,
      ]
      return edits.map { ForeignAsk(method: "PATCH", path: path, body: $0) } + [
        ForeignAsk(method: "PATCH", path: path, headers: [("If-Match", tag)], body: edits[0])
      ]
    case "deleteAsset":
      return [[], [("If-Match", tag)], [("If-Match", "\"0\"")]].map {
        ForeignAsk(method: "DELETE", path: path, headers: $0)
      }
    default: return nil
    }
  }

  private func ofStream(_ operation: String) -> [ForeignAsk]? {
    func asks(_ method: String, _ body: String? = nil, ending: String = "", _ query: String = "") -> [ForeignAsk] {
      ["?\(query)", "?client=\(client)&\(query)"].map {
        let words = $0.hasSuffix("&") || $0.hasSuffix("?") ? String($0.dropLast()) : $0
        return ForeignAsk(method: method, path: "/v1/streams/of-\(word)\(ending)\(words)", body: body)
      }
    }
    switch operation {
    case "listStreams": return [ForeignAsk(path: "/v1/streams?client=\(client)"), ForeignAsk(path: "/v1/streams")]
    case "getStream": return asks("GET")
    case "deleteStream": return asks("DELETE")
    case "putStream": return [asks("PUT", #"{"source":"rtsp://of-\#(word)/","model":"none"}"#)[1]]
    case "followStream": return asks("GET", ending: "/predictions")
    case "viewStream": return asks("GET", ending: "/view.mp4")
    case "listStreamParts": return asks("GET", ending: "/view.m3u8")
    case "streamPart": return asks("GET", ending: "/view/1-0.mp4") + asks("GET", ending: "/view/1-1.m4s")
    case "streamStill": return asks("GET", ending: "/still.jpg")
    case "getCapacity":
      return [ForeignAsk(path: "/v1/capacity?client=\(client)"), ForeignAsk(path: "/v1/capacity?like=of-\(word)")]
    case "getZones": return asks("GET", ending: "/zones")
    case "putZones": return asks("PUT", "{}", ending: "/zones")
    case "deleteZones": return asks("DELETE", ending: "/zones")
    case "listZones": return asks("GET", ending: "/zones/history")
    case "getDrift": return asks("GET", ending: "/drift")
    case "forgetDrift": return asks("DELETE", ending: "/drift")
    case "listHolds": return asks("GET", ending: "/holds")
    case "addHold":
      let body = #"{"from":"2026-11-28T08:00:00Z","to":"2026-11-28T09:00:00Z"}"#
      return [asks("POST", body, ending: "/holds")[1]]
    case "deleteHold": return asks("DELETE", ending: "/holds/\(event)")
    case "listRecordings": return asks("GET", ending: "/recordings")
    case "getRecording": return asks("GET", ending: "/recording.mp4")
    case "followEvents": return asks("GET", ending: "/events") + asks("GET", ending: "/events", "after=0")
    default: return nil
    }
  }

  private func ofEvent(_ operation: String) -> [ForeignAsk]? {
    switch operation {
    case "listEvents":
      let queries = ["", "stream=of-\(word)", "label=of-\(word)", "zone=of-\(word)", "after=\(token)"]
      return (queries.map { "client=\(client)&\($0)" } + queries.dropFirst()).map {
        ForeignAsk(path: "/v1/events?\($0.hasSuffix("&") ? String($0.dropLast()) : $0)")
      }
    case "getEvent", "getSnapshot", "getClip":
      let ending = ["getEvent": "", "getSnapshot": "/snapshot"][operation] ?? "/clip"
      return ["", "?client=\(client)"].map { ForeignAsk(path: "/v1/events/\(event)\(ending)\($0)") }
    default: return nil
    }
  }

  private func ofDelivery(_ operation: String) -> [ForeignAsk]? {
    func asks(_ method: String, _ path: String, _ body: String? = nil) -> [ForeignAsk] {
      ["", "client=\(client)"].map { query in
        let words = query.isEmpty ? "" : (path.contains("?") ? "&" : "?") + query
        return ForeignAsk(method: method, path: path + words, body: body)
      }
    }
    let target = "/v1/targets/of-\(word)"
    switch operation {
    case "listTargets": return [ForeignAsk(path: "/v1/targets?client=\(client)")]
    case "getTarget": return asks("GET", target)
    case "putTarget": return [asks("PUT", target, #"{"address":"https://of-\#(word).example/"}"#)[1]]
    case "removeTarget": return asks("DELETE", target)
    case "testTarget": return asks("POST", target + "/test")
    case "pauseTarget": return asks("POST", target + "/pause")
    case "resumeTarget": return asks("POST", target + "/resume")
    case "replayTarget":
      return asks("POST", target + "/replay", #"{"from":"2020-01-01T00:00:00Z","to":"2030-01-01T00:00:00Z"}"#)
    case "listDeliveries":
      return asks("GET", "/v1/deliveries?target=of-\(word)")
        + asks("GET", "/v1/deliveries?target=of-\(word)&state=waiting")
    case "getLinkedSnapshot", "getLinkedClip":
      let part = operation == "getLinkedClip" ? "clip" : "snapshot"
      return ["0", "9999999999"].map {
        ForeignAsk(path: "/v1/links/\(event)/\(part)?client=\(client)&expires=\($0)&signature=\(object)")
      }
    default: return nil
    }
  }

  private func ofAnalysis(_ operation: String) -> [ForeignAsk]? {
    let endings: [String]
    switch operation {
    case "listPredictions": endings = ["/predictions", "/predictions?from=0&to=9&limit=1", "/predictions?after=1"]
    case "getTimeline": endings = ["/timeline", "/timeline?buckets=3"]
    case "tracePrediction": endings = ["/predictions/0", "/predictions/99"]
    case "getFrame": endings = ["/frames/0"]
    case "getLog": endings = ["/log"]
    case "exportAnalysis":
      let formats = ["coco", "csv", "jsonl", "webvtt", "edl", "otio", "vmap", "scte35", "shots-csv", "shots-otio"]
      endings = formats.map { "/export?format=\($0)" } + ["/export?format=vmap&adTag=https%3A%2F%2Fa.example"]
    default: return nil
    }
    return [pipeline, String(pipeline.dropFirst(7)), String(pipeline.dropFirst(7).prefix(12))].flatMap { pipeline in
      endings.flatMap { read("/v1/assets/\(asset)/analyses/\(pipeline)\($0)", tags: []) }
    }
  }

  private func ofJob(_ operation: String) -> [ForeignAsk]? {
    let path = "/v1/jobs/\(job)"
    func post(_ ending: String, _ body: String?) -> [ForeignAsk] {
      [ForeignAsk(method: "POST", path: path + ending, body: body)]
    }
    switch operation {
    case "listJobs":
      return ["client=\(client)", "client=\(client)&state=running", "client=\(client)&limit=1"].map {
        ForeignAsk(path: "/v1/jobs?\($0)")
      }
    case "getBacklog": return [ForeignAsk(path: "/v1/jobs/backlog")]
    case "startJob":
      return [
        #"{"client":"\#(client)","pipelines":["p"]}"#, #"{"pipelines":["p"],"select":{"assets":["\#(asset)"]}}"#,
      ].map { ForeignAsk(method: "POST", path: "/v1/jobs", headers: [("Idempotency-Key", "k")], body: $0) }
    case "getJob": return read(path, tags: [])
    case "followJob": return [ForeignAsk(path: path + "/events")]
    case "startAnalysis":
      return [
        #"{"source":{"asset":"\#(asset)"},"pipelines":["p"]}"#,
        #"{"client":"\#(client)","source":{"asset":"\#(asset)"},"pipelines":["p"]}"#,
      ].map { ForeignAsk(method: "POST", path: "/v1/analyses", body: $0) }
    case "listJobItems":
      return ["", "?state=waiting", "?reason=0"].map { ForeignAsk(path: path + "/items" + $0) }
    case "listJobReasons": return [ForeignAsk(path: path + "/reasons")]
    case "pauseJob": return post("/pause", nil)
    case "resumeJob": return post("/resume", nil) + post("/resume", #"{"budget":1}"#)
    case "cancelJob": return post("/cancel", nil)
    case "retryJob": return post("/retry", nil)
    default: return nil
    }
  }

  private func read(_ path: String, tags: [String]) -> [ForeignAsk] {
    [ForeignAsk(path: path), ForeignAsk(method: "HEAD", path: path)]
      + tags.flatMap { tag in
        ["If-None-Match", "If-Match", "If-Range"].map { ForeignAsk(path: path, headers: [($0, tag)]) }
      }
  }

  private func ofUpload(_ operation: String) -> [ForeignAsk]? {
    let (path, tus) = ("/v1/uploads/\(upload)", ("Tus-Resumable", "1.0.0"))
    let bytes = ("Content-Type", "application/offset+octet-stream")
    let chunks = [
      [("Upload-Offset", "0")], [("Upload-Offset", "7")], [("Upload-Offset", "0"), ("Upload-Checksum", "sha1 x")],
    ]
    switch operation {
    case "createUpload":
      return ["client \(coded(client))", "client \(coded(client)),brand \(coded("of-" + word))"].map {
        let headers = [tus, ("Upload-Length", "5"), ("Upload-Metadata", $0)]
        return ForeignAsk(method: "POST", path: "/v1/uploads", headers: headers, body: "")
      }
    case "lookUpload": return [[tus], []].map { ForeignAsk(method: "HEAD", path: path, headers: $0) }
    case "continueUpload":
      return chunks.map { ForeignAsk(method: "PATCH", path: path, headers: [tus, bytes] + $0, body: "abc") }
        + [ForeignAsk(method: "PATCH", path: path, headers: [tus], body: "abc")]
    case "postUpload":
      return ["PATCH", "HEAD", "DELETE", "GET"].map {
        let headers = [tus, bytes, ("Upload-Offset", "0"), ("X-HTTP-Method-Override", $0)]
        return ForeignAsk(method: "POST", path: path, headers: headers, body: "abc")
      }
    case "endUpload": return [ForeignAsk(method: "DELETE", path: path, headers: [tus])]
    case "putFile":
      return ["", "&brand=of-\(word)"].map {
        ForeignAsk(method: "PUT", path: "/v1/files/film.mp4?client=\(client)\($0)", body: "abcde")
      }
    default: return nil
    }
  }

  private func coded(_ text: String) -> String { Base64.encode(Array(text.utf8)) }
}
