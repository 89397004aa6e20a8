import Base
import TestKit
import Testing
import Web

@Suite("Malformed requests")
struct MalformedTests {
  @Test("over a socket, a good request is answered and a bad one refused and cut off, at once")
  func overSockets() throws {
    let handler = ClosureHandler { _ in .body(limit: 1 << 20) { body, exchange in exchange.answer(.sum(body)) } }
    try serving(handler) { server, _ in
      for talk in Talks.all {
        let client = try Client(server.port)
        client.send(talk.bytes)
        switch talk.verdict {
        case .fine(let count):
          for _ in 0..<count { #expect(try client.answer().status == 200, "\(talk.name)") }
          client.send("GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
          #expect(try client.answer().status == 200, "\(talk.name): the connection is out of step")
        case .refused(let status):
          let answer = try client.answer()
          #expect(answer.status == status, "\(talk.name): \(answer.text)")
          #expect(answer.text.hasPrefix(#"{"error":{"code":""#), "\(talk.name)")
          #expect(client.rest() == [], "\(talk.name): more than one answer, or the connection stays open")
        }
      }
    }
  }

  @Test("the same bytes come to the same requests, wherever they are cut", arguments: Talks.all)
  func cut(talk: Talk) throws {
    let harness = try ConnectionHarness()
    let whole = try harness.talk([talk.bytes[...]])
    switch talk.verdict {
    case .fine(let count): #expect(whole.events.count == count && !whole.events.contains("refused") && !whole.isClosed)
    case .refused: #expect(whole.events.last == "refused" && whole.events.count <= 2 && whole.isClosed)
    }
    var dice = SeededRandom(7)
    for _ in 0..<(talk.bytes.count < 5000 ? 20 : 2) {
      let cuts = (0..<8).map { _ in Int.random(in: 0...talk.bytes.count, using: &dice) }.sorted()
      let ends = [0] + cuts + [talk.bytes.count]
      let pieces = zip(ends, ends.dropFirst()).map { talk.bytes[$0..<$1] }
      #expect(try harness.talk(pieces).events == whole.events, "cut at \(cuts)")
    }
    guard talk.bytes.count < 5000 else { return }
    let bytes = talk.bytes.indices.map { talk.bytes[$0...$0] }
    #expect(try harness.talk(bytes).events == whole.events, "cut everywhere")
  }
}
