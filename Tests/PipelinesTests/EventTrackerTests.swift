import Base
import Predictions
import TestKit
import Testing
import Vision

@testable import Pipelines

struct EventTrackerTests {
  static let yard = "zones: {yard: [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]}\n"

  private func object(_ x: Double, _ y: Double, label: String = "person", score: Float? = 0.9, step: Int = 0)
    -> Prediction
  {
    var prediction = Prediction(
      kind: .detection, label: label, score: score, box: Rect(x: x - 0.05, y: y - 0.1, width: 0.1, height: 0.1))
    prediction.step = step
    return prediction
  }

  /// What happens with frames, so many a second; what is open ends in the end.
  private func run(_ text: String, fps: Double = 10, _ frames: [[Prediction]]) throws -> (
    all: [Happening], counts: SceneCounts
  ) {
    var run = PipelineRun(try read("infer: m\n" + text).pipeline, aspect: 16 / 9)
    var all: [Happening] = []
    for (number, frame) in frames.enumerated() {
      _ = run.advance(frame, at: FrameMoment(time: Double(number) / fps, frame: number))
      all += run.happenings
    }
    run.close(.end)
    return (all + run.happenings, run.counts.scene)
  }

  private func events(_ all: [Happening], _ phase: Event.Phase? = .end) -> [Event] {
    all.compactMap { if case .event(let event) = $0, phase.map({ $0 == event.phase }) ?? true { event } else { nil } }
  }

  @Test("Who walks into a zone and out of it visits it once, for as long as they were in it")
  func visits() throws {
    let path = (0..<100).map { number in [object(0.3, 0.2 + Double(number < 50 ? number : 99 - number) * 0.01)] }
    let (all, counts) = try run(Self.yard + "track:\n", path)
    let visits = all.compactMap { if case .visit(let visit) = $0 { visit } else { nil } }
    #expect(visits.map(\.from) == [3.0] && visits.map(\.to) == [6.9] && visits[0].track == 1)
    #expect(counts.zones[0].visits == 1 && counts.zones[0].most == 1 && counts.zones[0].now == 0)
    #expect((counts.zones[0].longest - 3.9).magnitude < 1e-9)
  }

  @Test("Who trembles on the edge of a zone visits it once")
  func edge() throws {
    let path = (0..<200).map { [object(0.3, $0 % 2 == 0 ? 0.495 : 0.505)] }
    let (all, counts) = try run(Self.yard + "track:\nrules: {in: {zone: yard}}", path)
    #expect(counts.zones[0].visits == 1)
    #expect(events(all, nil).filter { $0.phase == .start }.count <= 1)
  }

  @Test("Crossings count by direction and label, once for each object, through a second of hiding too")
  func crossings() throws {
    let text = "lines: {gate: [[0, 0.5], [1, 0.5]]}\ntrack: {labels: apart}\n"
    var frames: [[Prediction]] = (0..<40).map { number in
      let y = 0.3 + Double(number) * 0.01
      return [object(0.2, y), object(0.5, 1.0 - y, label: "car")]
    }
    for number in 15..<25 { frames[number].remove(at: 0) }
    let (all, counts) = try run(text, frames)
    let crossings = all.compactMap { if case .crossing(let crossing) = $0 { crossing } else { nil } }
    #expect(Set(crossings.map { "\($0.label ?? "") \($0.direction.rawValue)" }) == ["person in", "car out"])
    #expect(counts.lines[0].into == 1 && counts.lines[0].out == 1)
    #expect(counts.lines[0].labels == ["car": .init(into: 0, out: 1), "person": .init(into: 1, out: 0)])
  }

