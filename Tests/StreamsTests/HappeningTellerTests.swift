import Base
import Execution
import Pipelines
import Predictions
import Testing

@testable import Streams

@Suite struct HappeningTellerTests {
  private func event(_ id: String, _ phase: Event.Phase) -> Happening {
    var event = Event(id: id, rule: "r", at: FrameMoment(time: 1))
    (event.phase, event.from, event.to) = (phase, 1, 1)
    if phase == .end { event.ending = .gap }
    return .event(event)
  }

  @Test func `an event that is cut off waits for its rule to hold again, and no longer than until the clock is set`()
    throws
  {
    let told = Monitor<[String]>([])
    let teller = HappeningTeller(
      { happened in
        for case .event(let event) in happened.happenings { told.update { $0.append("\(event.id) \(event.phase)") } }
      }, EventTally())
    var pipeline = Pipeline(infer: [])
    pipeline.rules = [Pipeline.Rule(name: "r", of: 0)]
    pipeline.rules[0].hold = 3600
    teller.begin(try LoadedPipeline(pipeline, loaded: []))
    let origin = Clock.seconds
    teller.tell([event("a", .start)], origin: origin)
    teller.tell([event("a", .end)], origin: origin)
    teller.expire()
    #expect(told.update { $0 } == ["a start"])
    // An hour back: by the new clock the event lies ahead.
    teller.clock = WallClockWatch(ahead: WallClockWatch.ahead + 3600)
    teller.expire()
    #expect(told.update { $0 } == ["a start", "a end"])
    teller.tell([event("b", .start)], origin: origin - 3590)
    teller.tell([event("b", .end)], origin: origin - 3590)
    teller.expire()
    #expect(told.update { $0 } == ["a start", "a end", "b start"], "what began by the new clock waits by it")
  }
}
