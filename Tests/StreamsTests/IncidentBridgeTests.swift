import Predictions
import Testing

@testable import Streams

struct IncidentBridgeTests {
  private func event(_ id: String, _ phase: Event.Phase, from: Double, to: Double, count: Int = 1, score: Float = 0.5)
    -> Happening
  {
    var event = Event(id: id, rule: "r", at: FrameMoment(time: to))
    (event.phase, event.from, event.to, event.count, event.score) = (phase, from, to, count, score)
    if phase == .end { event.ending = .over }
    return .event(event)
  }

  private func cut(_ happening: Happening) -> Happening {
    guard case .event(var event) = happening else { return happening }
    (event.phase, event.ending) = (.end, .gap)
    return .event(event)
  }

  private func told(_ happenings: [Happening]) -> [Event] {
    happenings.compactMap { if case .event(let event) = $0 { event } else { nil } }
  }

  @Test("An event that is cut off goes on where its rule holds again in time: one beginning, one id, one end")
  func bridged() {
    var bridge = IncidentBridge(holds: ["r": 5])
    #expect(told(bridge.pass([event("a", .start, from: 10, to: 10)], origin: 1000)).map(\.phase) == [.start])
    #expect(bridge.pass([cut(event("a", .end, from: 10, to: 20, count: 3, score: 0.9))], origin: 1000).isEmpty)
    #expect(bridge.expire(by: 1024).isEmpty)
    // The next connection's times begin at 0 again, at 1023 of the clock.
    let again = told(bridge.pass([event("b", .start, from: 1, to: 1)], origin: 1023))
    #expect(again.map(\.phase) == [.update] && again[0].id == "a" && again[0].from == -13 && again[0].count == 3)
    #expect(bridge.names(of: ["b"]) == ["a"])
    let end = told(bridge.pass([event("b", .end, from: 1, to: 7, count: 2)], origin: 1023))
    #expect(end.map(\.id) == ["a"] && end[0].to == 7 && end[0].score == 0.9 && end[0].ending == .over)
    #expect(bridge.names(of: ["b"]) == ["b"])
  }

  @Test("One that does not go on in time is over with its last picture, and the next is another")
  func over() {
    var bridge = IncidentBridge(holds: ["r": 5])
    _ = bridge.pass([event("a", .start, from: 10, to: 10)], origin: 1000)
    _ = bridge.pass([cut(event("a", .end, from: 10, to: 20))], origin: 1000)
    let next = told(bridge.pass([event("b", .start, from: 6, to: 6)], origin: 1020))
    #expect(next.map(\.phase) == [.start] && next[0].id == "b")
    let ended = bridge.expire(by: 1026)
    #expect(ended.map(\.event.id) == ["a"] && ended[0].event.ending == .gap && ended[0].origin == 1000)
    #expect(bridge.close().isEmpty)
  }

  @Test("What bridges nothing is over at once, and what waits is over with the stream")
  func close() {
    var none = IncidentBridge(holds: ["r": 0])
    #expect(told(none.pass([cut(event("a", .end, from: 0, to: 1))], origin: 0)).map(\.ending) == [.gap])
    var bridge = IncidentBridge(holds: ["r": 60])
    _ = bridge.pass([cut(event("a", .end, from: 0, to: 1))], origin: 0)
    #expect(bridge.close().map(\.event.id) == ["a"])
  }
}
