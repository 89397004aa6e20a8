import Access
import Base
import Catalog
import Foundation
import Items
import Library
import LibraryKit
import Search
import TestKit
import Testing
import Web

@testable import Gateway

/// Links to searches over HTTP: without a key, until they are revoked.
struct SharedServerTests {
  private let server: SignedServer
  private let key: (String, String)

  init() throws {
    server = try SignedServer()
    key = ("Authorization", "Bearer \(try server.makeKey("acme", [.read, .write]).text)")
    try server.library.admit("acme")
    try server.library.admit("bolt")
  }

  private func json(_ answer: PlainAnswer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
  }

  private func share(_ query: String, fields: [String]? = nil) throws -> (id: String, path: String) {
    var body: [String: Any] = ["query": query, "expires": "1h"]
    if let fields { body["fields"] = fields }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
    let answer = try server.ask("POST", "/v1/search/shares", [key], body: text)
    #expect(answer.status == 201, "\(answer.text)")
    let made = try json(answer)
    return (try #require(made["share"] as? String), try #require(made["path"] as? String))
  }

  @discardableResult
  private func happen(_ label: String, client: String = "acme") throws -> StreamEvent {
    var random = SystemRandomNumberGenerator()
    let now = server.library.now
    var event = StreamEvent(
      id: ULID(milliseconds: now, using: &random), client: client, stream: "gate", rule: "secret-rule", from: now,
      pipeline: "sha256:1")
    (event.label, event.zone, event.state, event.updated) = (label, "secret-zone", .over, now)
    try server.library.keep(event, picture: nil)
    return event
  }

  /// What a stream of events tells until it ends or nothing comes for some seconds.
  private func follow(_ path: String) throws -> PlainClient {
    let client = try PlainClient(server.server.port, seconds: 5)
    client.send("GET \(path)/events HTTP/1.1\r\nHost: vision.example.org\r\n\r\n")
    let head = try client.answer(bare: true)
    #expect(head.status == 200 && head.headers["content-type"] == "text/event-stream")
    #expect(try String(decoding: client.chunk(), as: UTF8.self).hasPrefix(":"))
    return client
  }

  @Test("A link answers without a key, with the fields that it allows, page after page")
  func pages() throws {
    defer { server.end() }
    for number in 0..<5 { try happen("car-\(number)") }
    try happen("car-9", client: "bolt")
    try MomentDesk(server.library).settle(within: 60)
    let (id, path) = try share("label:car-*", fields: ["label"])
    var (labels, next) = ([String](), String?.none)
    repeat {
      let answer = try server.ask("GET", path + "?limit=2" + (next.map { "&after=\($0)" } ?? ""))
      #expect(answer.status == 200 && answer.headers["cache-control"] == "no-store")
      #expect(!answer.text.contains("secret") && !answer.text.contains("gate"), "\(answer.text)")
      let page = try json(answer)
      #expect(Set(page.keys).isSubset(of: ["found", "next", "asOf"]))
      for chain in try #require(page["found"] as? [[[String: Any]]]) {
        #expect(chain.count == 1 && Set(chain[0].keys) == ["label"])
        labels.append(try #require(chain[0]["label"] as? String))
      }
      next = page["next"] as? String
    } while next != nil
    #expect(labels.sorted() == (0..<5).map { "car-\($0)" })
    let uses = try json(server.ask("GET", "/v1/search/shares/\(id)/uses", [key]))
    let last = try #require(uses["uses"] as? [[String: Any]])
    #expect(uses["count"] as? Int == last.count && last.count >= 3)
    #expect(last.allSatisfy { $0["address"] as? String == "127.0.0.1" && $0["kind"] as? String == "page" })
    #expect(last.compactMap { $0["found"] as? Int }.reduce(0, +) == 5)
    #expect(try server.ask("GET", path + "?q=person").status == 400, "the search is the link's")
  }

  @Test("What ends in a stream is told while a link is followed, and the stream ends within a second of the link")
  func revoked() throws {
    defer { server.end() }
    let moments = MomentService(server.library) { _ in }
    defer { moments.stop() }
    let (id, path) = try share("car then person within 1m", fields: ["label", "kind"])
    let client = try follow(path)
    try happen("car")
    try happen("person", client: "bolt")
    try happen("person")
    let told = try String(decoding: client.chunk(), as: UTF8.self)
    #expect(
      told
        == "event: found\ndata: {\"found\":[{\"kind\":\"event\",\"label\":\"car\"},{\"kind\":\"event\",\"label\":\"person\"}]}\n\n"
    )
    let begun = Clock.now
    #expect(try server.ask("DELETE", "/v1/search/shares/\(id)", [key]).status == 204)
    let gone = try server.ask("GET", path)
    #expect(try client.chunk().isEmpty)
    #expect(Clock.now - begun < 1_000_000_000)
    let unknown = try server.ask("GET", "/v1/shared/" + String(repeating: "A", count: 43))
    for answer in [gone, try server.ask("GET", path + "/events"), try server.ask("HEAD", path)] {
      #expect(answer.status == 404)
    }
    func plain(_ answer: PlainAnswer) -> String { answer.text.replacing(/"request":"[^"]*"/, with: "") }
    #expect(plain(gone) == plain(unknown))
    let uses = try json(server.ask("GET", "/v1/search/shares/\(id)/uses", [key]))
    let last = try #require(uses["uses"] as? [[String: Any]])
    #expect(last.count == 1 && last[0]["kind"] as? String == "events" && last[0]["found"] as? Int == 1)
  }

  @Test("An alert is added, told of within seconds, listed among events, and removed")
  func alerts() throws {
    defer { server.end() }
    let moments = MomentService(server.library) { _ in }
    defer { moments.stop() }
    let body = #"{"name":"cars","query":"car","timeZone":"Europe/Berlin"}"#
    #expect(try server.ask("POST", "/v1/search/alerts", [key], body: body).status == 201)
    #expect(try server.ask("POST", "/v1/search/alerts", [key], body: body).status == 200)
    let other = #"{"name":"cars","query":"cat"}"#
    #expect(try server.ask("POST", "/v1/search/alerts", [key], body: other).status == 409)
    let wrong = #"{"name":"b","query":"score:>.5"}"#
    let refused = try server.ask("POST", "/v1/search/alerts", [key], body: wrong)
    #expect(refused.status == 400 && refused.text.contains("no index serves this search"))
    let event = try happen("car")
    let begun = Clock.now
    var told: [[String: Any]] = []
    try waitUntil("the alert") {
      let page = try json(server.ask("GET", "/v1/events?kind=alert", [key]))
      told = try #require(page["events"] as? [[String: Any]])
      return !told.isEmpty
    }
    #expect(told.count == 1 && told[0]["about"] as? String == event.id.text && told[0]["rule"] as? String == "cars")
    #expect(Clock.now - begun < 5_000_000_000)
    let list = try json(server.ask("GET", "/v1/search/alerts", [key]))
    #expect((list["alerts"] as? [[String: Any]])?.first?["timeZone"] as? String == "Europe/Berlin")
    #expect(try server.ask("DELETE", "/v1/search/alerts/cars", [key]).status == 204)
    #expect(try server.ask("DELETE", "/v1/search/alerts/cars", [key]).status == 404)
  }
}
