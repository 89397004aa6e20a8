import Base
import Catalog
import Predictions
import TestKit
import Testing

@testable import Streams

struct EventRecorderTests {
  /// Takes nothing of one stream.
  private final class Keeper: EventKeeper {
    let kept = Monitor<[String]>([])
    let attempts = Monitor(0)
    let fault: Fault

    init(_ fault: Fault) { self.fault = fault }

    func keep(_ event: StreamEvent, picture: [UInt8]?) throws(Fault) {
      if event.stream == "bad" {
        attempts.update { $0 += 1 }
        throw fault
      }
      kept.update { $0.append("\(event.stream) \(event.rule) \(event.state.rawValue) \(picture?.count ?? 0)") }
    }
  }

  private func told(
    _ stream: String, _ phase: Event.Phase, id: String = "1", rule: String = "r", peaks: [String] = [],
    _ tally: EventTally
  ) -> EventRecorder.Told {
    var event = Event(id: id, rule: rule, at: FrameMoment(time: 1))
    event.phase = phase
    return EventRecorder.Told(
      client: "c", stream: stream, events: [event], peaks: peaks, origin: 1_700_000_000, pipeline: "p", tally: tally)
  }

  @Test(
    "A stream whose events cannot be written holds up no other, is complained of once, and loses nothing before the end"
  )
  func failing() throws {
    let (complaints, keeper) = (Monitor(0), Keeper(Fault(.unavailable, "its client is being purged")))
    let recorder = EventRecorder(keeper) { _ in complaints.update { $0 += 1 } }
    let (bad, good) = (EventTally(), EventTally())
    for number in 0..<20 {
      for phase in [Event.Phase.start, .end] { recorder.take(told("bad", phase, id: "\(number)", bad)) { nil } }
    }
    _ = try keeper.attempts.wait(for: "the first attempt") { $0 > 0 ? $0 : nil }
    let began = Clock.now
    recorder.take(told("good", .start, peaks: ["1"], good)) { [1, 2, 3] }
    recorder.take(told("good", .end, good)) { nil }
    _ = try keeper.kept.wait(for: "the other's end") { $0.last?.contains("over") == true ? $0 : nil }
    #expect(Clock.now - began < 500_000_000)
    #expect(keeper.kept.update { $0.contains { $0.hasSuffix("3") } })
    try waitUntil("the other's rest") { recorder.isIdle(client: "c", stream: "good") }
    #expect(!recorder.isIdle(client: "c", stream: "bad"))
    #expect(bad.losses == EventLosses() && complaints.update { $0 } == 1)
    recorder.finish()
    #expect(bad.losses.lost == 20 && good.losses == EventLosses())
    #expect(recorder.isIdle(client: "c", stream: "bad"))
  }

  @Test("Of a rule that flaps what is beyond its share is neither kept nor opened again by its updates")
  func flapping() throws {
    let (complaints, keeper) = (Monitor(0), Keeper(Fault(.bug, "")))
    let recorder = EventRecorder(keeper) { _ in complaints.update { $0 += 1 } }
    let tally = EventTally()
    for number in 0..<150 {
      for phase in [Event.Phase.start, .update, .end] {
        recorder.take(told("good", phase, id: "\(number)", rule: "flaps", tally)) { nil }
      }
    }
    recorder.take(told("good", .start, tally)) { nil }
    recorder.take(told("good", .end, tally)) { nil }
    recorder.finish()
    let over = keeper.kept.update { $0.filter { $0.contains("over") } }
    #expect(over.count { $0.contains("flaps") } == 100 && over.count == 101)
    #expect(tally.losses.withheld == 50 && tally.losses.lost == 0 && complaints.update { $0 } == 1)
  }
}
