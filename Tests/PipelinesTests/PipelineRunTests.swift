import Base
import Predictions
import Testing

@testable import Pipelines

struct PipelineRunTests {
  private func found(_ label: String, _ score: Float = 0.9, x: Double = 0.4, step: Int = 0) -> Prediction {
    var prediction = Prediction(
      kind: .detection, label: label, score: score, box: Rect(x: x, y: 0.4, width: 0.2, height: 0.2))
    prediction.step = step
    return prediction
  }

  private func runner(_ text: String) throws -> PipelineRun { PipelineRun(try read(text).pipeline, aspect: 1) }

  /// What comes out of frames, 25 a second.
  private func run(_ text: String, _ frames: [[Prediction]]) throws -> (
    told: [[Prediction]], counts: PipelineRun.Counts
  ) {
    var runner = try runner(text)
    let told = frames.enumerated().map { runner.advance($1, time: Double($0) / 25, isLast: $0 == frames.count - 1) }
    return (told, runner.counts)
  }

  @Test("Without further steps everything comes out as it went in")
  func plain() throws {
    let frames = [[found("a"), found("b", 0.1)], [], [found("c")]]
    #expect(try run("infer: m", frames).told == frames)
  }

  @Test("A followed detection has its number; what belongs to no track stays away; its crops' answers share its fate")
  func families() throws {
    let text = "infer: [{name: a, model: m}, {name: b, model: n, on: a}]\ntrack: {on: a, confirm: 2}"
    func frame(_ isTwo: Bool) -> [Prediction] {
      var answers = [found("x", 0.2, x: 0.7), found("x", 0.9, x: 0.1)]
      for parent in [0, 1] {
        var child = Prediction(kind: .classification, label: "red", score: 0.7)
        (child.step, child.parent, child.box) = (1, parent, answers[parent].box)
        answers.append(child)
      }
      return answers
    }
    let told = try run(text, [frame(true), frame(true)]).told
    #expect(told[0].isEmpty)
    #expect(told[1].map(\.track) == [1, 1])
    #expect(told[1].map(\.step) == [0, 1])
    #expect(told[1].map(\.parent) == [nil, 0])
  }

  @Test("Scores of an anomaly are smoothed in time, and an event opens and closes with hysteresis")
  func anomaly() throws {
    let text = """
      infer: m
      smooth: {over: 100ms, on: 0.6, off: 0.4, votes: 2 of 2}
      rules: {defect: {labels: anomaly, votes: 2 of 3, hold: 200ms}}
      """
    var runner = try runner(text)
    var (events, labels): ([Happening], [String?]) = ([], [])
    // One frame that jumps is no defect; half a second is one.
    for frame in 0..<75 {
      let score: Float = frame == 5 || (20..<32).contains(frame) ? 0.9 : 0.1
      let answer = Prediction(kind: .anomaly, label: score > 0.5 ? "anomaly" : "good", score: score)
      labels += runner.advance([answer], time: Double(frame) / 25, isLast: frame == 74).map(\.label)
      events += runner.happenings
    }
    #expect(!labels.prefix(20).contains("anomaly") && labels.contains("anomaly") && labels.last == "good")
    let told = events.compactMap { if case .event(let event) = $0 { event } else { nil } }
    #expect(told.count { $0.phase == .start } == 1 && told.count { $0.phase == .end } == 1)
    let end = try #require(told.last)
    #expect((0.84...1.1).contains(end.from) && (1.28...1.6).contains(end.to) && end.ending == .over)
  }

  @Test("A label that flickers in every frame changes once: by label it comes and stays, by track it settles")
  func flicker() throws {
    let blinking = (0..<100).map { $0 % 2 == 0 ? [found("a")] : [] }
    let byLabel = try run("infer: m\nsmooth: {votes: 3 of 5}", blinking)
    #expect(byLabel.counts.changes == 1)
    #expect(byLabel.told.prefix(4).allSatisfy { $0.isEmpty })
    #expect(byLabel.told.flatMap { $0 }.count == 48)
    let turning = (0..<100).map { [found($0 % 2 == 0 ? "good" : "chip")] }
    let byTrack = try run("infer: m\ntrack:\nsmooth: {votes: 3 of 5}", turning)
    #expect(byTrack.counts.changes == 1)
    #expect(byTrack.counts.tracks == 1)
    #expect(Set(byTrack.told.flatMap { $0 }.map(\.label)).count == 1)
    let steady = try run(
      "infer: m\nsmooth: {on: 0.6, off: 0.4}", (0..<100).map { [found("a", $0 % 2 == 0 ? 0.7 : 0.5)] })
    #expect(steady.counts.changes == 1)
  }

