import Base
import Pipelines
import Predictions
import TestKit
import Testing
import Vision

/// Windows of frames in the scheduler, without any network.
struct WindowSchedulerTests {
  private static let transnet = FrameWindow(length: 100, step: 50, keep: 25..<75)!
  private static let small = FrameWindow(length: 5, step: 2, keep: 1..<3)!
  private static let apart = FrameWindow(length: 3, step: 3, keep: 0..<3)!

  private func pipeline(_ count: Int) -> Pipeline {
    Pipeline(infer: (0..<count).map { Pipeline.Infer(name: "n\($0)", model: "m\($0)") })
  }

  private func answer(_ step: Int, _ frame: Int) -> Prediction {
    Prediction(kind: .score, label: "\(step)-\(frame)", score: 1)
  }

  /// Goes through a film, or a part of it, with answers that come in any order; gives the labels of each frame that is answered.
  private func run(
    _ windows: [FrameWindow?], film: Int, _ part: FrameScheduler.Part = .whole, limit: Int, cutOff: Bool = false,
    _ dice: inout SeededRandom
  ) -> (told: [[String?]], asked: [[Int]]) {
    var scheduler = FrameScheduler(
      pipeline(windows.count), queueOf: Array(windows.indices), limit: limit, windows: windows, part: part)
    var (number, isEnded, told, inside) = (part.first, false, [[String?]](), [FrameScheduler.Job]())
    var asked = windows.map { _ in [Int]() }
    for _ in 0..<100_000 where !(isEnded && scheduler.isEmpty) {
      switch Int.random(in: 0..<4, using: &dice) {
      case 0 where number < film && (!part.answered.contains(number) || !scheduler.isFull):
        if part.answered.contains(number) { _ = scheduler.add() }
        scheduler.show(number)
        number += 1
      case 0 where number == film && !isEnded:
        if cutOff { scheduler.cutOff() } else { scheduler.endWindows(count: film) }
        isEnded = true
      case 1:
        let queue = Int.random(in: windows.indices, using: &dice)
        guard let job = scheduler.takeJob(from: queue) else { continue }
        inside.append(job)
        guard let block = job.block, let window = windows[job.step] else { continue }
        asked[job.step].append(block)
        #expect(
          window.frames(of: block).upperBound <= number || isEnded, "a window was whole before it was asked about")
      case 2 where !inside.isEmpty:
        let job = inside.remove(at: Int.random(in: 0..<inside.count, using: &dice))
        if let block = job.block, let window = windows[job.step] {
          scheduler.answer(job, window: .success(window.kept(by: block).map { [answer(job.step, $0)] }))
        } else {
          scheduler.answer(job, .success([answer(job.step, part.answered.lowerBound + job.frame)]))
        }
      default:
        if let done = scheduler.takeDone() { told.append((try? done.predictions.get())?.map(\.label) ?? []) }
      }
    }
    #expect(isEnded && scheduler.isEmpty, "nothing waits for ever")
    return (told, asked)
  }

  @Test(
    "Every frame of a film is answered once by every network, in order, however long the film",
    arguments: [0, 1, 2, 24, 25, 26, 49, 50, 51, 74, 75, 76, 99, 100, 101, 149, 150, 260])
  func whole(film: Int) {
    var dice = SeededRandom(UInt64(film))
    for windows in [[Self.transnet], [Self.small, nil, Self.apart], [nil, Self.transnet, Self.small]] {
      let least = windows.compactMap { $0?.reach }.max()!
      for limit in [least, least + 60] {
        let (told, asked) = run(windows, film: film, limit: limit, &dice)
        #expect(told == (0..<film).map { frame in windows.indices.map { "\($0)-\(frame)" } })
        for (step, window) in windows.enumerated() {
          guard let window else { continue }
          #expect(asked[step] == Array(0..<(film + window.step - 1) / window.step), "each block once, in order")
        }
      }
    }
  }

  @Test("Parts of a film ask about the same windows, and answer for their own frames alone", arguments: 0..<20)
  func parts(seed: Int) {
    var dice = SeededRandom(UInt64(seed))
    let film = Int.random(in: 1...300, using: &dice)
    let from = Int.random(in: 0..<film, using: &dice)
    let own = from..<Int.random(in: from + 1...film, using: &dice)
    let windows: [FrameWindow?] = [Self.transnet, nil, Self.small]
    let reach = windows.compactMap { $0?.frames(around: own, of: film) }
    let (first, end) = (reach.map(\.lowerBound).min()!, reach.map(\.upperBound).max()!)
    let (told, asked) = run(windows, film: end, .init(first: first, answered: own), limit: 80, &dice)
    #expect(told == own.map { frame in windows.indices.map { "\($0)-\(frame)" } })
    for (step, window) in windows.enumerated() {
      guard let window else { continue }
      #expect(asked[step] == Array(window.block(of: own.lowerBound)...window.block(of: own.upperBound - 1)))
    }
  }

  @Test(
    "Where the look is cut off, frames whose windows are not whole are not answered",
    arguments: [3, 74, 75, 80, 125, 130])
  func cutOff(film: Int) {
    var dice = SeededRandom(UInt64(film))
    let told = run([Self.transnet, nil], film: film, limit: 90, cutOff: true, &dice).told
    let whole = film >= 75 ? (film - 75) / 50 + 1 : 0
    #expect(told.count == whole * 50 && told.allSatisfy { $0.count == 2 })
  }

  @Test("What fails in a window is told of with each of its frames, and the others go on")
  func failing() throws {
    var scheduler = FrameScheduler(pipeline(1), queueOf: [0], limit: 20, windows: [Self.apart])
    for frame in 0..<9 {
      _ = scheduler.add()
      scheduler.show(frame)
    }
    for number in 0..<3 {
      let next = scheduler.takeJob(from: 0)
      let job = try #require(next)
      #expect(job.block == number)
      scheduler.answer(job, window: number == 1 ? .failure(Fault(.unavailable, "no")) : .success([[], [], []]))
    }
    let done = (0..<9).map { _ in (try? scheduler.takeDone()?.predictions.get()) == nil }
    #expect(done == (0..<9).map { (3..<6).contains($0) } && scheduler.jobCounts == [9])
  }

  @Test("What is not needed by a window to come, or one that waits, is told")
  func oldest() throws {
    var scheduler = FrameScheduler(pipeline(1), queueOf: [0], limit: 200, windows: [Self.transnet])
    func bring(_ frames: Range<Int>) {
      for frame in frames {
        _ = scheduler.add()
        scheduler.show(frame)
      }
    }
    bring(0..<80)
    #expect(scheduler.oldest(in: 0) == 0)
    _ = scheduler.takeJob(from: 0)
    #expect(scheduler.oldest(in: 0) == 25)
    bring(80..<175)
    #expect(scheduler.oldest(in: 0) == 25)
    _ = scheduler.takeJob(from: 0)
    #expect(scheduler.oldest(in: 0) == 75)
  }

  @Test("Gates, key frames and crops are refused for networks of windows, with the place and the way out")
  func objections() {
    func fault(_ text: String, _ windowed: [Bool]) -> String {
      do throws(Fault) {
        try read(text).check(windowed.map { ModelFacts(task: .detection, labels: [], isWindowed: $0) })
        return "nothing"
      } catch { return error.message }
    }
    #expect(fault("infer: [{name: s, model: m}, n]\n", [true, false]) == "nothing")
    #expect(fault("sample: {every: 1s}\ninfer: [m]\n", [true]) == "nothing")
    #expect(
      fault("gate: {}\ninfer: [m]\n", [true]).contains(
        "p.yaml:2:9: 'm' looks at windows of frames that follow each other, and a gate"))
    #expect(fault("gate: {}\ninfer: [m]\n", [false]) == "nothing")
    #expect(fault("sample: key-frames\ninfer: [m]\n", [true]).contains("take sample: all, or {every: 1s}"))
    let crops = "infer: [{name: a, model: m}, {name: b, model: n, on: a}]\n"
    #expect(fault(crops, [false, true]).contains("takes no crops: take on away"))
    #expect(fault(crops, [true, false]).contains("crops are cut while a frame is there"))
  }
}
