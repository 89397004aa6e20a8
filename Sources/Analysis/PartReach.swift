internal import Base
internal import Execution
internal import Media
internal import Pipelines

/// What a part of a film needs of the parts beside it, so that windows show there what they show when all of the film is gone through.
struct PartReach {
  /// Frames that are read one after the other.
  struct Leg {
    let reader: RangeReader
    /// Those that are brought, by their numbers in the file.
    let wanted: Range<Int>
    /// They are the part's; else another's.
    let isOwn: Bool
  }

  /// Of the frames that are looked at, by how many come before.
  let part: FrameScheduler.Part
  private let frames: Range<Int>
  /// Numbers in the file of the frames that are shown.
  private let shown: Range<Int>

  init(_ index: FrameIndex, _ frames: Range<Int>, _ pipeline: LoadedPipeline) {
    self.frames = frames
    guard pipeline.hasWindows, !frames.isEmpty, frames.upperBound <= index.count else {
      (part, shown) = (.whole, frames)
      return
    }
    let looked = Self.numbers(index, pipeline.sampling)
    let own = looked.count(before: frames.lowerBound)..<looked.count(before: frames.upperBound)
    let reach = pipeline.shown(answering: own, of: looked.count)
    part = FrameScheduler.Part(first: reach.lowerBound, answered: own)
    guard !own.isEmpty else {
      shown = frames
      return
    }
    // What lies between two frames that are looked at belongs to nobody.
    let first = min(frames.lowerBound, looked[reach.lowerBound])
    shown = first..<max(frames.upperBound, looked[reach.upperBound - 1] + 1)
  }

  /// Readers for the frames before the part, its own, and those behind it; parts begin where decoding can.
  func legs(
    _ path: String, _ index: FrameIndex, around own: RangeReader, _ sampling: Sampling
  ) throws(Fault) -> [Leg] {
    let starts = index.starts
    var legs = [Leg(reader: own, wanted: frames, isOwn: true)]
    if shown.lowerBound < frames.lowerBound, let from = starts.last(where: { $0 <= shown.lowerBound }) {
      legs.insert(
        Leg(
          reader: try RangeReader(MediaFile(path), index, frames: from..<frames.lowerBound, sampling: sampling),
          wanted: shown.lowerBound..<frames.lowerBound, isOwn: false), at: 0)
    }
    if shown.upperBound > frames.upperBound {
      let to = starts.first { $0 >= shown.upperBound } ?? index.count
      legs.append(
        Leg(
          reader: try RangeReader(MediaFile(path), index, frames: frames.upperBound..<to, sampling: sampling),
          wanted: frames.upperBound..<shown.upperBound, isOwn: false))
    }
    return legs
  }

  /// The frames before a part that are looked at, with their times in the file.
  static func times(
    _ index: FrameIndex, before end: Int, _ sampling: Sampling
  ) -> [(number: Int, seconds: Double)] {
    var sampler = Sampler(sampling)
    return (0..<end).compactMap { number in
      let record = index[number]
      return sampler.wants(time: record.time, isKeyFrame: record.isKeyFrame) ? (number, record.time) : nil
    }
  }

  /// The frames that are looked at.
  private enum Numbers {
    case all(Int)
    case chosen([Int])

    var count: Int {
      switch self {
      case .all(let count): count
      case .chosen(let numbers): numbers.count
      }
    }

    subscript(_ place: Int) -> Int {
      switch self {
      case .all: place
      case .chosen(let numbers): numbers[place]
      }
    }

    func count(before number: Int) -> Int {
      switch self {
      case .all: number
      case .chosen(let numbers): numbers.count { $0 < number }
      }
    }
  }

  private static func numbers(_ index: FrameIndex, _ sampling: Sampling) -> Numbers {
    guard sampling != .all else { return .all(index.count) }
    var sampler = Sampler(sampling)
    return .chosen((0..<index.count).filter { sampler.wants(time: index[$0].time, isKeyFrame: index[$0].isKeyFrame) })
  }
}
