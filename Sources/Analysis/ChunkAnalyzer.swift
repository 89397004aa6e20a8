public import Base
public import Execution
public import Media
internal import Insights
internal import Pipelines
public import Predictions

/// The part of an analysis that remembers nothing, over a part of a video: sampled, gated, answered about by the networks.
///
/// What it writes is read by a ``ChunkMerge`` together with that of the other parts. Parts meet at `FrameIndex.starts`, or, where the
/// pipeline has a gate, at `FrameIndex.cells`. Decodes on one thread, in the caller's thread; memory does not depend on the length of the part.
/// Used once.
public final class ChunkAnalyzer {
  public enum Outcome {
    case answered(FrameAnswers.Counts)
    /// The video cannot be looked at in parts: an ``Analyzer`` has to go through all of it.
    case doubt(RangeReader.Doubt)
    /// It was stopped before the end, and what was written is about the frames until there.
    case stopped(FrameAnswers.Counts)
  }

  private let path: String
  private let reader: RangeReader
  private let inference: FrameInference
  private let pipeline: LoadedPipeline
  private let standIn: StandIn?
  private var writer: FrameAnswerWriter
  private let write: ([UInt8]) throws(Fault) -> Void
  private var counts = FrameAnswers.Counts()
  private let clock = Stopwatch()

  /// Opens the file to look at the frames with these numbers; `source` names the video, and all parts of it have the same.
  ///
  /// `write` gets the bytes of the answers as they come. With `standIn` the file is a rendition, whose index and frames are meant, and
  /// answers are about the frames of its film. Faults carry the path.
  public init(
    _ path: String, index: FrameIndex, frames: Range<Int>, source: String, pipeline: LoadedPipeline,
    standIn: StandIn? = nil, write: @escaping ([UInt8]) throws(Fault) -> Void
  ) throws(Fault) {
    (self.path, self.pipeline, self.standIn, self.write) = (path, pipeline, standIn, write)
    if pipeline.pipeline.gate != nil, index.isFromPackets {
      let cells = index.cells
      guard [frames.lowerBound, frames.upperBound].allSatisfy({ $0 == index.count || cells.contains($0) }) else {
        throw Fault(.badInput, "a pipeline with a gate is cut between cells alone, not at frames \(frames)").at(path)
      }
    }
    do {
      reader = try RangeReader(MediaFile(path), index, frames: frames, sampling: pipeline.sampling)
    } catch {
      throw error.at(path)
    }
    inference = FrameInference(pipeline)
    writer = FrameAnswerWriter(
      FrameAnswers.Head(pipeline: pipeline.digest, source: source, frames: standIn?.told(frames) ?? frames))
  }

  /// Goes through the part; `isStopped` is asked before each frame, and `beat` called after each.
  public func run(isStopped: () -> Bool = { false }, beat: () -> Void = {}) throws(Fault) -> Outcome {
    do throws(Fault) {
      var isStoppedNow = false
      while true {
        isStoppedNow = isStopped()
        if isStoppedNow { break }
        let watch = Stopwatch()
        let outcome = try reader.next()
        guard case .frame(let decoded) = outcome else {
          if case .doubt(let doubt) = outcome { return .doubt(doubt) }
          break
        }
        counts.stages.add(.decode, nanoseconds: watch.nanoseconds)
        counts.framesSampled += 1
        let frame = try standIn?.told(decoded) ?? decoded
        while inference.isFull { try takeOne() }
        try perform { () throws(InferenceFailure) in try inference.add(.local(frame)) }
        while try takeDone() {}
        beat()
      }
      inference.end()
      while !inference.isDone {
        try takeOne()
        beat()
      }
      return isStoppedNow ? .stopped(try finish()) : .answered(try finish())
    } catch {
      throw error.at(path)
    }
  }

  private func takeOne() throws(Fault) { if try !takeDone(), !inference.isDone { inference.wait() } }

  private func takeDone() throws(Fault) -> Bool {
    guard let done = try perform({ () throws(InferenceFailure) in try inference.next() }) else { return false }
    let frame = done.frame
    writer.add(
      FrameAnswer(
        index: frame.index, pts: frame.pts, time: frame.time, predictions: done.predictions,
        descriptor: done.descriptor?.bytes ?? []))
    try put(writer.drain())
    return true
  }

  private func put(_ bytes: [UInt8]) throws(Fault) { if !bytes.isEmpty { try write(bytes) } }

  private func perform<Result>(_ work: () throws(InferenceFailure) -> Result) throws(Fault) -> Result {
    do { return try work() } catch { throw error.fault }
  }

  private func finish() throws(Fault) -> FrameAnswers.Counts {
    (counts.framesDecoded, counts.packets, counts.shared) = (reader.framesDecoded, reader.packets, reader.shared)
    (counts.passedOver, counts.jobs) = (inference.passedOver, inference.jobCounts)
    counts.covered = reader.covered.map { $0.first...max($0.first, $0.last) }
    counts.stages.merge(inference.stages)
    counts.secondsElapsed = clock.seconds
    try put(writer.close(counts))
    return counts
  }
}
