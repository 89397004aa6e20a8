import Base
import Predictions
import Testing
import Vision

@testable import Pipelines

/// Networks that are shown fewer frames than are sampled.
struct EveryTests {
  private func fault(_ text: String) -> String {
    do throws(Fault) {
      _ = try read(text)
      return "nothing"
    } catch { return error.message }
  }

  @Test("every is read, written and part of the identity, and pipelines without it keep theirs")
  func identity() throws {
    let plain = try read("infer: [{name: a, model: m}, {name: b, model: n}]").pipeline
    let thin = try read("infer: [{name: a, model: m}, {name: b, model: n, every: 1.5s}]").pipeline
    #expect(plain.infer.map(\.every) == [nil, nil] && thin.infer.map(\.every) == [nil, 1.5])
    #expect(!plain.thinsOut && thin.thinsOut)
    #expect(!String(decoding: plain.canonical(models: ["x", "y"]), as: UTF8.self).contains("every"))
    let other = try read("infer: [{name: a, model: m}, {name: b, model: n, every: 2s}]").pipeline
    let all = [plain, thin, other].map { $0.canonical(models: ["x", "y"]) }
    #expect(Set(all).count == 3)
    #expect(try read(thin.text).pipeline == thin)
    #expect(try read("infer: [{name: a, model: m}, {name: b, model: n, every: 1500ms}]").pipeline == thin)
  }

  @Test("What cannot be had with every is refused with the place and the way out")
  func refused() {
    let one = "infer: {name: a, model: m, every: 1s}\n"
    #expect(fault(one) == "nothing")
    #expect(fault("gate: {}\n" + one).contains("p.yaml:2:35: every, and a gate"))
    #expect(fault("sample: key-frames\n" + one).contains("with sample: key-frames"))
    #expect(fault(one + "track: {}\n").contains("and track follows what 'a' finds"))
    #expect(fault(one + "rules: {r: {}}\n").contains("zones, lines and rules watch what 'a' finds"))
    #expect(
      fault("infer: [{name: a, model: m}, {name: b, model: n, on: a, every: 1s}]\n").contains("give 'a' the every"))
    #expect(fault("infer: {model: m, every: 0s}\n").contains("every"))
    let apart = "infer: [{name: a, model: m}, {name: b, model: n, every: 1s}]\ntrack: {on: a}\nsmooth: {of: b}\n"
    #expect(fault(apart) == "nothing")
  }

  @Test("Votes count the frames that were looked at, and what holds goes on between them")
  func votes() throws {
    let text =
      "infer: [{name: a, model: m}, {name: b, model: n, every: 1s}]\nsmooth: {of: b, votes: 2 of 3}\nemit: {when: change}\n"
    var run = PipelineRun(try read(text).pipeline, aspect: 1)
    var told: [[String]] = []
    for frame in 0..<50 {
      let isShown = frame % 5 == 0
      var found = Prediction(kind: .classification, label: "x", score: 0.9)
      found.step = 1
      // It is there in frames 10 to 29, of which every fifth is looked at.
      let answers = isShown && (10..<30).contains(frame) ? [found] : []
      let changes = run.advance(
        answers, at: FrameMoment(time: Double(frame) / 5), isLast: frame == 49, passedOver: isShown ? [] : [1])
      told.append(changes.map { "\($0.state == .on ? "on" : "off")" })
    }
    let changes = told.indices.filter { !told[$0].isEmpty }
    // Three looks without it in a row.
    #expect(changes == [15, 40])
    #expect(told.flatMap { $0 } == ["on", "off"])
  }

  @Test("A network that is not shown a frame has no job of it, and the frame is done without")
  func scheduling() throws {
    let pipeline = try read("infer: [{name: a, model: m}, {name: b, model: n, every: 1s}]\n").pipeline
    var scheduler = FrameScheduler(pipeline, queueOf: [0, 1], limit: 4)
    _ = scheduler.add()
    _ = scheduler.add(passingOver: [1])
    for _ in 0..<2 {
      let job = scheduler.takeJob(from: 0)
      scheduler.answer(try #require(job), .success([Prediction(kind: .score, score: 1)]))
    }
    let early = scheduler.takeDone()
    #expect(early?.frame == nil)
    let job = scheduler.takeJob(from: 1)
    scheduler.answer(try #require(job), .success([Prediction(kind: .score, score: 2)]))
    let more = scheduler.takeJob(from: 1)
    #expect(more == nil && scheduler.jobCounts == [2, 1])
    let first = scheduler.takeDone()
    let second = scheduler.takeDone()
    #expect(try first?.predictions.get().count == 2 && second?.predictions.get().map(\.step) == [0])
    var alone = FrameScheduler(Pipeline(infer: [pipeline.infer[1]]), queueOf: [0], limit: 1)
    _ = alone.add(passingOver: [0])
    let done = alone.takeDone()
    #expect(try done?.predictions.get() == [])
  }
}
