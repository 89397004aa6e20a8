import Base
import Pipelines
import Predictions
import TestKit
import Testing
import Vision

/// Which question is next and which frame is done, without any network.
struct FrameSchedulerTests {
  /// A detector, what is shown its boxes, and what is shown the boxes of that; the first and the last share a model.
  private static let pipeline: Pipeline = {
    var pipeline = Pipeline(infer: [
      Pipeline.Infer(name: "a", model: "a"), Pipeline.Infer(name: "b", model: "b"),
      Pipeline.Infer(name: "c", model: "a"),
    ])
    (pipeline.infer[1].on, pipeline.infer[2].on) = (0, 1)
    return pipeline
  }()
  private static let queueOf = [0, 1, 0]

  /// What a network answers about a frame: as many boxes as its number says.
  private func answers(_ job: FrameScheduler.Job, kept: Int) -> [Prediction] {
    let count = job.step == 2 ? 1 : (kept + job.step + job.crop) % 4
    return (0..<count).map { index in
      let box = Rect(x: 0.1 * Double(index), y: 0.2, width: 0.1 + 0.01 * Double(job.step), height: 0.2)
      return Prediction(kind: .detection, label: "\(kept)-\(job.step)-\(index)", score: 0.9, box: box)
    }
  }

  /// Every frame one after the other, every job as it comes.
  private func inTurn(_ frame: Int) -> [Prediction] {
    var scheduler = FrameScheduler(Self.pipeline, queueOf: Self.queueOf, limit: 1)
    _ = scheduler.add()
    while true {
      if let done = scheduler.takeDone() { return (try? done.predictions.get()) ?? [] }
      for queue in 0...1 {
        if let job = scheduler.takeJob(from: queue) { scheduler.answer(job, .success(answers(job, kept: frame))) }
      }
    }
  }

  @Test("Frames are done in order with the same answers, whenever those come", arguments: 0..<60)
  func anyOrder(seed: Int) {
    var dice = SeededRandom(UInt64(seed))
    let limit = Int.random(in: 1...6, using: &dice)
    var scheduler = FrameScheduler(Self.pipeline, queueOf: Self.queueOf, limit: limit)
    var (brought, told, inside) = (0, 0, [FrameScheduler.Job]())
    while told < 40 {
      switch Int.random(in: 0..<4, using: &dice) {
      case 0 where brought < 40 && !scheduler.isFull:
        #expect(scheduler.add() == brought)
        brought += 1
      case 1: if let job = scheduler.takeJob(from: Int.random(in: 0...1, using: &dice)) { inside.append(job) }
      case 2 where !inside.isEmpty:
        let job = inside.remove(at: Int.random(in: 0..<inside.count, using: &dice))
        scheduler.answer(job, .success(answers(job, kept: job.frame)))
      default:
        guard let done = scheduler.takeDone() else { continue }
        #expect(done.frame == told)
        #expect((try? done.predictions.get()) == inTurn(told))
        told += 1
      }
    }
    #expect(scheduler.isEmpty && inside.isEmpty)
  }

  @Test("What fails is told of with its own frame, and the others go on")
  func failing() {
    var scheduler = FrameScheduler(Pipeline(infer: [Pipeline.Infer(name: "a", model: "a")]), queueOf: [0], limit: 3)
    for _ in 0..<3 { _ = scheduler.add() }
    #expect(scheduler.isFull)
    for _ in 0..<3 {
      guard let job = scheduler.takeJob(from: 0) else {
        Issue.record("there is no job")
        return
      }
      scheduler.answer(job, job.frame == 1 ? .failure(Fault(.unavailable, "no")) : .success([]))
    }
    let done = (0..<3).map { _ in try? scheduler.takeDone()?.predictions.get() }
    #expect(done[0] == [] && done[1] == nil && done[2] == [])
  }

  @Test("Where the latest wins, a frame that waits gives its place to the next, and one that was begun keeps it")
  func latestWins() {
    var scheduler = FrameScheduler(
      Pipeline(infer: [Pipeline.Infer(name: "a", model: "a")]), queueOf: [0], limit: 3, policy: .latestWins)
    // Two are begun; the third place is for the newest, which is never begun while it is the last place.
    let first = scheduler.add()
    guard let one = scheduler.takeJob(from: 0) else {
      Issue.record("the first was not begun")
      return
    }
    _ = scheduler.add()
    guard let two = scheduler.takeJob(from: 0) else {
      Issue.record("the second was not begun")
      return
    }
    let third = scheduler.add()
    let early = scheduler.takeJob(from: 0)
    #expect(early == nil)
    for _ in 0..<5 {
      #expect(!scheduler.isFull)
      #expect(scheduler.add() == third)
    }
    #expect(scheduler.displaced == 5 && scheduler.jobCounts == [3])
    scheduler.answer(two, .success([]))
    let done = scheduler.takeDone()?.frame
    #expect(done == nil, "the order holds")
    scheduler.answer(one, .success([]))
    #expect(scheduler.takeDone()?.frame == first && scheduler.takeDone()?.frame == first + 1)
    guard let last = scheduler.takeJob(from: 0) else {
      Issue.record("the newest was not begun")
      return
    }
    #expect(last.frame == third)
    scheduler.answer(last, .success([]))
    #expect(scheduler.takeDone()?.frame == third && scheduler.isEmpty)
  }
}
