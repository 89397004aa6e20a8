import Base
import Edge
import Fleet
import Foundation
import JSON
import Objects
import TestKit
import Testing

@testable import Gateway

/// A node's log on its way to the centre.
@Suite struct EdgeLogTests {
  private func answers(_ door: EdgeDoorFixture) -> [String] {
    door.told.update { $0.filter { $0.hasPrefix("/v1/edge/logs") } }
  }

  @Test func `a node answers for itself alone, with lines and not with anything else`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let (dock, gate) = (try door.node("dock"), try door.node("gate"))
    let name = try NodeName("dock")
    let ask = try door.book.askLog(of: name, lines: 2)
    let status = { (connection: CentreConnection, body: String) in
      try connection.ask("POST", "/v1/edge/logs", body: .bytes(Array(body.utf8))).status
    }
    for body in [
      "", "[]", #"{"asked":1}"#, #"{"asked":"1","text":[]}"#, #"{"asked":1,"text":"x"}"#, #"{"asked":1,"text":[1]}"#,
    ] {
      #expect(try status(dock, body) == 400, "\(body)")
    }
    #expect(try status(gate, #"{"asked":\#(ask.asked),"text":["not mine"]}"#) == 200)
    #expect(try door.book.log(of: name)?.text == nil && door.book.log(of: NodeName("gate")) == nil)
    #expect(try status(dock, #"{"asked":\#(ask.asked),"text":["a","b","c"]}"#) == 200)
    #expect(try door.book.log(of: name)?.text == ["b", "c"])
  }

  @Test func `what is asked once more while it is answered is answered once`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    _ = try door.node("dock")
    let name = try NodeName("dock")
    let ask = try door.book.askLog(of: name, lines: 3)
    let order = try JSONDocument(
      parsing: Array(#"{"asked":\#(ask.asked),"lines":\#(ask.lines)}"#.utf8).span.bytes, name: "an order"
    ).root
    let again = Monitor<(@Sendable () -> Void)?>(nil)
    let part = LogPart { count in
      again.update { $0.take() }?()
      return (1...count).map { "line \($0)" }
    }
    again.update { $0 = { part.take(order) } }
    let agent = try NodeAgent(try door.folder("dock"), centre: try door.address, token: nil, parts: [part]) { _ in }
    part.attach(agent)
    part.start()
    defer { part.stop() }
    part.take(order)
    try waitUntil("the answer") { !answers(door).isEmpty }
    Thread.sleep(forTimeInterval: 0.2)
    part.take(order)
    Thread.sleep(forTimeInterval: 0.2)
    #expect(answers(door) == ["/v1/edge/logs 200"])
    #expect(try door.book.log(of: name)?.text == ["line 1", "line 2", "line 3"])
  }
}
