internal import Base

/// The frames of a video in order of presentation, as far as cutting must know them: plain values of a frame index.
public struct FrameLayout: Sendable, Hashable {
  /// Seconds of each frame.
  public let times: [Double]
  /// Frames with which decoding can begin, so that they and all later ones come out right; rising, the first frame among them.
  public let starts: [Int]
  /// Those of them with which a cell begins, where steps whose memory only fades begin anew; likewise.
  public let cells: [Int]

  /// As the index tells them, in any order; what is no frame, and a cell that is no start, is left out.
  ///
  /// Without a start decoding can begin nowhere, and such a video is not cut.
  public init(times: [Double], starts: [Int], cells: [Int]) {
    self.times = times
    let known = Set(starts.filter(times.indices.contains))
    self.starts = known.isEmpty ? [] : known.union([0]).sorted()
    self.cells = known.isEmpty ? [] : known.intersection(cells).union([0]).sorted()
  }

  public var count: Int { times.count }

  /// Frames at which a task may begin: any start, or with a gate those that begin a cell.
  public func places(gated: Bool) -> [Int] { gated ? cells : starts }
}

/// How many frames are decoded and looked at.
public struct FrameWork: Sendable, Hashable {
  /// All of them, gone through at least packet by packet.
  public var frames = 0
  public var decoded = 0
  /// Those that the sampling wants.
  public var sampled = 0

  public init(frames: Int = 0, decoded: Int = 0, sampled: Int = 0) {
    (self.frames, self.decoded, self.sampled) = (frames, decoded, sampled)
  }

  static func + (a: FrameWork, b: FrameWork) -> FrameWork {
    FrameWork(frames: a.frames + b.frames, decoded: a.decoded + b.decoded, sampled: a.sampled + b.sampled)
  }
}

/// A stretch of frames without a place inside at which another task may begin.
struct Piece: Sendable, Hashable {
  var frames: Range<Int>
  var work: FrameWork
}

extension FrameLayout {
  /// The pieces of a video, in order, with the work that each is.
  ///
  /// Between two starts everything up to the last wanted frame counts as decoded, though pictures that no other is made from may
  /// be left out. Which frames are looked at is told as evenly running time has it; the reader of a task decides that itself.
  func pieces(_ sampling: Sampling, gated: Bool) -> [Piece] {
    let places = places(gated: gated)
    guard !places.isEmpty else { return [] }
    var pieces = [Piece(frames: 0..<0, work: FrameWork())]
    var (next, slots) = (1, SlotCount(sampling))
    for (number, start) in starts.enumerated() {
      let frames = start..<(number + 1 < starts.count ? starts[number + 1] : count)
      if next < places.count, places[next] == start {
        pieces.append(Piece(frames: start..<start, work: FrameWork()))
        next += 1
      }
      let last = pieces.count - 1
      pieces[last].work = pieces[last].work + work(of: frames, sampling, &slots)
      pieces[last].frames = pieces[last].frames.lowerBound..<frames.upperBound
    }
    return pieces
  }

  /// All frames from one start to the next.
  private func work(of frames: Range<Int>, _ sampling: Sampling, _ slots: inout SlotCount) -> FrameWork {
    switch sampling {
    case .all: return FrameWork(frames: frames.count, decoded: frames.count, sampled: frames.count)
    case .keyFrames: return FrameWork(frames: frames.count, decoded: 1, sampled: 1)
    case .every, .fps:
      var work = FrameWork(frames: frames.count)
      for frame in frames where slots.opens(at: times[frame]) {
        work.sampled += 1
        work.decoded = frame - frames.lowerBound + 1
      }
      return work
    }
  }
}

/// Counts spans of time that a frame opens, as sampling by time has them.
private struct SlotCount {
  private let step: Double
  private var first: Double?
  private var last = -1.0

  init(_ sampling: Sampling) {
    switch sampling {
    case .every(let seconds): step = seconds
    case .fps(let rate): step = 1 / rate
    case .all, .keyFrames: step = 1
    }
  }

  mutating func opens(at time: Double) -> Bool {
    let start = first ?? time
    first = start
    let slot = ((time - start + min(0.000_51, step / 4)) / step).rounded(.down)
    guard slot > last else { return false }
    last = slot
    return true
  }
}
