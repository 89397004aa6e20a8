internal import Base
internal import Media
internal import Reports

/// The frames of a file that a pipeline looks at, and how far it has come.
struct FrameSource {
  let reader: MediaReader
  private let standIn: StandIn?
  private(set) var framesSampled = 0

  init(
    _ path: String, _ sampling: Sampling, prefetched: PrefetchedReader?, threads: Int, standIn: StandIn?
  ) throws(Fault) {
    self.standIn = standIn
    if let prefetched, prefetched.path == path, prefetched.sampling == sampling, let opened = try prefetched.take() {
      reader = opened
    } else {
      reader = try Self.open(path, sampling, threads: threads)
    }
  }

  /// Opens a file as an analysis reads it: the one way, at once or prefetched.
  static func open(_ path: String, _ sampling: Sampling, threads: Int = 0) throws(Fault) -> MediaReader {
    try MediaReader(path, sampling: sampling, threads: threads, indexes: true)
  }

  var framesDecoded: Int { reader.framesDecoded }
  /// Time of the last frame that was gone through.
  var lastTime: Double { reader.covered?.last ?? 0 }
  /// Seconds of the file that were gone through.
  var position: Double { lastTime - (reader.covered?.first ?? 0) }

  /// The next frame that is wanted, or `nil` at the end; the time it took goes into `stages`.
  mutating func next(_ stages: inout StageTimes) throws(Fault) -> Frame? {
    let watch = Stopwatch()
    guard let frame = try reader.next() else { return nil }
    stages.add(.decode, nanoseconds: watch.nanoseconds)
    framesSampled += 1
    return try standIn?.told(frame) ?? frame
  }
}
