public import Base
public import Execution
internal import Insights
public import Media
internal import Pipelines
public import Predictions

/// The part of an analysis that remembers nothing, over a part of a video: sampled, gated, answered about by the networks.
///
/// What it writes is read by a ``ChunkMerge`` together with that of the other parts. Parts meet at `FrameIndex.starts`, or, where the
/// pipeline has a gate, at `FrameIndex.cells`. Networks that are shown windows see frames of the parts beside this one too, which are decoded
/// here once more and not answered. Decodes on one thread, in the caller's thread; memory does not depend on the length of the part.
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
  private let legs: [PartReach.Leg]
  private let reader: RangeReader
  private let inference: FrameInference
  private let pipeline: LoadedPipeline
  private let standIn: StandIn?
  private var writer: FrameAnswerWriter
  private let write: ([UInt8]) throws(Fault) -> Void
  private var counts = FrameAnswers.Counts()
  private let clock = Stopwatch()
  /// It was a network that ended the run with a fault, and not the file, or what is done with answers.
  public private(set) var isNetworkAtFault = false

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
    if let refusal = pipeline.refusal(ofPicture: false) { throw refusal.at(path) }
    let reach = PartReach(index, frames, pipeline)
    do {
      reader = try RangeReader(MediaFile(path), index, frames: frames, sampling: pipeline.sampling)
      legs = try reach.legs(path, index, around: reader, pipeline.sampling)
    } catch {
      throw error.at(path)
    }
    var options = FrameInference.Options()
    (options.keepsPictures, options.part, options.concludes) = (pipeline.products != nil, reach.part, true)
    inference = FrameInference(pipeline, options: options)
    if pipeline.pipeline.thinsOut {
      for time in PartReach.times(index, before: frames.lowerBound, pipeline.sampling) {
        inference.pass(time: standIn?.rendition.origins[time.number].time ?? time.seconds)
      }
    }
    writer = FrameAnswerWriter(
      FrameAnswers.Head(pipeline: pipeline.digest, source: source, frames: standIn?.told(frames) ?? frames))
  }

  /// Goes through the part; `isStopped` is asked before each frame, and `beat` called after each.
  public func run(isStopped: () -> Bool = { false }, beat: () -> Void = {}) throws(Fault) -> Outcome {
    do throws(Fault) {
      var isStoppedNow = false
      for leg in legs where !isStoppedNow {
        switch try go(along: leg, isStopped, beat) {
        case .ended: break
        case .stopped: isStoppedNow = true
        case .doubt(let doubt): return .doubt(doubt)
        }
      }
      inference.end(isCutOff: isStoppedNow)
      while !inference.isDone {
        try takeOne()
        beat()
      }
      return isStoppedNow ? .stopped(try finish()) : .answered(try finish())
    } catch {
      throw error.at(path)
    }
  }

  private enum Way {
    case ended
    case stopped
    case doubt(RangeReader.Doubt)
  }

  /// Brings the frames of a stretch.
  private func go(along leg: PartReach.Leg, _ isStopped: () -> Bool, _ beat: () -> Void) throws(Fault) -> Way {
    while true {
      guard !isStopped() else { return .stopped }
      let watch = Stopwatch()
      let decoded: Frame
      switch try leg.reader.next() {
      case .frame(let frame): decoded = frame
      case .ended: return .ended
      case .doubt(let doubt): return .doubt(doubt)
      }
      counts.stages.add(.decode, nanoseconds: watch.nanoseconds)
      if decoded.index >= leg.wanted.upperBound { return .ended }
      guard leg.wanted.contains(decoded.index) else { continue }
      while inference.isFull { try takeOne() }
      let frame = SourceFrame.local(try standIn?.told(decoded) ?? decoded)
      if leg.isOwn {
        counts.framesSampled += 1
        try perform { () throws(InferenceFailure) in try inference.add(frame) }
      } else {
        try perform { () throws(InferenceFailure) in try inference.addBorrowed(frame) }
      }
      while try takeDone() {}
      beat()
      // What is damaged behind it shows to the part that it belongs to.
      if !leg.isOwn, decoded.index == leg.wanted.upperBound - 1 { return .ended }
    }
  }

  private func takeOne() throws(Fault) { if try !takeDone(), !inference.isDone { inference.wait() } }

  private func takeDone() throws(Fault) -> Bool {
    guard let done = try perform({ () throws(InferenceFailure) in try inference.next() }) else { return false }
    let frame = done.frame
    writer.add(
      FrameAnswer(
        index: frame.index, pts: frame.pts, time: frame.time, predictions: try pipeline.answers(done),
        descriptor: done.descriptor?.bytes ?? []))
    try put(writer.drain())
    return true
  }

  private func put(_ bytes: [UInt8]) throws(Fault) { if !bytes.isEmpty { try write(bytes) } }

  private func perform<Result>(_ work: () throws(InferenceFailure) -> Result) throws(Fault) -> Result {
    do { return try work() } catch {
      isNetworkAtFault = true
      throw error.fault
    }
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
