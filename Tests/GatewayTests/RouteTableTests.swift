import Access
import Base
import TestKit
import Testing
import Web

@testable import Gateway

struct RouteTableTests {
  private static let table = Gateway.table

  private static func name(_ path: String, _ method: String = "GET") -> String? {
    table.match(path)?.route(for: method)?.operation.id
  }

  @Test("The routes, who may ask them, and how much they take: one line each")
  func all() {
    let lines = Self.table.routes.map { route in
      let body = route.body.map { " \($0)" } ?? ""
      return
        "\(route.method.rawValue) \(route.pattern.text) \(route.scope?.rawValue ?? (route.needsKey ? "key" : "-"))\(body) \(route.operation.id)"
    }
    #expect(lines.sorted() == Self.routes)
  }

  private static let routes = [
    "DELETE /v1/assets/{asset} write deleteAsset", "DELETE /v1/fleet/nodes/{node} admin revokeNode",
    "DELETE /v1/fleet/updates/{version} admin stopFleetUpdate",
    "DELETE /v1/models/{model}/aliases/{alias} admin small removeAlias",
    "DELETE /v1/pipelines/{pipeline} admin small deletePipeline", "DELETE /v1/search/alerts/{alert} write removeAlert",
    "DELETE /v1/search/shares/{share} write revokeShare", "DELETE /v1/session key small signOut",
    "DELETE /v1/streams/{stream} write small deleteStream", "DELETE /v1/streams/{stream}/drift write small forgetDrift",
    "DELETE /v1/streams/{stream}/holds/{hold} write deleteHold", "DELETE /v1/streams/{stream}/zones write deleteZones",
    "DELETE /v1/targets/{target} write removeTarget", "DELETE /v1/triggers/{trigger} write removeTrigger",
    "DELETE /v1/uploads/{upload} upload streamed endUpload", "GET / - dashboard", "GET /assets/{file} - asset",
    "GET /healthz - alive", "GET /metrics read metrics", "GET /openapi.json - description", "GET /readyz - ready",
    "GET /v1/assets read listAssets", "GET /v1/assets/{asset} read getAsset",
    "GET /v1/assets/{asset}/address read getAddress",
    "GET /v1/assets/{asset}/analyses/{analysis}/export read exportAnalysis",
    "GET /v1/assets/{asset}/analyses/{analysis}/frames/{number} read getFrame",
    "GET /v1/assets/{asset}/analyses/{analysis}/log read getLog",
    "GET /v1/assets/{asset}/analyses/{analysis}/predictions read listPredictions",
    "GET /v1/assets/{asset}/analyses/{analysis}/predictions/{number} read tracePrediction",
    "GET /v1/assets/{asset}/analyses/{analysis}/timeline read getTimeline",
    "GET /v1/assets/{asset}/attention read getAttention", "GET /v1/assets/{asset}/breaks read getBreaks",
    "GET /v1/assets/{asset}/content read getContent", "GET /v1/assets/{asset}/labels read getLabels",
    "GET /v1/assets/{asset}/memorability read getMemorability", "GET /v1/assets/{asset}/products read getProducts",
    "GET /v1/assets/{asset}/safety read getSafety", "GET /v1/assets/{asset}/shots read getShots",
    "GET /v1/assets/{asset}/thumbnail read getThumbnail", "GET /v1/capacity read getCapacity",
    "GET /v1/catalogue read listCatalogue", "GET /v1/catalogue/{product}/picture read getCataloguePicture",
    "GET /v1/changes read listChanges", "GET /v1/clients read listClients", "GET /v1/deliveries read listDeliveries",
    "GET /v1/events read listEvents", "GET /v1/events/{event} read getEvent",
    "GET /v1/events/{event}/clip read getClip", "GET /v1/events/{event}/snapshot read getSnapshot",
    "GET /v1/fleet/nodes read listNodes", "GET /v1/fleet/nodes/{node} read getNode",
    "GET /v1/fleet/nodes/{node}/ledger read getLedger",
    "GET /v1/fleet/nodes/{node}/logs admin getNodeLog", "GET /v1/fleet/updates admin listFleetUpdates",
    "GET /v1/fleet/updates/{version} admin getFleetUpdate",
    "GET /v1/jobs read listJobs", "GET /v1/jobs/backlog read getBacklog", "GET /v1/jobs/{job} read getJob",
    "GET /v1/jobs/{job}/events read followJob", "GET /v1/jobs/{job}/items read listJobItems",
    "GET /v1/jobs/{job}/reasons read listJobReasons", "GET /v1/links/{event}/clip - getLinkedClip",
    "GET /v1/links/{event}/snapshot - getLinkedSnapshot", "GET /v1/models read listModels",
    "GET /v1/models/{model} read getModel", "GET /v1/pipelines read listPipelines",
    "GET /v1/pipelines/{pipeline} admin getPipeline", "GET /v1/registry/models admin listRegistryModels",
    "GET /v1/registry/models/{model} admin getRegistryModel",
    "GET /v1/registry/models/{model}/aliases/{alias} admin getRegistryAlias",
    "GET /v1/registry/models/{model}/evaluations admin listEvaluations",
    "GET /v1/registry/models/{model}/history admin getRegistryHistory",
    "GET /v1/registry/models/{model}/rollout admin getRollout",
    "GET /v1/registry/models/{model}/trials admin listTrials",
    "GET /v1/registry/models/{model}/trials/{trial} admin getTrial",
    "GET /v1/registry/models/{model}/trials/{trial}/pictures/{picture} admin getTrialPicture",
    "GET /v1/registry/models/{model}/versions/{version} admin getRegistryVersion",
    "GET /v1/registry/models/{model}/versions/{version}/answered read listAnswered",
    "GET /v1/registry/rollouts admin listRollouts", "GET /v1/search read search",
    "GET /v1/search/alerts read listAlerts", "GET /v1/search/completions read completeSearch",
    "GET /v1/search/duplicates read searchDuplicates", "GET /v1/search/explanation read explainSearch",
    "GET /v1/search/shares read listShares", "GET /v1/search/shares/{share}/uses read listShareUses",
    "GET /v1/search/similar read searchSimilar", "GET /v1/search/words read searchWords",
    "GET /v1/session key getSession", "GET /v1/shared/{token} - searchShared",
    "GET /v1/shared/{token}/events - followShared", "GET /v1/status read status", "GET /v1/streams read listStreams",
    "GET /v1/streams/{stream} read getStream", "GET /v1/streams/{stream}/drift read getDrift",
    "GET /v1/streams/{stream}/events read followEvents", "GET /v1/streams/{stream}/holds read listHolds",
    "GET /v1/streams/{stream}/predictions read followStream",
    "GET /v1/streams/{stream}/recording.mp4 read getRecording",
    "GET /v1/streams/{stream}/recordings read listRecordings", "GET /v1/streams/{stream}/still.jpg read streamStill",
    "GET /v1/streams/{stream}/view.m3u8 read listStreamParts", "GET /v1/streams/{stream}/view.mp4 read viewStream",
    "GET /v1/streams/{stream}/view/{part} read streamPart", "GET /v1/streams/{stream}/zones read getZones",
    "GET /v1/streams/{stream}/zones/history read listZones", "GET /v1/targets read listTargets",
    "GET /v1/targets/{target} read getTarget", "GET /v1/totals read listTotals",
    "GET /v1/totals/assets read listScoredAssets", "GET /v1/triggers read listTriggers", "GET /v2 read serverMetadata",
    "GET /v2/health/live - serverLive", "GET /v2/health/ready - serverReady", "GET /v2/models/stats read statistics",
    "GET /v2/models/{model} read modelMetadata", "GET /v2/models/{model}/config read modelConfig",
    "GET /v2/models/{model}/ready read modelReady", "GET /v2/models/{model}/stats read modelStatistics",
    "GET /v2/models/{model}/versions/{version} read modelVersionMetadata",
    "GET /v2/models/{model}/versions/{version}/config read modelVersionConfig",
    "GET /v2/models/{model}/versions/{version}/ready read modelVersionReady",
    "GET /v2/models/{model}/versions/{version}/stats read modelVersionStatistics",
    "HEAD /v1/uploads/{upload} upload streamed lookUpload", "OPTIONS /v1/uploads - discoverUploads",
    "OPTIONS /v1/uploads/{upload} - discoverUpload", "PATCH /v1/assets/{asset} write small updateAsset",
    "PATCH /v1/fleet/nodes/{node} admin small labelNode",
    "PATCH /v1/uploads/{upload} upload streamed continueUpload",
    "POST /grpc.health.v1.Health/Check - small HealthCheck", "POST /grpc.health.v1.Health/Watch - small HealthWatch",
    "POST /grpc.reflection.v1.ServerReflection/ServerReflectionInfo - streamed Reflection_v1",
    "POST /grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo - streamed Reflection_v1alpha",
    "POST /inference.GRPCInferenceService/ModelConfig read small ModelConfig",
    "POST /inference.GRPCInferenceService/ModelInfer infer media ModelInfer",
    "POST /inference.GRPCInferenceService/ModelMetadata read small ModelMetadata",
    "POST /inference.GRPCInferenceService/ModelReady read small ModelReady",
    "POST /inference.GRPCInferenceService/ModelStatistics read small ModelStatistics",
    "POST /inference.GRPCInferenceService/ModelStreamInfer infer streamed ModelStreamInfer",
    "POST /inference.GRPCInferenceService/RepositoryIndex read small RepositoryIndex",
    "POST /inference.GRPCInferenceService/RepositoryModelLoad admin small RepositoryModelLoad",
    "POST /inference.GRPCInferenceService/RepositoryModelUnload admin small RepositoryModelUnload",
    "POST /inference.GRPCInferenceService/ServerLive - small ServerLive",
    "POST /inference.GRPCInferenceService/ServerMetadata read small ServerMetadata",
    "POST /inference.GRPCInferenceService/ServerReady - small ServerReady",
    "POST /v1/analyses write small startAnalysis",
    "POST /v1/fleet/nodes/{node}/fetches write small fetchRecordings",
    "POST /v1/fleet/nodes/{node}/logs admin small askNodeLog",
    "POST /v1/fleet/tokens admin small makeNodeToken", "POST /v1/fleet/updates admin media beginFleetUpdate",
    "POST /v1/jobs write small startJob",
    "POST /v1/jobs/{job}/cancel write cancelJob", "POST /v1/jobs/{job}/pause write pauseJob",
    "POST /v1/jobs/{job}/resume write small resumeJob", "POST /v1/jobs/{job}/retry write retryJob",
    "POST /v1/models/{model}/predict infer media predict",
    "POST /v1/models/{model}/versions/{version}/predict infer media predictVersion",
    "POST /v1/pipelines/{pipeline}/predict infer media predictPipeline",
    "POST /v1/registry/models/{model}/rollout admin small beginRollout",
    "POST /v1/registry/models/{model}/rollout/{action} admin small changeRollout",
    "POST /v1/search/alerts write small addAlert", "POST /v1/search/shares write small addShare",
    "POST /v1/search/similar read media searchSimilarToPicture", "POST /v1/session key small signIn",
    "POST /v1/streams/{stream}/holds write small addHold", "POST /v1/targets/{target}/pause write pauseTarget",
    "POST /v1/targets/{target}/replay write small replayTarget", "POST /v1/targets/{target}/resume write resumeTarget",
    "POST /v1/targets/{target}/test write testTarget", "POST /v1/triggers write small addTrigger",
    "POST /v1/uploads upload streamed createUpload", "POST /v1/uploads/{upload} upload streamed postUpload",
    "POST /v2/models/{model}/infer infer media infer",
    "POST /v2/models/{model}/versions/{version}/infer infer media inferVersion",
    "POST /v2/repository/index read small repositoryIndex", "POST /v2/repository/models/{model}/load admin small load",
    "POST /v2/repository/models/{model}/unload admin small unload", "PUT /v1/files/{name} upload streamed putFile",
    "PUT /v1/models/{model}/aliases/{alias} admin small setAlias",
    "PUT /v1/pipelines/{pipeline} admin small putPipeline", "PUT /v1/streams/{stream} write small putStream",
    "PUT /v1/streams/{stream}/zones write small putZones", "PUT /v1/targets/{target} write small putTarget",
  ]