  @Test("when: change tells what came, what went, and nothing between")
  func changes() throws {
    let frames = (0..<60).map { (20..<40).contains($0) ? [found("a", $0 == 22 ? 0.95 : 0.9)] : [] }
    let told = try run("infer: m\nsmooth: {votes: 3 of 5}\nemit: {when: change}", frames).told
    let events = told.enumerated().flatMap { index, list in list.map { (index, $0) } }
    #expect(events.map(\.0) == [22, 43])
    #expect(events.map(\.1.state) == [.on, .off])
    #expect(events.first?.1.score == 0.95)
    #expect(events.last?.1.box == nil)
    let tracks = try run("infer: m\ntrack: {buffer: 200ms}\nemit: {when: change}", frames).told
    #expect(tracks.enumerated().filter { !$1.isEmpty }.map(\.offset) == [21, 45])
    #expect(tracks.flatMap { $0 }.map(\.track) == [1, 1])
  }

  @Test(
    "when: end tells each track once, with its span, its surest sighting and its settled label; also at the last frame")
  func ends() throws {
    var frames = (0..<30).map { [found($0 % 5 == 0 ? "chip" : "good", $0 == 10 ? 0.99 : 0.9, x: 0.1)] }
    frames += Array(repeating: [], count: 60)
    frames += (0..<10).map { _ in [found("chip", x: 0.7)] }
    let (told, counts) = try run("infer: m\ntrack: {buffer: 990ms}\nsmooth:\nemit: {when: end}", frames)
    let ended = told.enumerated().flatMap { index, list in list.map { (index, $0) } }
    #expect(ended.map(\.0) == [54, 99])
    #expect(ended.map(\.1.track) == [1, 2])
    #expect(ended.map(\.1.label) == ["good", "chip"])
    #expect(ended.first?.1.score == 0.99)
    #expect(ended.first?.1.span == 0...29.0 / 25)
    #expect(counts.tracks == 2)
  }

  @Test("when: end names a track by the votes of all its frames, and not by how it looked when it left")
  func endsByMost() throws {
    func label(_ frames: [Prediction]) throws -> String? {
      try run("infer: m\ntrack:\nsmooth:\nemit: {when: end}", frames.map { [$0] }).told.flatMap { $0 }.first?.label
    }
    let chip = Array(repeating: found("chip"), count: 12)
    let atTheEdge = Array(repeating: found("good", 0.95), count: 5)
    #expect(try label(chip + atTheEdge) == "chip" && label(atTheEdge + chip) == "chip")
    let unsure = Array(repeating: found("good", 0.3), count: 14)
    #expect(try label(chip.prefix(6) + unsure) == "chip", "6 of 0.9 weigh more than 14 of 0.3")
    #expect(try label(Array(repeating: found("good"), count: 6) + Array(repeating: found("chip"), count: 6)) == "chip")
  }

  @Test("emit keeps labels and scores; an answer whose parent stays away stands alone")
  func emission() throws {
    var child = Prediction(kind: .classification, label: "red", score: 0.7)
    (child.step, child.parent) = (1, 0)
    let text = "infer: [{name: a, model: m}, {name: b, model: n, on: a}]\nemit: {labels: [red, y], score: 0.5}"
    let told = try run(text, [[found("x"), found("y", 0.4), child]]).told
    #expect(told[0].map(\.label) == ["red"])
    #expect(told[0][0].parent == nil)
    var second = child
    second.parent = 1
    let kept = try run(
      "infer: [{name: a, model: m}, {name: b, model: n, on: a}]\nemit: {labels: [red, y]}",
      [[found("x"), found("y"), second]])
    #expect(kept.told[0].map(\.parent) == [nil, 0])
  }

  @Test("State of labels and tracks that are gone is let go")
  func bounded() throws {
    var runner = try runner("infer: m\ntrack: {buffer: 0s, confirm: 1}\nsmooth: {by: label, votes: 1 of 2}")
    for frame in 0..<20_000 {
      _ = runner.advance(
        frame % 4 == 0 ? [found("label \(frame)", x: Double(frame % 8) / 10)] : [], time: Double(frame) / 25)
    }
    #expect(runner.counts.tracks == 5000)
    #expect(runner.counts.changes == 10_000)
  }
}

