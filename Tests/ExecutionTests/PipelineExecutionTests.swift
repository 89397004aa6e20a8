import Base
import Execution
import Inference
import Media
import Pipelines
import Predictions
import TestKit
import Testing

/// A loaded pipeline at work, without files, HTTP or a caller that waits for it.
struct PipelineExecutionTests {
  private let lab = Lab()

  private func options(
    _ framesInFlight: Int, _ policy: FrameScheduler.Policy = .inOrder
  ) -> PipelineExecution.Options {
    var options = PipelineExecution.Options()
    (options.framesInFlight, options.policy) = (framesInFlight, policy)
    return options
  }

  /// Everything that is settled now.
  private func settled(_ execution: PipelineExecution) throws -> [PipelineExecution.Finished] {
    var told: [PipelineExecution.Finished] = []
    while let done = try execution.next() { told.append(done) }
    return told
  }

  /// Lets everything in, and hands on what is told until nothing is in line any more.
  private func finish(
    _ execution: PipelineExecution, _ target: GatedTarget, choosing choose: (Int) -> Int = { _ in 0 }
  ) throws -> [PipelineExecution.Finished] {
    var told = try settled(execution)
    while try target.letIn(choose) {
      execution.wait()
      told += try settled(execution)
    }
    return told
  }

  private func expect(_ told: [PipelineExecution.Finished], _ frames: [Frame]) throws {
    #expect(told.map(\.frame.index) == frames.map(\.index))
    #expect(told.map { $0.predictions.map(\.score) } == (try frames.map { [try Lab.answer(about: $0)] }))
  }

  @Test("Frames are told once, in order, each with its own answer, whenever those come", arguments: 0..<4)
  func order(seed: Int) throws {
    let (frames, (pipeline, target)) = (try lab.frames(30), try lab.gated())
    #expect(Set(try frames.map(Lab.answer)).count == frames.count, "all answers differ")
    var random = SeededRandom(UInt64(seed))
    let execution = PipelineExecution(pipeline, size: Lab.size, options: options(6))
    var (coming, told) = (frames[...], [PipelineExecution.Finished]())
    while let frame = coming.popFirst() {
      while execution.isFull {
        #expect((1...6).contains(target.heldCount))
        _ = try target.letIn { Int.random(in: 0..<$0, using: &random) }
        execution.wait()
        told += try settled(execution)
      }
      try execution.add(.local(frame))
    }
    execution.end()
    told += try finish(execution, target) { Int.random(in: 0..<$0, using: &random) }
    #expect(execution.isDone && execution.jobCounts == [30] && execution.predictionCount == 30)
    try expect(told, frames)
  }

  @Test("Where the latest wins, frames that nothing began with give way to the newest, and memory stays")
  func latestWins() throws {
    let (frames, (pipeline, target)) = (try lab.frames(10), try lab.gated())
    let execution = PipelineExecution(pipeline, size: Lab.size, options: options(3, .latestWins))
    for frame in frames {
      #expect(!execution.isFull)
      try execution.add(.local(frame))
      #expect(target.heldCount <= 2, "the last place is for a frame that can give way")
    }
    execution.end()
    let told = try finish(execution, target)
    #expect(execution.isDone && execution.jobCounts == [3])
    try expect(told, [frames[0], frames[1], frames[9]])
  }

  @Test("An inference that fails is told of in its frame's turn, once, and the others go on, however many fail")
  func failing() throws {
    let frames = try lab.frames(30, value: "6+eq(mod(N,3),2)")
    let execution = PipelineExecution(try lab.sixes(), size: Lab.size, options: options(4))
    var (coming, told, failed) = (frames[...], [Int](), [Int]())
    while !execution.isDone {
      while !execution.isFull, let frame = coming.popFirst() { try execution.add(.local(frame)) }
      if coming.isEmpty { execution.end() }
      do {
        while let done = try execution.next() {
          told.append(done.frame.index)
          #expect(done.predictions.map(\.score) == [144])
        }
        if !execution.isDone, execution.isFull || coming.isEmpty { execution.wait() }
      } catch {
        guard case .failed = error else { throw error }
        failed.append(told.count + failed.count)
      }
    }
    #expect(told == (0..<30).filter { $0 % 3 != 2 })
    #expect(failed == (0..<30).filter { $0 % 3 == 2 })
  }