  @Test("Alternating noise is one event at most, for every N of M")
  func noise() throws {
    for of in 2...7 {
      for needed in 1...of {
        let rule = "rules: {r: {votes: \(needed) of \(of), hold: 0s}}"
        let told = try events(run(rule, (0..<300).map { $0 % 2 == 0 ? [object(0.5, 0.5)] : [] }).all, nil)
        #expect(told.filter { $0.phase == .start }.count <= 1, "\(needed) of \(of)")
        #expect(told.filter { $0.phase == .end }.count == told.filter { $0.phase == .start }.count)
      }
    }
  }

  @Test("An event begins when it has lasted, is told once, and ends with the last frame in which it was so")
  func lasting() throws {
    let rule = "rules: {r: {votes: 2 of 3, for: 1s, hold: 2s}}"
    let frames = (0..<120).map { (20..<50).contains($0) || (60..<70).contains($0) ? [object(0.5, 0.5)] : [] }
    let (all, counts) = try run(rule, frames)
    let told = events(all, nil)
    #expect(told.map(\.phase) == [.start, .end], "ten frames are bridged")
    #expect(told[0].from == 2.1 && told[0].to == 3.1 && told[1].to == 6.9 && told[1].ending == .over)
    #expect(told[0].id == told[1].id && counts.rules[0].events == 1)
    let short = try run(rule, (0..<60).map { (20..<30).contains($0) ? [object(0.5, 0.5)] : [] })
    #expect(short.all.isEmpty, "what does not last is none")
  }

  @Test("Between events lies the cool-down at least, and without it each incident is told")
  func coolDown() throws {
    let frames = (0..<600).map { $0 % 100 < 30 ? [object(0.5, 0.5)] : [] }
    #expect(try events(run("rules: {r: {hold: 1s}}", frames).all).count == 6)
    let cooled = try events(run("rules: {r: {hold: 1s, cool-down: 15s}}", frames).all)
    #expect(cooled.count == 3)
    for (a, b) in zip(cooled, cooled.dropFirst()) { #expect(b.from - a.to >= 15) }
  }

  @Test("Updates come once a second at most, with a higher score, more objects, or after ten seconds")
  func updates() throws {
    let rising = (0..<200).map { [object(0.5, 0.5, score: 0.3 + Float($0) * 0.003)] }
    let told = try events(run("rules: {r: {}}", rising).all, nil)
    let updates = told.filter { $0.phase == .update }
    #expect((15...20).contains(updates.count), "\(updates.count)")
    #expect(told.last!.score! > 0.89 && told.last!.best.frame == 199)
    let steady = try events(run("rules: {r: {}}", (0..<350).map { _ in [object(0.5, 0.5)] }).all, nil)
    #expect(steady.map(\.phase) == [.start, .update, .update, .update, .end])
  }

  @Test("Dwell is of one object: two that pass one after the other do not loiter")
  func dwell() throws {
    let rule = Self.yard + "track: {buffer: 500ms}\nrules: {loitering: {zone: yard, dwell: 3s, labels: person}}"
    let passing = (0..<100).map { number in [object(number < 50 ? 0.1 : 0.9, 0.8)] }
    #expect(try events(run(rule, passing).all).map(\.tracks) == [[1], [2]])
    let short = (0..<50).map { number in [object(number < 25 ? 0.1 : 0.9, 0.8)] }
    #expect(try events(run(rule, short).all).isEmpty)
    let other = (0..<100).map { _ in [object(0.1, 0.8, label: "car")] }
    #expect(try events(run(rule, other).all).isEmpty)
  }

  @Test("A crowd is so many at a time; a score that falls below off ends it, between on and off it goes on")
  func crowd() throws {
    let rule = "rules: {r: {count: 2, on: 0.8, off: 0.5, hold: 0s, votes: 1 of 2}}"
    func frames(_ scores: [[Float]]) -> [[Prediction]] {
      scores.flatMap { row in
        Array(repeating: row.enumerated().map { object(Double($0) * 0.3, 0.5, score: $1) }, count: 10)
      }
    }
    #expect(
      try events(run(rule, frames([[0.9], [0.9, 0.7], [0.9, 0.85], [0.9, 0.6], [0.9, 0.9], [0.9, 0.4]])).all).count == 1
    )
    let two = try events(run(rule, frames([[0.9, 0.9], [0.9, 0.4], [0.9, 0.6], [0.9, 0.9]])).all)
    #expect(two.count == 2 && two[0].count == 2)
  }

