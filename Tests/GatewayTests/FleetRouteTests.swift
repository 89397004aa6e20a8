import Access
import Base
import Fleet
import Foundation
import TestKit
import Testing

@testable import Gateway

/// Nodes at the ordinary door, for people with keys.
@Suite struct FleetRouteTests {
  private func key(_ key: NewKey) -> [(String, String)] { [("Authorization", "Bearer \(key.text)")] }

  private func json(_ answer: PlainAnswer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
  }

  @Test func `a token is made, its node listed, labelled and shut out, and other clients see nothing of it`() throws {
    let server = try SignedServer(isCentre: true)
    defer { server.end() }
    let acme = key(try server.makeKey("acme", [.read, .admin]))
    let bolt = key(try server.makeKey("bolt", [.read, .admin]))
    let made = try server.ask(
      "POST", "/v1/fleet/tokens", acme, body: #"{"node":"dock","groups":["west"],"seconds":3600}"#)
    #expect(made.status == 201 && made.headers["cache-control"] == "no-store", "\(made.text)")
    let word = try TokenWord(try #require(try json(made)["token"] as? String))
    let book = FleetBook(server.library)
    let node = try book.enrol(word.name, secret: word.secret, fingerprint: String(repeating: "a", count: 64))
    #expect(node.client == "acme")
    try book.note(Array(#"{"health":{}}"#.utf8), of: node.name)
    let listed = try json(try server.ask("GET", "/v1/fleet/nodes", acme))
    #expect((listed["nodes"] as? [[String: Any]])?.first?["node"] as? String == "dock")
    let shown = try json(try server.ask("GET", "/v1/fleet/nodes/dock", acme))
    #expect(shown["report"] != nil && shown["seen"] != nil && shown["state"] as? String == "enrolled")
    #expect(try server.ask("GET", "/v1/fleet/nodes", bolt).text == #"{"nodes":[]}"#)
    #expect(try server.ask("POST", "/v1/fleet/nodes/dock/logs", bolt, body: #"{"lines":5}"#).status == 404)
    for (method, body) in [("GET", nil), ("PATCH", #"{"tags":["x"]}"#), ("DELETE", nil)] as [(String, String?)] {
      let foreign = try server.ask(method, "/v1/fleet/nodes/dock", bolt, body: body)
      let none = try server.ask(method, "/v1/fleet/nodes/gone", bolt, body: body)
      #expect(foreign.status == 404 && none.status == 404)
    }
    let labelled = try server.ask("PATCH", "/v1/fleet/nodes/dock", acme, body: #"{"tags":["b","a"]}"#)
    #expect(try json(labelled)["tags"] as? [String] == ["a", "b"] && json(labelled)["groups"] as? [String] == ["west"])
    #expect(try server.ask("DELETE", "/v1/fleet/nodes/dock", acme).status == 204)
    #expect(try book.node(node.name)?.state == .revoked)
    let range = #"{"stream":"gate","from":"2026-11-27T12:00:00.000Z","to":"2026-11-27T12:10:00.000Z"}"#
    let writer = key(try server.makeKey("acme", [.write]))
    let late = try server.ask("POST", "/v1/fleet/nodes/dock/fetches", writer, body: range)
    #expect(late.status == 409 && late.text.contains("revoked"), "\(late.text)")
  }

  @Test func `reading needs read and changing needs admin, for one's own client`() throws {
    let server = try SignedServer(isCentre: true)
    defer { server.end() }
    let reader = key(try server.makeKey("acme", [.read, .write]))
    let admin = key(try server.makeKey("acme", [.admin]))
    #expect(try server.ask("GET", "/v1/fleet/nodes", reader).status == 200)
    for (method, path, body) in [
      ("POST", "/v1/fleet/tokens", #"{"node":"dock"}"#), ("PATCH", "/v1/fleet/nodes/dock", "{}"),
      ("DELETE", "/v1/fleet/nodes/dock", nil),
    ] as [(String, String, String?)] {
      #expect(try server.ask(method, path, reader, body: body).status == 403, "\(method) \(path)")
      #expect(try server.ask(method, path, body: body).status == 401, "\(method) \(path)")
    }
    let foreign = try server.ask("POST", "/v1/fleet/tokens", admin, body: #"{"node":"dock","client":"bolt"}"#)
    #expect(foreign.status == 403)
    for body in [
      "", "{}", #"{"node":""}"#, #"{"node":"A"}"#, #"{"node":"a/b"}"#, #"{"node":"d","seconds":1}"#,
      #"{"node":"d","seconds":1e12}"#, #"{"node":"d","groups":"west"}"#, #"{"node":"d","tags":["É"]}"#,
      #"{"node":"d","owner":"x"}"#,
    ] {
      #expect(try server.ask("POST", "/v1/fleet/tokens", admin, body: body).status == 400, "\(body)")
    }
  }

  @Test func `a list has a line of each report, and a log is asked for, answered and read`() throws {
    let server = try SignedServer(isCentre: true)
    defer { server.end() }
    let (acme, reader) = (key(try server.makeKey("acme", [.read, .admin])), key(try server.makeKey("acme", [.read])))
    let made = try server.ask("POST", "/v1/fleet/tokens", acme, body: #"{"node":"dock"}"#)
    let word = try TokenWord(try #require(try json(made)["token"] as? String))
    let book = FleetBook(server.library)
    let node = try book.enrol(word.name, secret: word.secret, fingerprint: String(repeating: "b", count: 64))
    let report = #"{"node":{"version":"1.4","temperature":48.5},"streams":{"streams":[{"state":"failed"}]}}"#
    try book.note(Array(report.utf8), of: node.name)
    let listed = try json(try server.ask("GET", "/v1/fleet/nodes", reader))
    let line = try #require((listed["nodes"] as? [[String: Any]])?.first)
    #expect(line["silent"] as? Bool == false && line["quiet"] as? Double ?? -1 >= 0)
    let summary = try #require(line["summary"] as? [String: Any])
    #expect(summary["version"] as? String == "1.4" && summary["temperature"] as? Double == 48.5)
    #expect(summary["silent_streams"] as? Int == 1 && summary["broken_models"] as? Int == 0)

    let path = "/v1/fleet/nodes/dock/logs"
    #expect(try server.ask("GET", path, reader).status == 403)
    #expect(try json(try server.ask("GET", path, acme))["asked"] == nil)
    for body in ["{}", #"{"lines":0}"#, #"{"lines":1001}"#, #"{"lines":"all"}"#] {
      #expect(try server.ask("POST", path, acme, body: body).status == 400, "\(body)")
    }
    let ask = try server.ask("POST", path, acme, body: #"{"lines":2}"#)
    let asked = try #require(try json(ask)["asked"] as? Int)
    #expect(ask.status == 202)
    #expect(try json(try server.ask("GET", path, acme))["text"] == nil)
    try book.answerLog(of: node.name, asked: asked, ["one", "two", "three"])
    #expect(try json(try server.ask("GET", path, acme))["text"] as? [String] == ["two", "three"])
  }

  @Test func `a server that is no centre says so`() throws {
    let server = try SignedServer()
    defer { server.end() }
    let admin = key(try server.makeKey("acme", [.admin]))
    let answer = try server.ask("GET", "/v1/fleet/nodes", admin)
    #expect(answer.status == 404 && answer.text.contains("no centre"))
  }
}