  @Test("After the end what is in line is told, and the caller hears of each answer without waiting")
  func drain() throws {
    let (frames, (pipeline, target)) = (try lab.frames(3), try lab.gated())
    let answers = Monitor(0)
    var options = options(3)
    options.onAnswer = { answers.update { $0 += 1 } }
    let execution = PipelineExecution(pipeline, size: Lab.size, options: options)
    for frame in frames { try execution.add(.local(frame)) }
    #expect(execution.isFull && !execution.isRendered)
    execution.end()
    #expect(execution.isRendered && !execution.isDone, "its frames are not needed any more, and none is told yet")
    #expect(try settled(execution).isEmpty)
    while try target.letIn({ $0 - 1 }) {}
    try answers.wait(for: "three answers") { $0 == 3 ? () : nil }
    try expect(try settled(execution), frames)
    #expect(execution.isDone)
    #expect(try settled(execution).isEmpty)
    let nothing = PipelineExecution(pipeline, size: Lab.size)
    nothing.end()
    #expect(try settled(nothing).isEmpty && nothing.isDone)
  }

  @Test("An execution that is let go takes its questions back from the unit, and its memory goes with their answers")
  func letGo() throws {
    let (frames, (pipeline, target)) = (try lab.frames(4), try lab.gated())
    var execution: PipelineExecution? = PipelineExecution(pipeline, size: Lab.size, options: options(4))
    for frame in frames { try execution?.add(.local(frame)) }
    let requests = target.watchHeld()
    #expect(requests.count == 4)
    execution = nil
    #expect(target.cancelledCount == 4 && target.heldCount == 0)
    target.drain()
    let end = Clock.now + 10_000_000_000
    while requests.contains(where: { $0.request != nil }), Clock.now < end { target.drain() }
    #expect(requests.allSatisfy { $0.request == nil })
    // The unit is there for others.
    let next = PipelineExecution(pipeline, size: Lab.size, options: options(4))
    for frame in frames { try next.add(.local(frame)) }
    next.end()
    try expect(try finish(next, target), frames)
  }

  @Test("A unit that is full is asked again after an answer; one that lets nothing in is a refusal")
  func refused() throws {
    let (frames, (pipeline, target)) = (try lab.frames(8), try lab.gated())
    target.setRoom(1)
    let execution = PipelineExecution(pipeline, size: Lab.size, options: options(8))
    for frame in frames { try execution.add(.local(frame)) }
    execution.end()
    #expect(target.heldCount == 1)
    try expect(try finish(execution, target), frames)
    target.setRoom(0)
    let failure = #expect(throws: InferenceFailure.self) {
      try PipelineExecution(pipeline, size: Lab.size).add(.local(frames[0]))
    }
    #expect(failure?.retryAfter == 7 && failure?.fault.kind == .exhausted)
  }

  @Test("What waits past the deadline is not run, and said to be late")
  func late() throws {
    let (frames, (pipeline, target)) = (try lab.frames(2), try lab.gated())
    var options = options(2)
    options.deadline = Clock.now
    let execution = PipelineExecution(pipeline, size: Lab.size, options: options)
    for frame in frames { try execution.add(.local(frame)) }
    #expect(try target.letIn())
    execution.wait()
    let failure = #expect(throws: InferenceFailure.self) { _ = try execution.next() }
    guard case .late = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }

  @Test("A frame whose answer is late, lost elsewhere or refused costs itself alone, where somebody hears of it")
  func skips() throws {
    let (frames, (pipeline, target)) = (try lab.frames(6), try lab.gated(isFar: true))
    let skipped = Monitor<[Int]>([])
    var options = options(1)
    options.frameDeadline = { frame in frame.index == 2 ? Clock.now : .max }
    options.onSkip = { frame, _ in skipped.update { $0.append(frame.index) } }
    let execution = PipelineExecution(pipeline, size: Lab.size, options: options)
    var told: [Int] = []
    for frame in frames {
      target.setRoom(frame.index == 4 ? 0 : .max)
      try execution.add(.local(frame))
      if target.heldCount > 0 {
        _ = try target.letIn()
        execution.wait()
      }
      while let done = try execution.next() { told.append(done.frame.index) }
    }
    #expect(told == [0, 1, 3, 5] && skipped.update { $0 } == [2, 4], "\(told)")
    #expect(execution.isIdle)
  }

  @Test(
    "A frame that a unit elsewhere failed costs itself alone; one that failed here ends what the pipeline remembers")
  func failures() throws {
    for isFar in [true, false] {
      let (frames, (pipeline, target)) = (try lab.frames(3), try lab.gated(isFar: isFar))
      let skipped = Monitor<[Int]>([])
      var options = options(1)
      options.onSkip = { frame, _ in skipped.update { $0.append(frame.index) } }
      let execution = PipelineExecution(pipeline, size: Lab.size, options: options)
      target.failsNext()
      try execution.add(.local(frames[0]))
      _ = try target.letIn()
      execution.wait()
      guard isFar else {
        #expect(throws: InferenceFailure.self) { _ = try execution.next() }
        continue
      }
      #expect(try execution.next() == nil && skipped.update { $0 } == [0] && execution.isIdle)
      try execution.add(.local(frames[1]))
      _ = try target.letIn()
      execution.wait()
      #expect(try execution.next()?.frame.index == 1, "it goes on with the next")
    }
  }
}