  @Test("Each crossing is one event, those within hold of each other are one with their number")
  func crossingEvents() throws {
    let text = "lines: {gate: [[0, 0.5], [1, 0.5]]}\ntrack:\nrules: {passed: {line: gate, direction: in, hold: 1s}}"
    let frames = (0..<150).map { number -> [Prediction] in
      [(0.2, 0), (0.5, 5), (0.8, 60)].compactMap { x, late in
        let step = number - late
        return (0..<40).contains(step) ? object(x, 0.3 + Double(step) * 0.01) : nil
      }
    }
    let told = try events(run(text, frames).all)
    #expect(told.map(\.count) == [2, 1] && told.map(\.direction) == [.into, .into])
    #expect(told[0].tracks == [1, 2] && told[0].line == "gate" && told[0].best.frame > 0)
    #expect(try events(run(text.replacing("direction: in", with: "direction: out"), frames).all).isEmpty)
  }

  @Test("The same frames give the same happenings with the same ids; other incidents have others")
  func ids() throws {
    let frames = (0..<600).map { $0 % 100 < 30 ? [object(0.5, 0.8)] : [] }
    let text = Self.yard + "track:\nrules: {a: {zone: yard}, b: {}}"
    let (first, second) = (try run(text, frames).all, try run(text, frames).all)
    #expect(first == second)
    let ids = events(first).map(\.id)
    #expect(ids.count == 12 && Set(ids).count == 12 && ids.allSatisfy { $0.utf8.count == 16 })
  }

  @Test("Masked objects, and those that are too small or too large, are not there at all")
  func masks() throws {
    let pipeline = try read(
      "infer: m\nmasks: [[[0, 0.5], [0.5, 0.5], [0.5, 1], [0, 1]]]\nsize: {least: 0.5%, most: 2%, labels: person}"
    ).pipeline
    #expect(pipeline.keeps(object(0.7, 0.8), of: 0) && !pipeline.keeps(object(0.2, 0.8), of: 0))
    var large = object(0.7, 0.8)
    large.box = Rect(x: 0.6, y: 0.2, width: 0.3, height: 0.6)
    #expect(!pipeline.keeps(large, of: 0))
    large.label = "car"
    #expect(pipeline.keeps(large, of: 0))
    #expect(pipeline.keeps(Prediction(kind: .classification, label: "x"), of: 0))
  }

  @Test("An endless stream keeps its memory: what has gone is forgotten, whatever times and boxes come")
  func endless() throws {
    var tracker = EventTracker(
      try read(
        "infer: m\n" + Self.yard
          + "lines: {gate: [[0, 0.5], [1, 0.5]]}\ntrack:\nrules: {a: {zone: yard}, b: {line: gate}}"
      ).pipeline, aspect: 1.5)
    var random = SeededRandom(7)
    var happenings: [Happening] = []
    for number in 0..<20_000 {
      var answer = object(Double.random(in: -1...2, using: &random), Double.random(in: -1...2, using: &random))
      answer.track = number / 10 + 1
      if number % 97 == 0 { answer.box?.x = .nan }
      let time = number % 101 == 0 ? .nan : Double(number) / 25 - (number % 53 == 0 ? 100 : 0)
      tracker.advance(
        [answer], ended: number % 10 == 0 && number > 0 ? [number / 10] : [],
        at: FrameMoment(time: time, frame: number),
        into: &happenings)
      if happenings.count > 10_000 { happenings.removeAll() }
    }
    #expect(tracker.followedCount <= 2)
    #expect(tracker.counts.zones[0].visits > 100 && tracker.counts.lines[0].into > 100)
  }
}
