import Base
import Edge
import Fleet
import Foundation
import JSON
import LibraryKit
import Objects
import TestKit
import Testing

@testable import Gateway

/// Those who come to the nodes' door without leave, or behave badly there.
@Suite struct EdgeDoorHostileTests {
  @Test func `who shows no certificate, or a key that nobody knows, gets nothing`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    _ = try door.node("dock")
    #expect(door.curl([]).output.hasSuffix(" 401"))
    let stranger = try door.stranger()
    for route in EdgeDoor.routes where route.pattern != EnrolRoutes.enrolment {
      let path = route.pattern.text.replacing("{digest}", with: "abc")
      let answer = try stranger.connection.ask(
        route.method.rawValue, path, body: route.method == .get ? .none : .bytes(Array(#"{"report":{}}"#.utf8)))
      #expect(answer.status == 403, "\(route.method.rawValue) \(path)")
    }
    #expect(try door.book.statuses().isEmpty)
  }

  @Test func `behind the door is nothing but what nodes need`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let dock = try door.node("dock")
    for path in [
      "/", "/openapi.json", "/metrics", "/v1/status", "/v1/fleet/nodes", "/v1/assets", "/v1/edge",
      "/v1/edge/../fleet/nodes",
    ] {
      #expect(try dock.ask("GET", path).status == 404, "\(path)")
    }
    #expect(try dock.ask("GET", "/v1/edge/beat").status == 405)
  }

  @Test func `plain HTTP and TLS below 1.2 are not spoken`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    #expect(door.curl([], scheme: "http").output.hasSuffix(" 000"))
    let file = try door.stranger().file
    for version in [["--tls-max", "1.1", "--tlsv1.0"], ["--tls-max", "1.0", "--tlsv1.0"]] {
      let old = door.curl(version + ["--ciphers", "DEFAULT@SECLEVEL=0", "--cert", file])
      #expect(old.status != 0 && old.output.hasSuffix(" 000"), "\(version): \(old.output)")
    }
    #expect(door.curl(["--tls-max", "1.2", "--cert", file]).output.hasSuffix(" 403"))
  }

  @Test func `a certificate that is over does no harm, and one of RSA counts as none`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let (key, certificate) = (door.ground.folder.file("old.key"), door.ground.folder.file("old.crt"))
    let wish = door.ground.folder.file("old.csr")
    for (kind, status) in [(["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], " 403"), (["rsa:2048"], " 401")] {
      let asked = shell(
        ["openssl", "req", "-new", "-nodes", "-subj", "/CN=old", "-keyout", key, "-out", wish, "-newkey"] + kind)
      let made = shell([
        "openssl", "x509", "-req", "-in", wish, "-signkey", key, "-days", "-1", "-out", certificate,
      ])
      try #require(asked.status == 0 && made.status == 0, "\(asked.errors)\(made.errors)")
      let answer = door.curl(["--cert", certificate, "--key", key])
      #expect(answer.output.hasSuffix(status), "\(kind): \(answer.output)")
    }
  }

  @Test func `giant, broken and odd bodies are refused, and leave what was known`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let dock = try door.node("dock")
    #expect(try door.beat(dock, #"{"report":{"a":1}}"#) == 200)
    let known = try door.book.status(of: NodeName("dock"))
    let deep = String(repeating: "[", count: 20_000)
    for body in [
      "", "{", "null", "[]", "{}", #"{"report":1}"#, #"{"report":[]}"#, #"{"report":null}"#, "\u{0}",
      "{\"report\":{\"a\":\(deep)",
      #"{"report":{"a":1,"a":2}}"#, #"{"report":{},"report":{}}"#, #"{"report":{"\ud800":1}}"#,
    ] {
      #expect(try door.beat(dock, body) == 400, "\(body.prefix(60))")
    }
    let long = "{\"report\":{\"a\":\"\(String(repeating: "x", count: 1 << 20))\"}}"
    #expect(try door.beat(dock, long) == 413)
    #expect(try door.book.status(of: NodeName("dock")) == known)
    for body in [
      "", "{}", #"{"node":"dock"}"#, #"{"node":"../dock","secret":"00"}"#, #"{"node":"dock","secret":"zz"}"#,
      #"{"node":"dock\u0000","secret":"00"}"#, #"{"node":"DOCK","secret":"00"}"#,
      #"{"node":"dock","secret":"00","admin":true}"#,
    ] {
      let answer = try door.stranger().connection.ask("POST", "/v1/edge/enrol", body: .bytes(Array(body.utf8)))
      #expect(answer.status == 400, "\(body)")
    }
    let strangers = try door.stranger("late").connection.ask(
      "POST", "/v1/edge/enrol", body: .bytes(Array(#"{"node":"dock","secret":"00"}"#.utf8)))
    #expect(strangers.status == 403)
  }

  @Test func `a node that floods takes nothing from another`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let (loud, quiet) = (try door.node("loud"), try door.node("quiet"))
    let statuses = Monitor<[Int]>([])
    let threads = (0..<4).map { _ in
      NativeThread {
        for _ in 0..<150 {
          let answer = try? loud.ask("POST", "/v1/edge/beat", body: .bytes(Array(#"{"report":{}}"#.utf8)))
          statuses.update { $0.append(answer?.status ?? 0) }
        }
      }
    }
    var others: [Int] = []
    for _ in 0..<20 { others.append(try door.beat(quiet)) }
    for thread in threads { thread.join() }
    #expect(others.allSatisfy { $0 == 200 }, "\(others)")
    #expect(statuses.update { $0 }.contains(429) && statuses.update { $0 }.allSatisfy { [200, 429].contains($0) })
  }

  @Test func `a node writes no more than a beat a second`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let (dock, began) = (try door.node("dock"), Clock.now)
    var taken = 0
    for _ in 0..<100 where try door.beat(dock) == 200 { taken += 1 }
    #expect(taken <= 31 + Int((Clock.now - began) / 1_000_000_000), "\(taken)")
  }

  @Test func `a node whose words a part cannot take does not fill the log`() throws {
    struct Picky: CentrePart {
      let name = "picky"
      func order(for node: FleetNode, report: JSONValue?) throws(Fault) -> [UInt8]? {
        throw Fault(.badInput, "no word")
      }
    }
    let (door, told) = (try EdgeDoorFixture(), Monitor(0))
    defer { door.end() }
    _ = try door.node("dock")
    let node = try #require(try door.book.nodes().first)
    let fleet = try FleetDesk(door.book, pins: [door.pin], parts: [Picky()]) { _ in told.update { $0 += 1 } }
    for _ in 0..<100 { #expect(!fleet.orders(for: node, [:]).contains { $0.name == "picky" }) }
    #expect(told.update { $0 } == 1)
  }

  @Test func `strangers are few at a time from one address, and nodes behind it go on`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let dock = try door.node("dock")
    let stranger = try door.stranger().connection
    var statuses: [Int] = []
    for _ in 0..<60 { statuses.append(try door.beat(stranger)) }
    #expect(statuses.first == 403 && statuses.last == 429)
    #expect(try door.beat(dock) == 200)
  }

  @Test func `the list of those who came does not grow without end`() {
    var rates = DoorRates()
    for number in 0..<100_000 { _ = rates.take(DoorRates.stranger, from: "\(number)", at: number) }
    #expect(rates.count <= 16_384)
  }
}