struct LeadInTests {
  private func run(_ lead: Double, _ open: Set<Int>, frames: Int = 100, fps: Double = 25) -> (
    frames: [Int], passedOver: Int
  ) {
    var preRoll = PreRoll<Int>(seconds: lead)
    var told: [Int] = []
    for frame in 0..<frames { told += preRoll.add(frame, time: Double(frame) / fps, passes: open.contains(frame)) }
    preRoll.dismiss()
    return (told, preRoll.passedOver)
  }

  @Test("A stretch begins the lead time earlier, every frame once and in order; all others are counted")
  func lead() {
    let run = run(0.2, Set(50..<60).union(62..<65))
    #expect(run.frames == Array(45..<65))
    #expect(run.passedOver == 80)
    #expect(self.run(0, [50]).frames == [50])
    #expect(self.run(0.2, Set(0..<100)).frames == Array(0..<100))
  }

  @Test("However long the lead time, no more frames wait than may")
  func bounded() {
    let run = run(2, [99], fps: 1000)
    #expect(run.frames.count == PreRoll<Int>.limit)
    #expect(run.frames.last == 99)
    #expect(run.frames.count + run.passedOver == 100)
  }
}

struct CheckTests {
  private let detector = ModelFacts(task: .detection, labels: ["person", "dog"])
  private let classifier = ModelFacts(task: .classification, labels: ["red", "green"])

  private func fault(_ text: String, _ models: [ModelFacts?]) -> String {
    do throws(Fault) {
      try read(text).check(models)
      return "nothing"
    } catch { return error.message }
  }

  @Test("What fits is let through")
  func fits() {
    #expect(
      fault(
        ReaderTests.whole.replacing("labels: [person, dog]", with: "labels: dog"),
        [detector, ModelFacts(task: .detection, labels: ["face"]), classifier]) == "nothing")
  }

  @Test("A track without a detector, crops of no boxes, and labels that no model knows are told together, with places")
  func misfits() {
    let text = """
      infer:
        - {name: kinds, model: m, labels: [rde]}
        - {name: more, model: n, on: kinds, of: [green]}
      track: {on: kinds}
      emit: {labels: [blue]}
      """
    let told = fault(text, [classifier, classifier])
    #expect(
      told == """
        p.yaml: 4 things are wrong:
          p.yaml:2:37: 'kinds' knows no label 'rde' (did you mean 'red'?)
          p.yaml:3:32: crops are cut from detections, and 'kinds' is for classification
          p.yaml:4:8: track follows a detector, and 'kinds' is for classification
          p.yaml:5:16: no model of this pipeline knows a label 'blue', expected red or green
        """)
  }

  @Test("Lines of text are shown to a reader, people to a network of one pose, and anything to one that gives a map")
  func onBoxes() {
    let read = "infer: [{name: lines, model: m}, {name: words, model: n, on: lines, of: text, margin: 12%}]"
    for task in [ModelTask.text, .pose, .tensor] {
      #expect(
        fault(read, [ModelFacts(task: .detection, labels: []), ModelFacts(task: task, labels: [])]) == "nothing")
    }
  }

  @Test("A model for the whole picture takes no crops, and votes need labels")
  func tasks() {
    let crops = "infer: [{name: a, model: m}, {name: b, model: n, on: a}]\nsmooth: {of: b}"
    #expect(fault(crops, [detector, ModelFacts(task: .segmentation, labels: [])]).contains("takes no crops"))
    #expect(fault(crops, [detector, ModelFacts(task: .embedding, labels: [])]).contains("smooth votes about labels"))
  }

  @Test("A model that is not there keeps its kind when it is the only thing wrong, and its place always")
  func missing() throws {
    let file = try read("infer:\n  - a\n  - b\n")
    let gone = Fault(.notFound, "there is no model 'b'")
    let alone = #expect(throws: Fault.self) { try file.check([detector, nil], missing: [(1, gone)]) }
    #expect(alone?.kind == .notFound)
    #expect(alone?.message == "p.yaml:3:5: there is no model 'b'")
    let both = #expect(throws: Fault.self) {
      try file.check([nil, nil], missing: [(0, Fault(.notFound, "no 'a'")), (1, gone)])
    }
    #expect(both?.message == "p.yaml: 2 things are wrong:\n  p.yaml:2:5: no 'a'\n  p.yaml:3:5: there is no model 'b'")
  }
}