  @Test("A literal goes before a parameter, and where it leads nowhere the parameter is tried")
  func literals() {
    #expect(Self.name("/v2/models/stats") == "statistics")
    #expect(Self.name("/v2/models/stats/ready") == "modelReady")
    #expect(Self.name("/v2/models/stats/stats") == "modelStatistics")
    #expect(Self.name("/v2/models/versions/versions/versions") == "modelVersionMetadata")
    #expect(Self.table.match("/v2/models/stats/ready")?.values == ["stats"])
    #expect(Self.table.match("/v2/models/a/versions/b/config")?.values == ["a", "b"])
  }

  @Test("One slash at the end changes nothing, two do")
  func slashes() {
    #expect(Self.name("/v1/models/") == "listModels" && Self.name("/v1/models/a/") == "getModel")
    #expect(Self.name("/") == "dashboard" && Self.name("/v2/") == "serverMetadata")
    for path in ["/v1/models//", "/v1//models", "/v1/models//predict", "//v1/models", "", "v1/models", "*"] {
      #expect(Self.table.match(path) == nil, "\(path)")
    }
  }

  @Test("Segments are decoded by one rule; what is not well formed, and a slash inside, stands for nothing")
  func decoding() {
    #expect(Self.table.match("/v1/models/a%62%2Dc")?.values == ["ab-c"])
    #expect(Self.table.match("/v1/models/%C3%A9t%c3%a9")?.values == ["été"])
    #expect(Self.name("/v1/m%6Fdels") == "listModels")
    #expect(Self.table.match("/v1/models/a%20b+c")?.values == ["a b+c"])
    #expect(Self.table.match("/v1/models/%252F")?.values == ["%2F"])
    for text in ["%", "%4", "%zz", "%2", "a%2Fb", "..%2f..", "%00", "%0a", "%7F", "%ff", "%C3"] {
      #expect(Self.table.match("/v1/models/\(text)") == nil, "\(text)")
    }
  }

