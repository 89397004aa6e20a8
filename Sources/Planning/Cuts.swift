public import Base

/// What tasks one item becomes.
public enum Cuts: Sendable, Hashable {
  /// One task, which is exactly the sequential run.
  case whole(WholeReason)
  /// Frames of each task, in order: every frame once, and two tasks at least.
  case chunks([Range<Int>])

  /// Why a video is not cut.
  public enum WholeReason: String, Sendable, Hashable, CaseIterable {
    case picture
    /// It is not worth it.
    case short
    /// Its packets do not tell its frames.
    case unindexed
    /// Decoding can begin nowhere but at the first frame.
    case uncuttable
    /// A chunk found something that only a sequential run can be sure of.
    case doubt
  }

  public var chunkCount: Int { if case .chunks(let ranges) = self { ranges.count } else { 0 } }

  /// Tasks in all, the merge among them.
  public var taskCount: Int { chunkCount > 0 ? chunkCount + 1 : 1 }
}

/// CPU seconds of one frame by what is done to it.
public struct FrameCost: Sendable, Hashable {
  /// Gone through, packet by packet.
  public var passed = 0.0
  public var decoded = 0.0
  /// Looked at: gate, networks, and crops as many as a frame has.
  public var sampled = 0.0

  public init(passed: Double = 0, decoded: Double = 0, sampled: Double = 0) {
    (self.passed, self.decoded, self.sampled) = (passed, decoded, sampled)
  }

  public func seconds(_ work: FrameWork) -> Double {
    passed * Double(work.frames) + decoded * Double(work.decoded) + sampled * Double(work.sampled)
  }
}

/// How much one task is given.
public struct CutSize: Sendable, Hashable {
  /// CPU seconds that a task takes, about.
  public var target: Double
  /// CPU seconds that no task may take, with what each costs by itself; infinite where there is no limit.
  public var most: Double
  /// CPU seconds that each task costs by itself.
  public var fixed: Double
  /// Tasks that are wished for, as many as there are workers; none is made smaller than ``CutSize/least`` for that.
  public var wished: Int

  public init(target: Double, most: Double = .infinity, fixed: Double = 0, wished: Int = 1) {
    precondition(target > 0 && most > 0 && fixed >= 0 && wished > 0, "a task has a size")
    (self.target, self.most, self.fixed, self.wished) = (target, most, fixed, wished)
  }

  /// CPU seconds below which a task of its own is not worth it.
  public static let least = 2.0

  /// How many tasks so much work becomes, where it can be cut anywhere.
  func count(of seconds: Double) -> Int {
    let usual = (seconds / target).rounded()
    let wished = min(Double(wished), (seconds / Self.least).rounded(.down))
    let needed = most.isFinite && most > fixed ? (seconds / (most - fixed)).rounded(.up) : 1
    return Int(min(max(usual, wished, needed, 1), 1e6))
  }
}

extension Cuts {
  /// Cuts a video into tasks of about one size.
  ///
  /// The same facts give the same cuts. Cuts fall on starts, with a gate on cells alone. Throws `tooLarge` where a stretch that cannot be
  /// cut takes more than a task may.
  public init(
    _ layout: FrameLayout, sampling: Sampling, gated: Bool, cost: FrameCost, size: CutSize
  ) throws(Fault) {
    let pieces = layout.pieces(sampling, gated: gated)
    guard !pieces.isEmpty else {
      self = .whole(.unindexed)
      return
    }
    for piece in pieces where cost.seconds(piece.work) + size.fixed > size.most {
      throw Self.refusal(piece, layout, gated: gated, cost.seconds(piece.work) + size.fixed, size.most)
    }
    let total = pieces.reduce(0) { $0 + cost.seconds($1.work) }
    let count = size.count(of: total)
    guard count > 1 || pieces.count == 1 else {
      self = .whole(.short)
      return
    }
    // Ends are as near as can be to even shares of the whole, so that what one task has too much, the next has too little.
    var (starts, sum, before) = ([0], 0.0, 0.0)
    for piece in pieces {
      let seconds = cost.seconds(piece.work)
      let share = total / Double(count) * Double(starts.count)
      let isFull = before + seconds / 2 > share || sum + seconds + size.fixed > size.most
      if isFull, piece.frames.lowerBound > starts[starts.count - 1] {
        starts.append(piece.frames.lowerBound)
        sum = 0
      }
      (sum, before) = (sum + seconds, before + seconds)
    }
    self = Self.ranges(starts, layout.count)
  }

  /// Cuts exactly at these frames; one that is no place for a cut is a fault.
  public init(_ layout: FrameLayout, at frames: [Int], gated: Bool) throws(Fault) {
    let places = Set(layout.places(gated: gated))
    for frame in frames where !places.contains(frame) || frame == 0 {
      let expected = gated ? "the first frame of a cell, which is a minute" : "a frame at which decoding may begin"
      throw Fault(.badInput, "the video cannot be cut at frame \(frame): a cut stands at \(expected)")
    }
    self = Self.ranges([0] + Set(frames).sorted(), layout.count)
  }

  /// Cuts at places drawn by lot, into so many tasks or as many as there can be.
  public init(
    _ layout: FrameLayout, random count: Int, gated: Bool, using generator: inout some RandomNumberGenerator
  ) {
    let places = layout.places(gated: gated).dropFirst().shuffled(using: &generator)
    self = Self.ranges([0] + places.prefix(max(0, count - 1)).sorted(), layout.count)
  }

  private static func ranges(_ starts: [Int], _ count: Int) -> Cuts {
    guard starts.count > 1 else { return .whole(.uncuttable) }
    return .chunks(zip(starts, starts.dropFirst() + [count]).map { $0..<$1 })
  }

  private static func refusal(
    _ piece: Piece, _ layout: FrameLayout, gated: Bool, _ seconds: Double, _ most: Double
  ) -> Fault {
    let times = [piece.frames.lowerBound, piece.frames.upperBound - 1].map { NumberFormat.clock(layout.times[$0]) }
    let why = gated ? "with a gate cuts stand a minute apart" : "decoding cannot begin in between"
    let advice =
      "look at fewer frames (sample), take a profile with more time, or encode with key frames closer together"
    let taken = NumberFormat.measure(seconds)
    return Fault(
      .tooLarge,
      "frames \(piece.frames.lowerBound) to \(piece.frames.upperBound - 1) (\(times[0]) to \(times[1])) stay in one task, because \(why); they take about \(taken) CPU seconds, and a task has \(NumberFormat.measure(most)): \(advice)"
    )
  }
}
