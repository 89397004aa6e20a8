internal import Base

/// What a clip takes of its film.
struct ClipPlan {
  let frames: ClosedRange<Int>
  /// Pictures by their numbers in the order of decoding.
  let packets: ClosedRange<Int>
  /// When it begins and ends, in the picture's time base.
  let (start, end): (Int, Int)
  let seconds: ClosedRange<Double>
  let path: String
  let staging: String

  /// Decoders of sound need a little of what comes before.
  var soundStart: Double { seconds.lowerBound - 0.1 }
}

/// How far the cutting is: which clips wait, are open and are over.
struct ClipRun {
  final class Open {
    let plan: ClipPlan
    let muxer: ClipMuxer

    init(_ plan: ClipPlan, _ muxer: ClipMuxer) { (self.plan, self.muxer) = (plan, muxer) }
  }

  /// Sound that lies so many seconds behind its picture in the file is not waited for.
  private static let patience = 10.0

  private var waiting: ArraySlice<ClipPlan>
  private(set) var open: [Open] = []
  /// Clips that ended before all of their sound had come.
  private(set) var passed: [ClipPlan] = []
  /// Packets that are key frames; `nil` for those that the film calls so.
  var beginnings: Set<Int>?
  var picture = -1
  var pictureTime = -Double.infinity
  /// Where what came last of each sound ended.
  var soundTimes: [Int: Double]

  init(_ plans: [ClipPlan], sounds: [Int]) {
    waiting = plans[...]
    soundTimes = Dictionary(uniqueKeysWithValues: sounds.map { ($0, -.infinity) })
  }

  var next: ClipPlan? { waiting.first }

  mutating func begin(_ plan: ClipPlan, _ muxer: ClipMuxer) {
    waiting.removeFirst()
    open.append(Open(plan, muxer))
  }

  /// A clip to which nothing more will come.
  func over(isAtEnd: Bool) -> Open? {
    open.first { clip in
      guard !isAtEnd else { return true }
      guard picture >= clip.plan.packets.upperBound else { return false }
      let end = clip.plan.seconds.upperBound
      return pictureTime > end + Self.patience || soundTimes.values.allSatisfy { $0 >= end }
    }
  }

  mutating func end(_ clip: Open) {
    open.removeAll { $0 === clip }
    if soundTimes.values.contains(where: { $0 < clip.plan.seconds.upperBound }) { passed.append(clip.plan) }
  }

  /// Takes away what was begun.
  mutating func abandon() {
    for clip in open { try? FileSystem.remove(clip.plan.staging) }
    open = []
  }
}

/// When pictures are decoded, for containers that tell it of some only: in the order of decoding, as tight as the times at which they are shown allow.
struct DecodingTimes {
  private let index: FrameIndex
  private let delay: Int

  /// `nil` where some packets make no frame, so that nothing can be told.
  init?(_ index: FrameIndex) {
    guard index.frames.count == index.count, index.frames.allSatisfy({ $0 >= 0 }) else { return nil }
    self.index = index
    delay = index.frames.enumerated().reduce(0) { most, packet in
      max(most, index.timestamps[packet.offset] - index.timestamps[Int(packet.element)])
    }
  }

  /// Of the packet with a number.
  func time(of packet: Int) -> Int? {
    index.timestamps.indices.contains(packet) ? index.timestamps[packet] - delay : nil
  }
}