  private struct NoSink: BodySink {
    func begin(_ exchange: Exchange) {}
    func append(_ bytes: [UInt8]) {}
    func end() {}
    func broken() {}
  }

  /// As an upload that can be continued has them.
  private static let uploads = RouteTable([
    RouteGroup(
      tag: "Uploads",
      routes: [
        Route(
          .options, "/files", for: nil, Operation("uploadOptions", "What is spoken.", [])
        ) { _ throws(Failure) in Response(204) },
        Route(
          .head, "/files", for: .read, Operation("uploadOffset", "How much is there.", [])
        ) { _ throws(Failure) in Response(200) },
        Route(
          .patch, "/files", for: .upload, Operation("uploadPart", "Sends more.", []),
          stream: { _ throws(Failure) in BodyStream(limit: 10, sink: NoSink()) }),
        Route(
          .get, "/files", for: .read, Operation("download", "All of it.", [])
        ) { _ throws(Failure) in Response(200) },
      ], schemas: [:])
  ])

  @Test("HEAD, OPTIONS and PATCH may have routes of their own, and a body that is streamed is described as one")
  func others() throws {
    let match = try #require(Self.uploads.match("/files"))
    #expect(match.allowed == "OPTIONS, HEAD, PATCH, GET")
    let names = ["HEAD", "GET", "OPTIONS", "PATCH", "PUT"].map { match.route(for: $0)?.operation.id }
    #expect(names == ["uploadOffset", "download", "uploadOptions", "uploadPart", nil])
    #expect(match.route(for: "PATCH")?.body.map { "\($0)" } == "streamed")
    var json = JSONWriter(capacity: 1 << 12)
    match.route(for: "PATCH")?.document(tag: "Uploads").write(to: &json)
    let text = String(decoding: json.bytes, as: UTF8.self)
    #expect(text.contains("\"413\"") && text.contains("\"408\"") && text.contains("uploadPart"))
    let whole = String(decoding: Description(table: Self.uploads).json(version: "1"), as: UTF8.self)
    for method in ["head", "options", "patch", "get"] { #expect(whole.contains("\"\(method)\":{")) }
  }

  @Test("HEAD goes where GET goes, and other methods are told what there is")
  func methods() throws {
    #expect(Self.name("/v1/models", "HEAD") == "listModels" && Self.name("/v1/models", "POST") == nil)
    #expect(Self.table.match("/v1/models")?.allowed == "GET, HEAD")
    let alias = try #require(Self.table.match("/v1/models/a/aliases/b"))
    #expect(alias.allowed == "PUT, DELETE" && alias.route(for: "HEAD") == nil && alias.values == ["a", "b"])
    #expect(alias.route(for: "DELETE")?.operation.id == "removeAlias")
  }

  @Test("A look-up finds what looking through all patterns would, however many there are")
  func oracle() {
    var dice = SeededRandom(7)
    let words = ["a", "b", "c", "{x}"]
    var patterns: Set<String> = []
    for _ in 0..<400 {
      let segments = (0..<Int.random(in: 1...5, using: &dice)).map { _ in words.randomElement(using: &dice)! }
      patterns.insert("/" + segments.enumerated().map { $1 == "{x}" ? "{x\($0)}" : $1 }.joined(separator: "/"))
    }
    let table = RouteTable([RouteGroup(tag: "", routes: patterns.sorted().map(Self.route), schemas: [:])])
    for _ in 0..<2000 {
      let segments = (0..<Int.random(in: 1...6, using: &dice)).map { _ in "abcd".randomElement(using: &dice)! }
      let path = "/" + segments.map(String.init).joined(separator: "/")
      let fitting = patterns.filter { Self.fits($0, path) }
      // Of those that fit, the one whose literals stand further in front.
      let first = fitting.min { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
      #expect(table.match(path)?.routes.map(\.pattern.text) == first.map { [$0] }, "\(path)")
    }
  }

  private static func route(_ pattern: String) -> Route {
    let parameters = PathPattern(pattern).names.map { PathParameter($0, component: $0, "", pattern: "") }
    let operation = Operation(pattern, "", [])
    switch parameters.count {
    case 0: return Route(.get, pattern, for: nil, operation) { _ in .json([]) }
    case 1: return Route(.get, pattern, parameters[0], for: nil, operation) { _, _ in .json([]) }
    case 2: return Route(.get, pattern, parameters[0], parameters[1], for: nil, operation) { _, _, _ in .json([]) }
    case 3:
      return Route(.get, pattern, parameters[0], parameters[1], parameters[2], for: nil, operation) { _, _, _, _ in
        .json([])
      }
    case 4:
      return Route(
        .get, pattern, parameters[0], parameters[1], parameters[2], parameters[3], for: nil, operation
      ) { _, _, _, _, _ in .json([]) }
    default:
      return Route(
        .get, pattern, parameters[0], parameters[1], parameters[2], parameters[3], parameters[4], for: nil, operation
      ) { _, _, _, _, _, _ in .json([]) }
    }
  }

  private static func fits(_ pattern: String, _ path: String) -> Bool {
    let (segments, parts) = (pattern.split(separator: "/"), path.split(separator: "/"))
    return segments.count == parts.count && zip(segments, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
  }

  private static func order(_ pattern: String) -> [Int] {
    pattern.split(separator: "/").map { $0.hasPrefix("{") ? 1 : 0 }
  }

  @Test("What stands behind the question mark is decoded, typed, and refused where it is not known")
  func queries() throws {
    let query = try PredictQuery(try Query("draw&every=0.5s&timeout=%30%2E25", known: ["draw", "every", "timeout"]))
    #expect(query.draws && query.every == 0.5 && query.timeout == 0.25)
    let units = try PredictQuery(try Query("every=250ms&timeout=1.5m", known: ["every", "timeout"]))
    #expect(units.every == 0.25 && units.timeout == 90)
    let usual = try PredictQuery(try Query(nil, known: []))
    #expect(!usual.draws && usual.every == nil && usual.timeout == nil)
    #expect(try PredictQuery(try Query("draw=1&draw=false", known: ["draw"])).draws == false)
    for (text, words) in [
      ("drow=1", "no parameter 'drow' (did you mean 'draw'?): draw, every and timeout are known"),
      ("draw=2", "draw is '2', and 1 or 0 is needed"), ("every=0", "seconds from 0.001 to 3600"),
      ("every=", "every is ''"), ("every=-1s", "every is '-1s'"), ("every=nan", "every is 'nan'"),
      ("every=2h", "seconds from 0.001 to 3600"), ("timeout=601", "seconds from 0.001 to 600"),
      ("timeout=soon", "timeout is 'soon'"),
      ("every=%zz", "not well formed"),
    ] {
      let failure = try #require(throws: Failure.self) {
        _ = try PredictQuery(try Query(text, known: ["draw", "every", "timeout"]))
      }
      #expect(failure.status == 400 && failure.fault.message.contains(words), "\(failure.fault.message)")
    }
  }
}
