internal import Base

/// The frames of a video in order of presentation, as far as cutting must know them.
///
/// Plain values of a frame index: when each frame is shown, and at which frames decoding may begin.
public struct FrameLayout: Sendable, Hashable {
  /// Seconds of each frame.
  public let times: [Double]
  /// Frames at which decoding may begin, so that they and all later ones come out right; rising, each once.
  public let entries: [Int]

  /// Entries may come in any order and more than once; those that are no frame are left out.
  public init(times: [Double], entries: [Int]) {
    self.times = times
    self.entries = Set(entries.filter(times.indices.contains)).sorted()
  }

  public var count: Int { times.count }

  /// Where steps whose memory only fades begin anew: the first entry at or after each full minute of the video's own time.
  ///
  /// An entry is one exactly where its minute (seconds divided by 60, rounded down) is above that of every entry before it.
  public var cells: [Int] {
    var (found, highest) = ([Int](), -Double.infinity)
    for entry in entries {
      let minute = (times[entry] / 60).rounded(.down)
      if minute > highest, entry > entries[0] { found.append(entry) }
      highest = max(highest, minute)
    }
    return found
  }

  /// Frames at which a task may begin: any entry, or with a gate those that begin a cell; the first frame among them.
  ///
  /// Empty where decoding cannot begin at the first frame: such a video is not cut.
  public func places(gated: Bool) -> [Int] {
    guard entries.first == 0 else { return [] }
    return gated ? [0] + cells : entries
  }
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
  /// Between two entries everything up to the last wanted frame counts as decoded, though pictures that no other is made from may
  /// be left out. Which frames are looked at is told as evenly running time has it; the reader of a task decides that itself.
  func pieces(_ sampling: Sampling, gated: Bool) -> [Piece] {
    let places = places(gated: gated)
    guard let first = places.first else { return [] }
    var pieces = [Piece(frames: first..<first, work: FrameWork())]
    var (next, slots) = (1, SlotCount(sampling))
    for (number, entry) in entries.enumerated() {
      let frames = entry..<(number + 1 < entries.count ? entries[number + 1] : count)
      if next < places.count, places[next] == entry {
        pieces.append(Piece(frames: entry..<entry, work: FrameWork()))
        next += 1
      }
      let last = pieces.count - 1
      pieces[last].work = pieces[last].work + work(of: frames, sampling, &slots)
      pieces[last].frames = pieces[last].frames.lowerBound..<frames.upperBound
    }
    return pieces
  }

  /// All frames from one entry to the next.
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
