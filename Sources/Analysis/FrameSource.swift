internal import Base
internal import Media
internal import Reports

/// The frames of a file that a pipeline looks at, and how far it has come.
struct FrameSource {
  let reader: MediaReader
  private var sampler: Sampler
  private(set) var framesDecoded = 0
  private(set) var framesSampled = 0
  private var firstTime: Double?
  private(set) var lastTime = 0.0

  init(_ path: String, _ sampling: Sampling) throws(Fault) {
    reader = try MediaReader(path, keyFramesOnly: sampling == .keyFrames)
    sampler = Sampler(sampling)
  }

  /// Seconds of the file that were gone through.
  var position: Double { lastTime - (firstTime ?? 0) }

  /// The next frame that is wanted, or `nil` at the end; the time of each decoding goes into `stages`.
  mutating func next(_ stages: inout StageTimes) throws(Fault) -> Frame? {
    while true {
      let watch = Stopwatch()
      guard let frame = try reader.next() else { return nil }
      stages.add(.decode, nanoseconds: watch.nanoseconds)
      framesDecoded += 1
      firstTime = firstTime ?? frame.time
      lastTime = max(lastTime, frame.time)
      guard sampler.wants(time: frame.time, isKeyFrame: frame.isKeyFrame) else { continue }
      framesSampled += 1
      return frame
    }
  }
}
