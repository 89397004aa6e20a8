import Access
import Foundation
import Testing

@testable import Gateway

struct DescriptionTests {
  private static let bytes = Description(table: Gateway.table).json(version: "1.2.3")

  private func document() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(Self.bytes)) as? [String: Any])
  }

  private func operations() throws -> [(path: String, method: String, operation: [String: Any])] {
    let paths = try #require(try document()["paths"] as? [String: [String: Any]])
    return paths.flatMap { path, methods in methods.map { (path, $0.key, $0.value as! [String: Any]) } }
  }

  @Test("Every path that is described is a route with these methods and this scope")
  func routes() throws {
    var found: [String: Set<String>] = [:]
    for (path, method, operation) in try operations() {
      let filled = path.replacing(/\{[a-z]+\}/) { match in
        match.0 == "{number}" ? "1" : path.hasPrefix("/assets") ? "main.js" : "thing"
      }
      let route = try #require(Gateway.table.match(filled)?.route(for: method.uppercased()), "\(method) \(path)")
      #expect(route.pattern.text == path)
      found[path, default: []].insert(method.uppercased())
      let security = try #require(operation["security"] as? [[String: [String]]])
      let scopes = security.compactMap { $0["key"] }.flatMap { $0 }
      #expect(scopes == (route.scope.map { [$0.rawValue] } ?? []), "\(method) \(path)")
      let placeholders = Set(path.matches(of: /\{([a-z]+)\}/).map { String($0.1) })
      let parameters = try (operation["parameters"] as? [[String: String]] ?? []).map { try resolve($0["$ref"]!) }
      #expect(Set(parameters.filter { $0["in"] as? String == "path" }.map { $0["name"] as! String }) == placeholders)
    }
    for (path, methods) in found {
      let filled = path.replacing(/\{[a-z]+\}/) { match in
        match.0 == "{number}" ? "1" : path.hasPrefix("/assets") ? "main.js" : "thing"
      }
      let allowed = Set(try #require(Gateway.table.match(filled)).allowed.split(separator: ", ").map(String.init))
      #expect(methods == allowed.subtracting(methods.contains("HEAD") ? [] : ["HEAD"]), "\(path)")
    }
  }

  @Test("Each page of moments that are alike may say what it lacks")
  func incomplete() throws {
    let components = try #require(try document()["components"] as? [String: Any])
    let schemas = try #require(components["schemas"] as? [String: [String: Any]])
    for name in ["SimilarPage", "DuplicatesPage", "WordsPage"] {
      let schema = try #require(schemas[name])
      let properties = try #require(schema["properties"] as? [String: Any])
      #expect(properties["incomplete"] != nil, "\(name)")
      #expect((schema["required"] as? [String])?.contains("incomplete") == false, "\(name)")
    }
  }

  private static let registry =
    ["", "/{model}"].map { "/v1/registry/models\($0)" }
    + [
      "history", "aliases/{alias}", "versions/{version}", "versions/{version}/answered", "evaluations", "trials",
      "trials/{trial}", "trials/{trial}/pictures/{picture}",
    ].map { "/v1/registry/models/{model}/\($0)" }

  private static let searches =
    ["/v1/search", "/v1/shared/{token}", "/v1/shared/{token}/events"]
    + [
      "completions", "explanation", "alerts", "alerts/{alert}", "shares", "shares/{share}", "shares/{share}/uses",
      "similar", "duplicates", "words",
    ].map { "/v1/search/\($0)" }

  private static let rollouts =
    ["", "/{action}"].map { "/v1/registry/models/{model}/rollout\($0)" } + ["/v1/registry/rollouts"]

  private static let fleet =
    ["", "/{node}", "/{node}/logs", "/{node}/ledger", "/{node}/fetches"].map { "/v1/fleet/nodes\($0)" }
    + ["/v1/fleet/tokens", "/v1/fleet/updates", "/v1/fleet/updates/{version}"]

  @Test("Every kind of route is described")
  func complete() throws {
    let paths = try #require(try document()["paths"] as? [String: Any]).keys
    let all = [
      "/", "/assets/{file}", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/status", "/v1/models",
      "/v1/models/{model}", "/v1/models/{model}/predict", "/v1/models/{model}/versions/{version}/predict",
      "/v1/models/{model}/aliases/{alias}", "/v1/pipelines", "/v1/pipelines/{pipeline}",
      "/v1/pipelines/{pipeline}/predict", "/v2",
      "/v2/health/live", "/v2/health/ready", "/v2/models/stats", "/v2/repository/index",
      "/v2/repository/models/{model}/load", "/v2/repository/models/{model}/unload",
    ]
    let both = ["", "/ready", "/config", "/stats", "/infer"].flatMap {
      ["/v2/models/{model}\($0)", "/v2/models/{model}/versions/{version}\($0)"]
    }
    let analysis = ["/predictions", "/predictions/{number}", "/timeline", "/frames/{number}", "/log", "/export"].map {
      "/v1/assets/{asset}/analyses/{analysis}\($0)"
    }
    let insights = ["shots", "breaks", "labels", "safety", "products", "attention", "memorability"].map {
      "/v1/assets/{asset}/\($0)"
    }
    let library =
      insights + [
        "/v1/assets", "/v1/assets/{asset}", "/v1/assets/{asset}/content", "/v1/assets/{asset}/address", "/v1/uploads",
        "/v1/uploads/{upload}", "/v1/files/{name}", "/v1/changes", "/v1/assets/{asset}/thumbnail", "/v1/clients",
        "/v1/totals", "/v1/totals/assets", "/v1/session", "/v1/analyses", "/v1/catalogue",
        "/v1/catalogue/{product}/picture", "/v1/triggers", "/v1/triggers/{trigger}", "/v1/streams",
        "/v1/streams/{stream}",
        "/v1/streams/{stream}/predictions", "/v1/streams/{stream}/still.jpg", "/v1/streams/{stream}/view.m3u8",
        "/v1/streams/{stream}/view.mp4", "/v1/streams/{stream}/view/{part}",
        "/v1/streams/{stream}/events", "/v1/streams/{stream}/zones", "/v1/streams/{stream}/drift",
        "/v1/streams/{stream}/zones/history", "/v1/events", "/v1/events/{event}", "/v1/events/{event}/snapshot",
        "/v1/events/{event}/clip", "/v1/streams/{stream}/recordings", "/v1/streams/{stream}/recording.mp4",
        "/v1/streams/{stream}/holds", "/v1/streams/{stream}/holds/{hold}",
        "/v1/capacity", "/v1/targets", "/v1/targets/{target}", "/v1/targets/{target}/test",
        "/v1/targets/{target}/replay", "/v1/targets/{target}/pause", "/v1/targets/{target}/resume", "/v1/deliveries",
        "/v1/links/{event}/snapshot", "/v1/links/{event}/clip",
      ]
    let jobs =
      ["", "/backlog", "/{job}", "/{job}/items", "/{job}/reasons", "/{job}/events"]
      + ["pause", "resume", "cancel", "retry"].map { "/{job}/\($0)" }
    let more = Self.fleet + Self.searches + Self.registry + Self.rollouts + jobs.map { "/v1/jobs\($0)" }
    #expect(Set(paths) == Set(all + both + analysis + library + more))
  }

  @Test("What is referred to is there, and what is there is referred to")
  func references() throws {
    let text = String(decoding: Self.bytes, as: UTF8.self)
    let used = Set(text.matches(of: /"\$ref":"([^"]+)"/).map { String($0.1) })
    for reference in used { _ = try resolve(reference) }
    let components = try #require(try document()["components"] as? [String: [String: Any]])
    for kind in ["schemas", "responses", "parameters", "headers"] {
      for name in try #require(components[kind]).keys {
        #expect(used.contains("#/components/\(kind)/\(name)") || name.hasSuffix("MediaType"), "\(kind)/\(name)")
      }
    }
  }

  @Test("Operations have names of their own, and each tells what happens when it fails")
  func operationsAreWhole() throws {
    let all = try operations()
    #expect(Set(all.map { $0.operation["operationId"] as? String }).count == all.count)
    for (path, method, operation) in all {
      let statuses = Set(try #require(operation["responses"] as? [String: Any]).keys)
      #expect(statuses.isSuperset(of: ["400", "405", "414", "431", "500", "503"]), "\(method) \(path)")
      if operation["requestBody"] != nil { #expect(statuses.isSuperset(of: ["408", "413"]), "\(method) \(path)") }
      if path.contains("{") { #expect(statuses.contains("404"), "\(method) \(path)") }
      #expect(statuses.contains("401") == !(operation["security"] as! [Any]).isEmpty)
    }
    #expect((try document()["info"] as? [String: Any])?["version"] as? String == "1.2.3")
  }

  private func resolve(_ reference: String) throws -> [String: Any] {
    let parts = reference.dropFirst(2).split(separator: "/").map(String.init)
    #expect(reference.hasPrefix("#/"))
    return try parts.reduce(try document()) { try #require($0[$1] as? [String: Any], "\(reference)") }
  }
}
