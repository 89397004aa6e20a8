public import Base
internal import Inference
public import Media
public import Reports
public import Vision

/// One model over one file: frames in, predictions out, in order of presentation.
///
/// Decoding and rendering go on in the caller's thread while the unit infers; the number of frames in flight is the
/// unit's capacity, however long the file. Used once.
public final class Analyzer {
  /// How far the work is.
  public struct Progress: Sendable {
    public var framesAnalyzed: Int
    /// Seconds of the file that were gone through.
    public var position: Double
    /// Seconds of the whole file, where they are known.
    public var duration: Double?
    public var elapsed: Double
  }

  public let info: MediaInfo
  private let reader: MediaReader
  private let model: LoadedModel
  private let path: String
  private let sampling: Sampling
  private let answers = Answers()
  private var stages = StageTimes()
  private let clock = Stopwatch()

  /// Frames whose answers have not come, oldest first.
  private var pending: [(frame: Frame, total: Stopwatch)] = []
  private var framesAnalyzed = 0
  private var firstTime: Double? { reader.covered?.first }
  private var lastTime: Double { reader.covered?.last ?? 0 }

  /// Opens the file; faults carry its path.
  public init(_ path: String, model: LoadedModel, sampling: Sampling) throws(Fault) {
    do {
      reader = try MediaReader(path, sampling: sampling)
    } catch {
      throw error.at(path)
    }
    (info, self.path, self.model, self.sampling) = (reader.info, path, model, sampling)
  }

  /// Goes through the file and tells what it gave.
  ///
  /// `isStopped` is asked before each frame; once true, what is in flight is finished and the summary says so. `each` gets
  /// every analysed frame in order, with what was found on it; a fault in it ends the run.
  public func run(
    isStopped: () -> Bool = { false }, progress: (Progress) -> Void = { _ in },
    each: (Frame, FrameStamp, [Prediction]) throws(Fault) -> Void
  ) throws(Fault) -> FileSummary {
    var stopped = false
    do {
      while true {
        stopped = isStopped()
        guard !stopped, let frame = try decode() else { break }
        try submit(frame)
        while let answer = answers.take() { try hand(answer, each) }
        progress(state)
      }
      while !pending.isEmpty { try hand(answers.waitForNext(), each) }
    } catch {
      throw error.at(path)
    }
    progress(state)
    return summary(interrupted: stopped)
  }

  private func decode() throws(Fault) -> Frame? {
    let watch = Stopwatch()
    guard let frame = try reader.next() else { return nil }
    stages.add(.decode, nanoseconds: watch.nanoseconds)
    return frame
  }

  private func submit(_ frame: Frame) throws(Fault) {
    let placement = Placement(picture: frame.size, network: model.input, recipe: model.recipe.input)
    let (sequence, answers, head, watch) = (framesAnalyzed + pending.count, answers, model.head, Stopwatch())
    var waited = 0
    try model.unit.submit { (place) throws(Fault) in
      waited = watch.nanoseconds
      try place.write { (bytes) throws(Fault) in
        try frame.render(
          into: &bytes, size: model.input, source: placement.source, target: placement.target, order: model.order,
          pad: model.recipe.input.pad)
      }
    } done: { result in
      let outcome = result.map { head.decode($0, at: placement) }
      answers.put(sequence, Answers.Answer(outcome: outcome, inferNanoseconds: watch.nanoseconds))
    }
    stages.add(.wait, nanoseconds: waited)
    stages.add(.prepare, nanoseconds: watch.nanoseconds - waited)
    pending.append((frame, watch))
  }

  private func hand(
    _ answer: Answers.Answer, _ each: (Frame, FrameStamp, [Prediction]) throws(Fault) -> Void
  ) throws(Fault) {
    let (frame, total) = pending.removeFirst()
    framesAnalyzed += 1
    let predictions = try answer.outcome.get()
    stages.add(.infer, nanoseconds: answer.inferNanoseconds)
    stages.add(.total, nanoseconds: total.nanoseconds)
    let stamp = FrameStamp(file: Disk.name(of: path), index: frame.index, pts: frame.pts, time: frame.time)
    try each(frame, stamp, predictions)
  }

  private var state: Progress {
    Progress(
      framesAnalyzed: framesAnalyzed, position: lastTime - (firstTime ?? 0), duration: info.duration,
      elapsed: clock.seconds)
  }

  /// Some containers do not show that their end is missing; two seconds leave room for sound that is longer.
  private var shortfall: String? {
    guard !info.isPicture, let duration = info.duration, sampling != .keyFrames, duration - lastTime > 2 else {
      return nil
    }
    return "the picture ends at \(Wording.clock(lastTime)) of \(Wording.clock(duration)): the file may be cut short"
  }

  private func summary(interrupted: Bool) -> FileSummary {
    var summary = FileSummary(file: Disk.name(of: path), path: path)
    (summary.size, summary.codec) = (info.size, info.codec)
    summary.duration = info.isPicture ? nil : info.duration
    let rate = info.frameRate.value
    summary.secondsCovered = info.isPicture ? nil : lastTime - (firstTime ?? 0) + (rate > 0 ? 1 / rate : 0)
    (summary.framesDecoded, summary.framesAnalyzed) = (reader.framesDecoded, framesAnalyzed)
    for sample in reader.corrupt.samples { summary.corrupt.add(time: sample.time, reason: sample.reason) }
    for _ in 0..<max(0, reader.corrupt.count - reader.corrupt.samples.count) {
      summary.corrupt.add(time: nil, reason: "further broken frames")
    }
    if let note = shortfall, !interrupted { summary.notes.append(note) }
    (summary.secondsElapsed, summary.stages, summary.interrupted) = (clock.seconds, stages, interrupted)
    return summary
  }
}
