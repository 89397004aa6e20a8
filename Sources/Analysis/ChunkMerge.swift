public import Base
public import Execution
internal import Insights
public import Media
internal import Pipelines
public import Predictions
public import Reports

/// Puts the answers about all parts of a video together: what an ``Analyzer`` that goes through all of it tells.
///
/// What remembers frames (track, smooth, emit) is done here, over all answers in order. Nothing is decoded but what ``frame(at:)`` is
/// asked for. Used once.
public final class ChunkMerge {
  /// Gets every analysed frame in order, with what became predictions of it; a fault in it ends the merge.
  public typealias Handler = (FrameStamp, [Prediction]) throws(Fault) -> Void

  public let info: MediaInfo
  /// Every frame of the video; `nil` where a rendition stands in for a film whose packets do not tell them.
  public let frameIndex: PackedFrameIndex?
  private let standIn: StandIn?
  private let access: FrameAccess
  /// Where the film is, for its sound.
  private let file: String
  private let path: String
  private let name: String
  private let loaded: LoadedPipeline
  private let frameCount: Int
  private var teller: FrameTeller<FrameAnswer>
  private var facts: RunFacts
  /// Packets that the part before decoded, of those that lie in the next.
  private var borrowed: Set<Int> = []

  /// Opens the file.
  ///
  /// `naming` and `standIn` as in ``Analyzer``; faults carry the path.
  public init(
    _ path: String, index: FrameIndex, pipeline: LoadedPipeline, naming: (name: String, path: String)? = nil,
    standIn: StandIn? = nil
  ) throws(Fault) {
    self.standIn = standIn
    (file, self.path) = (path, naming?.path ?? path)
    name = naming?.name ?? FileSystem.name(of: path)
    do {
      access = try FrameAccess(path, index: index)
    } catch {
      throw error.at(self.path)
    }
    (info, loaded) = (standIn?.film ?? access.info, pipeline)
    frameCount = standIn?.told(0..<index.count).upperBound ?? index.count
    frameIndex = standIn == nil ? index.packed : standIn?.rendition.index
    teller = FrameTeller(pipeline, size: access.info.size, concludes: true)
    facts = RunFacts(info, name: name, path: self.path, frameCount: frameIndex?.frameCount)
    facts.standIn = standIn
    facts.jobs = pipeline.pipeline.infer.map { _ in 0 }
  }

  /// The picture of an analysed frame, for people's eyes.
  public func frame(at number: Int) throws(Fault) -> Frame {
    let place = standIn == nil ? number : standIn?.number(of: number)
    guard let place, let frame = try access.frame(at: place) else {
      throw Fault(.badInput, "frame \(number) is not in this file any more").at(path)
    }
    return try standIn?.told(frame) ?? frame
  }

  /// Goes through the answers about all parts, in order, each opened when its turn has come, and tells what the video gave.
  ///
  /// With `isStopped` the last parts may be missing, and the last one that is there may have been stopped; the summary says so. Faults: a part is missing, is of another video or pipeline, or is damaged; what was told until then is not to be used. Times of
  /// the summary are those of the parts together.
  public func run(
    parts: Int, isStopped: Bool = false, open: (Int) throws(Fault) -> FrameAnswerReader, beat: () -> Void = {},
    happened: Analyzer.HappeningHandler = { (_) throws(Fault) in }, each: Handler
  ) throws(Fault) -> FileSummary {
    do throws(Fault) {
      var (next, source) = (0, String?.none)
      for part in 0..<parts {
        let reader = try open(part)
        guard reader.head.frames.lowerBound == next, reader.head.pipeline == loaded.digest,
          source == nil || reader.head.source == source
        else { throw Fault(.badInput, "the answers are not those about the frames from \(next) on of this analysis") }
        while let answer = try reader.next() {
          let moment = FrameMoment(time: answer.time, frame: answer.index, pts: answer.pts)
          let descriptor = ShotDescriptor(bytes: answer.descriptor)
          guard (descriptor != nil) == loaded.pipeline.describesFrames else {
            throw Fault(.badInput, "the answers do not describe frames as this pipeline wants them described")
          }
          if let told = teller.add(answer, answer.predictions, descriptor, at: moment) {
            try hand(told, happened, each)
          }
          beat()
        }
        try take(reader.counts)
        (next, source) = (reader.head.frames.upperBound, reader.head.source)
      }
      guard next == frameCount || isStopped else {
        throw Fault(.badInput, "the answers end at frame \(next) of \(frameCount): parts are missing")
      }
      if let told = teller.end() { try hand(told, happened, each) }
      let last = teller.close(.end)
      if !last.isEmpty { try happened(last) }
      if !isStopped {
        let heard = try loaded.speech?.listen(to: file, beat: beat)
        facts.insights = teller.insights(end: info.duration, heard)
      }
    } catch {
      throw error.at(path)
    }
    facts.isInterrupted = isStopped
    (facts.counts, facts.predictionCount) = (teller.counts, teller.predictionCount)
    return facts.summary(of: loaded)
  }

  private func hand(
    _ told: FrameTeller<FrameAnswer>.Told, _ happened: Analyzer.HappeningHandler, _ each: Handler
  ) throws(Fault) {
    facts.framesAnalyzed += 1
    for prediction in told.predictions { facts.emitted[prediction.step, default: 0] += 1 }
    let frame = told.frame
    if !told.happenings.isEmpty { try happened(told.happenings) }
    try each(FrameStamp(file: name, index: frame.index, pts: frame.pts, time: frame.time), told.predictions)
  }

  private func take(_ counts: FrameAnswers.Counts?) throws(Fault) {
    guard let counts, counts.jobs.count == facts.jobs.count else {
      throw Fault(.badInput, "the answers are not those of this pipeline")
    }
    facts.framesSampled += counts.framesSampled
    // A packet counts once: in its own part, or where only the part before needed it.
    facts.framesDecoded += counts.framesDecoded + borrowed.subtracting(counts.shared).count
    borrowed = Set(counts.shared.filter { $0 >= counts.packets.upperBound })
    facts.passedOver += counts.passedOver
    for step in facts.jobs.indices { facts.jobs[step] += counts.jobs[step] }
    if let part = counts.covered {
      facts.covered = (
        facts.covered?.first ?? part.lowerBound, max(facts.covered?.last ?? part.upperBound, part.upperBound)
      )
    }
    facts.stages.merge(counts.stages)
    facts.secondsElapsed += counts.secondsElapsed
  }
}
