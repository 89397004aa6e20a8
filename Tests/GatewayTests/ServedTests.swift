import Access
import Base
import Foundation
import Inference
import MediaProcess
import Serving
import TestKit
import Testing
import Web

@testable import Gateway

/// A gateway behind a real server, with one model and keys of two clients for every set of scopes.
struct Served {
  let folder = TemporaryFolder()
  let server: Server
  let models: ModelRepository
  private(set) var keys: [NewKey] = []
  /// The patterns of the routes that were answered.
  let routes = Monitor<[String?]>([])

  init(needsKey: Bool = true) throws {
    try FileSystem.makeFolder(folder.file("models/sum/1"))
    try SumNetwork.write(to: folder.file("models/sum/1/model"))
    let file = KeyFile(folder.file("keys.json"))
    var random = SystemRandomNumberGenerator()
    var made: [NewKey] = []
    try file.change(stillWanted: { true }) { list in
      for client in ["acme", "bolt"] {
        for bits in 1..<(1 << Scope.allCases.count) {
          let scopes = Scope.allCases.indices.filter { bits & 1 << $0 != 0 }.map { Scope.allCases[$0] }
          made.append(list.create(KeyRequest(client: client, scopes: Scopes(scopes)), at: 0, using: &random))
        }
      }
    }
    keys = made
    models = try ModelRepository(
      ModelRepository.Options(folder: folder.file("models"), store: folder.file("store")),
      on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    var media = MediaPool.Options(limit: 2)
    media.program = Program.path
    let gateway = Gateway(models, keys: try KeyRing(file, needsKey: needsKey), pictures: PictureDesk(MediaPool(media)))
    {
      [routes] _, route, _ in
      routes.update { $0.append(route) }
    }
    server = try Server(ServerOptions(), handler: gateway)
    gateway.count(server)
    server.start()
  }

  func end() { server.drain(within: 5) }
}

extension PlainClient {
  func ask(
    _ method: String, _ path: String, key: String? = nil, body: String? = nil, host: String = "localhost",
    origin: String? = nil
  ) throws -> PlainAnswer {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n"
    if let origin { head += "Origin: \(origin)\r\n" }
    if let key { head += "Authorization: Bearer \(key)\r\n" }
    if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
    send(head + "\r\n" + (body ?? ""))
    return try answer(bare: method == "HEAD")
  }
}

struct ServedTests {
  /// Every route, with a request that is answered with something else than 401 and 403 where it is let in.
  private static let routes: [(method: String, path: String, scope: Scope?, needsKey: Bool)] = Gateway.table.routes.map
  { route in
    // What changes models is asked of one that is not there.
    let values = ["model": route.scope == .admin ? "none" : "sum", "version": "1", "file": "main.js", "alias": "live"]
    let path = route.pattern.text.replacing(/\{([a-z]+)\}/) { values[String($0.1)] ?? "none" }
    return (route.method.rawValue, path, route.scope, route.needsKey)
  }

  @Test("Every route × every set of scopes × every client: nobody gets further than the key's scopes go")
  func scopes() throws {
    let served = try Served()
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    for route in Self.routes {
      let body = route.method == "POST" || route.method == "PUT" ? "{}" : nil
      let without = try client.ask(route.method, route.path, body: body)
      #expect((without.status == 401) == route.needsKey, "\(route) without a key: \(without.status)")
      for new in served.keys {
        let status = try client.ask(route.method, route.path, key: new.text, body: body).status
        // Whose picture or words a network looks at must have leave for that too.
        let isLookedAt =
          route.method == "POST" && route.path == "/v1/search/similar" || route.path == "/v1/search/words"
        let mayPass =
          (route.scope.map { new.key.scopes.allow($0) } ?? true) && (!isLookedAt || new.key.scopes.allow(.infer))
        #expect(
          (status == 403) == !mayPass && status != 401 && status < 500, "\(route) for \(new.key.scopes): \(status)")
      }
    }
  }

