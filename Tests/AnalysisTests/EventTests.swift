import Analysis
import Base
import Execution
import Pipelines
import Predictions
import Reports
import TestKit
import Testing

/// Counts that are known, because the film was drawn so or was looked at.
struct EventTests {
  private func run(_ path: String, _ loaded: LoadedPipeline) throws -> (
    all: [Happening], steps: [String: [String: Int]]
  ) {
    var all: [Happening] = []
    let summary = try Analyzer(path, pipeline: loaded).run(
      happened: { (happenings) throws(Fault) in all += happenings }, each: { (_, _, _) throws(Fault) in })
    let steps = summary.steps.map { step in
      (step.name ?? step.kind, Dictionary(uniqueKeysWithValues: step.counts.map { ($0.name, $0.value) }))
    }
    return (all, Dictionary(steps) { first, _ in first })
  }

  @Test(
    "Two parts that cross on a belt: each line once in each direction, also behind the cover, and they dwell as drawn")
  func drawn() throws {
    let path = try CutFilms.path("closed.mkv")
    // From Tests/Fixtures/crossing.py: one goes from left to right, one from right to left, six of 640 pixels a frame.
    let (all, steps) = try run(
      path,
      try Lines.load(
        """
        infer: {model: line-inspector, threshold: 0.3}
        zones: {left: {polygon: [[0.1, 0], [0.3, 0], [0.3, 1], [0.1, 1]], anchor: center}}
        lines:
          left: {points: [[0.2, 0], [0.2, 1]], anchor: center}
          behind: {points: [[0.5, 0], [0.5, 1]], anchor: center}
          right: {points: [[0.8, 0], [0.8, 1]], anchor: center}
          above: [[0, 0.05], [1, 0.05]]
        track: {high: 0.5, new: 0.6}
        rules:
          seen: {votes: 2 of 3}
          passing: {line: left, direction: out}
          staying: {zone: left, dwell: 10s}
        """))
    for line in ["left", "behind", "right"] {
      let crossings = all.compactMap {
        if case .crossing(let crossing) = $0, crossing.line == line { crossing } else { nil }
      }
      #expect(Set(crossings.map(\.direction)) == [.into, .out] && crossings.count == 2, "\(line): \(crossings)")
      #expect(crossings.map(\.track).sorted() == [1, 2])
    }
    #expect(steps["above"] == ["in": 0, "out": 0])
    let visits = all.compactMap { if case .visit(let visit) = $0 { visit } else { nil } }
    #expect(visits.map(\.track).sorted() == [1, 2])
    // A fifth of 640 pixels at six a frame, 25 frames a second; two frames are what a box may be off at either edge.
    for visit in visits { #expect((visit.to - visit.from - 128.0 / 6 / 25).magnitude <= 0.09, "\(visit)") }
    let events = all.compactMap { if case .event(let event) = $0, event.phase == .end { event } else { nil } }
    #expect(events.filter { $0.rule == "passing" }.map(\.count) == [1])
    #expect(!events.filter { $0.rule == "seen" }.isEmpty && !events.contains { $0.rule == "staying" })
    #expect(try run(path, try Lines.load("infer: {model: line-inspector, threshold: 0.3}")).all.isEmpty)
  }
}
