import Base
import Planning
import TestKit
import Testing

struct CutsTests {
  private let samplings: [Sampling] = [.all, .keyFrames, .every(seconds: 1), .fps(5)]
  private let cost = FrameCost(passed: 1e-5, decoded: 0.004, sampled: 0.03)

  /// Every frame once and in order, at least two tasks, each from a place where one may begin.
  private func check(_ cuts: Cuts, _ layout: FrameLayout, gated: Bool) {
    guard case .chunks(let ranges) = cuts else { return }
    #expect(ranges.count > 1)
    #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == layout.count)
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    let places = Set(layout.places(gated: gated))
    #expect(ranges.allSatisfy { !$0.isEmpty && places.contains($0.lowerBound) })
  }

  @Test func `tasks hold every frame once, in order, and begin where decoding may`() throws {
    var random = SeededRandom(7)
    for _ in 0..<400 {
      let layout = Layouts.random(&random, count: Int.random(in: 1..<4000, using: &random))
      let gated = Bool.random(using: &random)
      let sampling = samplings.randomElement(using: &random)!
      let target = Double.random(in: 0.5...60, using: &random)
      let size = CutSize(target: target, fixed: 0.1, wished: Int.random(in: 1..<9, using: &random))
      let cuts = try Cuts(layout, sampling: sampling, gated: gated, cost: cost, size: size)
      check(cuts, layout, gated: gated)
      #expect(try cuts == Cuts(layout, sampling: sampling, gated: gated, cost: cost, size: size))
      check(Cuts(layout, random: 7, gated: gated, using: &random), layout, gated: gated)
    }
  }

  @Test func `no task is larger than a task may be, or the stretch that is too long is named`() {
    var random = SeededRandom(8)
    var (kept, refused) = (0, 0)
    for _ in 0..<400 {
      let layout = Layouts.random(&random, count: Int.random(in: 1..<3000, using: &random))
      let most = Double.random(in: 0.5...10, using: &random)
      let size = CutSize(target: Double.random(in: 0.5...40, using: &random), most: most, fixed: 0.2)
      let seconds = { (frames: Range<Int>) in
        cost.seconds(FrameWork(frames: frames.count, decoded: frames.count, sampled: frames.count)) + 0.2
      }
      let longest = zip(layout.starts, layout.starts.dropFirst() + [layout.count]).map { seconds($0..<$1) }.max()!
      do throws(Fault) {
        switch try Cuts(layout, sampling: .all, gated: false, cost: cost, size: size) {
        case .whole: #expect(seconds(0..<layout.count) <= most + 1e-9)
        case .chunks(let ranges): #expect(ranges.allSatisfy { seconds($0) <= most + 1e-9 })
        }
        #expect(longest <= most + 1e-9)
        kept += 1
      } catch {
        #expect(error.kind == .tooLarge && error.message.contains("key frames closer together"))
        #expect(longest > most - 1e-9)
        refused += 1
      }
    }
    #expect(kept > 50 && refused > 50)
  }

  @Test func `tasks are of about one size`() throws {
    let layout = Layouts.even(90_000)
    let size = CutSize(target: 60)
    let cuts = try Cuts(layout, sampling: .all, gated: false, cost: cost, size: size)
    guard case .chunks(let ranges) = cuts else { return #expect(Bool(false), "an hour is cut") }
    #expect(ranges.count == 51)
    let counts = ranges.map(\.count)
    #expect(counts.max()! - counts.min()! <= 50, "they differ by one stretch at most")
  }

  @Test func `with a gate, cuts stand on cells alone`() throws {
    let layout = FrameLayout(
      times: (0..<400).map { Double($0) }, starts: [300, 50, 59, 60, 61, 130, 250, 299, 300, 301, 400],
      cells: [60, 130, 250, 300, 77, -1])
    #expect(layout.places(gated: true) == [0, 60, 130, 250, 300])
    #expect(layout.places(gated: false) == [0, 50, 59, 60, 61, 130, 250, 299, 300, 301])
    let cuts = try Cuts(layout, sampling: .all, gated: true, cost: cost, size: CutSize(target: 0.1))
    #expect(cuts == .chunks([0..<60, 60..<130, 130..<250, 250..<300, 300..<400]))
  }

  @Test func `what is short, or cannot be entered, is one task`() throws {
    let size = CutSize(target: 20)
    #expect(try Cuts(Layouts.even(100), sampling: .all, gated: false, cost: cost, size: size) == .whole(.short))
    let times = Layouts.even(9000).times
    let broken = FrameLayout(times: times, starts: [], cells: [])
    #expect(try Cuts(broken, sampling: .all, gated: false, cost: cost, size: size) == .whole(.unindexed))
    let single = FrameLayout(times: times, starts: [0], cells: [0])
    #expect(try Cuts(single, sampling: .all, gated: false, cost: cost, size: size) == .whole(.uncuttable))
    let empty = FrameLayout(times: [], starts: [], cells: [])
    #expect(try Cuts(empty, sampling: .all, gated: false, cost: cost, size: size).chunkCount == 0)
    // Seldom sampled, an hour is little work.
    let seldom = try Cuts(
      Layouts.even(90_000), sampling: .every(seconds: 600), gated: false, cost: FrameCost(sampled: 0.03), size: size)
    #expect(seldom == .whole(.short))
  }

  @Test func `workers that wait get a task each, as long as that is worth it`() throws {
    let layout = Layouts.even(500)
    func count(_ wished: Int) throws -> Int {
      let size = CutSize(target: 60, wished: wished)
      return try Cuts(layout, sampling: .all, gated: false, cost: cost, size: size).chunkCount
    }
    #expect(try count(1) == 0)
    #expect(try count(4) == 4)
    #expect(try count(100) == 8, "two CPU seconds are worth a task, less is not")
  }

  @Test func `a cut that is asked for stands exactly there, or is refused`() throws {
    let layout = Layouts.even(4000)
    #expect(try Cuts(layout, at: [3000, 50, 3000], gated: false) == .chunks([0..<50, 50..<3000, 3000..<4000]))
    #expect(try Cuts(layout, at: [1500], gated: true) == .chunks([0..<1500, 1500..<4000]))
    for (frame, gated) in [(51, false), (0, false), (4000, false), (-1, false), (50, true)] {
      #expect(throws: Fault.self) { try Cuts(layout, at: [frame], gated: gated) }
    }
  }

  @Test func `cuts by lot are as many as asked for, and the same for the same lot`() {
    let layout = Layouts.even(4000)
    for count in [2, 7, 50] {
      var (first, second) = (SeededRandom(UInt64(count)), SeededRandom(UInt64(count)))
      let cuts = Cuts(layout, random: count, gated: false, using: &first)
      #expect(cuts.chunkCount == count && cuts == Cuts(layout, random: count, gated: false, using: &second))
    }
    var random = SeededRandom(1)
    #expect(Cuts(layout, random: 1, gated: false, using: &random) == .whole(.uncuttable))
    #expect(Cuts(layout, random: 1000, gated: false, using: &random).chunkCount == 80)
  }
}