  @Test("Where no key is needed a page of another site may do nothing; with a key it may do what the key may")
  func strangers() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    let admin = try #require(served.keys.first { $0.key.scopes.allow(.admin) })
    for route in Self.routes {
      let body = route.method == "POST" || route.method == "PUT" ? "{}" : nil
      for (host, origin) in [("localhost", "https://example.org"), ("example.org", nil), ("localhost", "null")] {
        let without = try client.ask(route.method, route.path, body: body, host: host, origin: origin)
        #expect(
          (without.status == 403) == route.needsKey, "\(route), \(host), \(origin ?? ""): \(without.status)")
        let with = try client.ask(route.method, route.path, key: admin.text, body: body, host: host, origin: origin)
        #expect(with.status != 403, "\(route), \(host), \(origin ?? ""): \(with.status)")
      }
    }
  }

  @Test("Where no key is needed everybody may do everything, and a wrong key is refused all the same")
  func open() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    for route in Self.routes {
      let body = route.method == "POST" || route.method == "PUT" ? "{}" : nil
      let status = try client.ask(route.method, route.path, body: body).status
      #expect(status != 401 && status != 403, "\(route): \(status)")
    }
    #expect(try client.ask("GET", "/v1/models", key: "rk_wrong").status == 401)
  }

  @Test("The metrics count answers by route, and the log is told of it")
  func routeNames() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    for (method, path) in [
      ("GET", "/v1/models/sum"), ("HEAD", "/v1/models/sum"), ("GET", "/v1/models/sun"), ("GET", "/nothing"),
    ] { _ = try client.ask(method, path) }
    let text = try client.ask("GET", "/metrics").text
    let name = "ridley_http_route_requests_total"
    for line in [
      #"{route="/v1/models/{model}",method="GET",status="2xx"} 2"#,
      #"{route="/v1/models/{model}",method="GET",status="4xx"} 1"#,
      #"{route="",method="",status="4xx"} 1"#,
    ] { #expect(text.contains(name + line), "\(line): \(text)") }
    #expect(
      served.routes.update { Array($0.prefix(4)) } == [
        "/v1/models/{model}", "/v1/models/{model}", "/v1/models/{model}", nil,
      ])
  }

  private static let twelve = (0..<12).map { _ in "1" }.joined(separator: ",")

  private static func tensor(_ name: String, _ type: String, _ shape: String, _ data: String) -> String {
    #"{"inputs":[{"name":"\#(name)","datatype":"\#(type)","shape":\#(shape),"data":[\#(data)]}]}"#
  }

  @Test("Wrong input of every kind gets its status and its sentence")
  func wrong() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    let (tensor, twelve) = (Self.tensor, Self.twelve)
    let cases: [(String, String, String?, Int, String)] = [
      ("GET", "/nothing", nil, 404, "there is nothing at /nothing"),
      ("DELETE", "/v1/models", nil, 405, "GET, HEAD"),
      ("GET", "/v2/models/sun", nil, 404, "did you mean 'sum'"),
      ("GET", "/v2/models/sum/versions/7", nil, 404, "has no version '7'"),
      ("POST", "/v2/models/sum/infer", "{", 400, "the request"),
      ("POST", "/v2/models/sum/infer", "{}", 400, "'inputs' is missing"),
      ("POST", "/v2/models/sum/infer", tensor("on", "FP32", "[1,2,2,3]", twelve), 400, "no input 'on'"),
      ("POST", "/v2/models/sum/infer", tensor("in", "INT8", "[1,2,2,3]", twelve), 400, "INT8"),
      ("POST", "/v2/models/sum/infer", tensor("in", "FP32", "[1,3,2,2]", twelve), 400, "[1,3,2,2]"),
      ("POST", "/v2/models/sum/infer", tensor("in", "FP32", "[0,2,2,3]", ""), 400, "no rows were sent"),
      ("POST", "/v2/models/sum/infer", tensor("in", "FP32", "[1,2,2,3]", "1,2"), 400, "12"),
      ("POST", "/v1/models/sum/predict", "no picture", 422, "no manifest"),
      ("POST", "/v1/models/sum/predict?drow=1", "x", 400, "draw"),
      ("POST", "/v2/repository/models/sun/load", nil, 404, "did you mean 'sum'"),
      ("PUT", "/v1/models/sum/aliases/live", #"{"version":"9"}"#, 404, "no version '9'"),
      ("PUT", "/v1/models/sum/aliases/7", #"{"version":"1"}"#, 400, "cannot be an alias"),
    ]
    for (method, path, body, status, words) in cases {
      let answer = try client.ask(method, path, body: body ?? (method == "POST" ? "" : nil))
      #expect(
        answer.status == status && answer.text.contains(words), "\(method) \(path): \(answer.status) \(answer.text)")
      #expect(answer.headers["content-type"] == "application/json")
      let error = try #require(
        (JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])?["error"], "\(answer.text)")
      if path.hasPrefix("/v2") {
        #expect(error is String)
      } else {
        let envelope = try #require(error as? [String: String])
        #expect(Set(envelope.keys) == ["code", "message", "request"])
      }
    }
    // And after all that it still answers.
    let right = try client.ask("POST", "/v2/models/sum/infer", body: tensor("in", "FP32", "[1,2,2,3]", twelve))
    #expect(right.status == 200 && right.text.contains("12"))
  }

  @Test("A long JSON text is read elsewhere than on the loop, and answered the same, right or wrong")
  func longText() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    let blanks = String(repeating: " ", count: 100_000)
    let body = Self.tensor("in", "FP32", "[1,2,2,3]", Self.twelve)
    let short = try client.ask("POST", "/v2/models/sum/infer", body: body)
    let long = try client.ask("POST", "/v2/models/sum/infer", body: blanks + body)
    #expect(long.status == 200 && long.text == short.text)
    let wrong = try client.ask("POST", "/v2/models/sum/infer", body: blanks + "{}")
    #expect(wrong.status == 400 && wrong.text.contains("'inputs' is missing"))
  }

  @Test("What a request brought is let go of once it was answered")
  func memory() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    let body = Self.tensor("in", "FP32", "[1,2,2,3]", Self.twelve)
    for _ in 0..<50 {
      #expect(try client.ask("POST", "/v2/models/sum/infer", body: body).status == 200)
      #expect(try client.ask("POST", "/v2/models/sum/infer", body: "{}").status == 400)
      #expect(try client.ask("POST", "/v1/models/sum/predict", body: "no picture").status == 422)
    }
    try waitUntil("bodies to be let go", seconds: 5) { served.server.counts.bodyBytesInFlight == 0 }
  }

  @Test("An alias leads to its version, stays over a new start, and can be taken away")
  func aliases() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    #expect(try client.ask("PUT", "/v1/models/sum/aliases/blue", body: #"{"version":"1"}"#).status == 204)
    #expect(try client.ask("GET", "/v2/models/sum/versions/blue/ready").status == 200)
    let again = try ModelRepository(
      ModelRepository.Options(folder: served.folder.file("models"), store: served.folder.file("store")),
      on: try Engine(cacheFolder: nil))
    #expect(again.list().first?.aliases == ["blue": "1"])
    #expect(try client.ask("DELETE", "/v1/models/sum/aliases/blue").status == 204)
    #expect(try client.ask("GET", "/v2/models/sum/versions/blue/ready").status == 404)
    let last = try ModelRepository(
      ModelRepository.Options(folder: served.folder.file("models"), store: served.folder.file("store")),
      on: try Engine(cacheFolder: nil))
    #expect(last.list().first?.aliases == [:])
  }

  @Test("An alias of an alias is one of the version that it stands for now")
  func aliasOfAlias() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let client = try PlainClient(served.server.port)
    #expect(try client.ask("PUT", "/v1/models/sum/aliases/live", body: #"{"version":"1"}"#).status == 204)
    #expect(try client.ask("PUT", "/v1/models/sum/aliases/blue", body: #"{"version":"live"}"#).status == 204)
    #expect(try client.ask("GET", "/v2/models/sum/versions/blue/ready").status == 200)
    #expect(served.models.list().first?.aliases == ["live": "1", "blue": "1"])
  }

  @Test("Models come and go with their folders, and a version that changed is refused")
  func folders() throws {
    let served = try Served(needsKey: false)
    defer { served.end() }
    let models = served.models
    try FileSystem.makeFolder(served.folder.file("models/sum/2"))
    try SumNetwork.write(to: served.folder.file("models/sum/2/model"))
    try FileSystem.makeFolder(served.folder.file("models/broken/1"))
    try FileSystem.write(Array("no network".utf8), to: served.folder.file("models/broken/1/model.onnx"))
    models.refresh()
    #expect(try models.find("sum").version == "2")
    #expect(throws: Fault.self) { try models.find("broken") }
    try FileManager.default.removeItem(atPath: served.folder.file("models/sum/2"))
    models.refresh()
    #expect(try models.find("sum").version == "1")
    let changed = try FileSystem.read(served.folder.file("models/sum/1/model.xml")) + [10]
    try FileSystem.write(changed, to: served.folder.file("models/sum/1/model.xml"))
    #expect(throws: Fault.self) { try models.load("sum") }
    #expect(try models.find("sum").version == "1")
  }
}
