import Analysis
import Base
import Execution
import Isolation
import Jobs
import Media
import Pipelines
import Planning
import Predictions

/// One of several workers of `ridley analyze`, in a process of its own: does the tasks that it is given, one after the other.
///
/// Files go through ``AnalyzeRun``; what is answered about parts of them lies in a folder that all workers share until it is put together.
final class AnalyzeWorker {
  /// What weighs parts against each other: a frame that is looked at is as much work as several that are only decoded.
  private static let cost = FrameCost(decoded: 0.005, sampled: 0.02)

  private let run: AnalyzeRun
  private let scratch: String
  private let workers: Int
  private let outlet: MessageWriter

  init(_ run: AnalyzeRun, scratch: String, workers: Int, outlet: MessageWriter) {
    (self.run, self.scratch, self.workers, self.outlet) = (run, scratch, workers, outlet)
  }

  /// Does tasks until no more come.
  func work(_ tasks: TaskReceiver) throws(Fault) {
    try run.begin()
    while let message = tasks.next() { try perform(try AnalyzeTask(message)) }
  }

  private func perform(_ task: AnalyzeTask) throws(Fault) {
    var file = run.inputs.files[task.work.file]
    if let kept = task.kept { file = file.kept(as: kept.asset, at: kept.path) }
    SharedFlags.beat()
    switch task.work {
    case .whole(let number): try run.analyze(file, number)
    case .plan(let number): try outlet.send(plan(file, number).message)
    case .part(let number, let part): try outlet.send(answer(file, number, part, task.frames).message)
    case .merge(_, let parts, let isStopped):
      do {
        try merge(file, task, parts, isStopped: isStopped)
      } catch {
        try outlet.send(AnalyzeMessage.failed(error).message)
      }
    }
  }

  /// What cannot be opened, or is no video, is left to the one who looks at all of it.
  private func plan(_ file: InputFile, _ number: Int) throws(Fault) -> AnalyzeMessage {
    var kept: (asset: String, path: String)?
    do throws(Fault) {
      guard var path = file.plainPath else { return .planned([], kept: nil) }
      if let library = run.library {
        let asset = try library.keep(file, path: path)
        kept = asset
        path = asset.path
      }
      SharedFlags.beat()
      let pipeline = run.pipeline
      // A rendition is made and looked at by one.
      guard pipeline.pipeline.proxy == nil, let index = try FrameIndex.ofPackets(path) else {
        return .planned([], kept: kept)
      }
      let cuts = try Cuts(
        FrameLayout(index), sampling: pipeline.sampling, gated: pipeline.pipeline.gate != nil, cost: Self.cost,
        // More parts than workers, so that those that are done early take another.
        size: CutSize(target: .infinity, wished: workers * 3))
      guard case .chunks(let parts) = cuts else { return .planned([], kept: kept) }
      try index.write(to: indexPath(number))
      return .planned(parts, kept: kept)
    } catch {
      return .planned([], kept: kept)
    }
  }

  private func answer(
    _ file: InputFile, _ number: Int, _ part: Int, _ frames: Range<Int>
  ) throws(Fault) -> AnalyzeMessage {
    do throws(Fault) {
      guard let path = file.plainPath else { return .doubtful(part: part) }
      let sink = try FileSink(answerPath(number, part))
      let chunk = try ChunkAnalyzer(
        path, index: try FrameIndex(file: indexPath(number), of: path), frames: frames, source: path,
        pipeline: run.pipeline
      ) { (bytes) throws(Fault) in try sink.write(bytes) }
      let outcome = try chunk.run(isStopped: { Interrupt.isAsked }, beat: { SharedFlags.beat() })
      try sink.finish()
      switch outcome {
      case .answered: return .answered(part: part)
      case .stopped: return .stopped(part: part)
      case .doubt: return .doubtful(part: part)
      }
    } catch {
      // Looking at all of the file tells what is wrong with it as it always does.
      return .doubtful(part: part)
    }
  }

  private func merge(_ file: InputFile, _ task: AnalyzeTask, _ parts: Int, isStopped: Bool) throws(Fault) {
    let number = task.work.file
    guard let path = file.plainPath else {
      throw Fault(.bug, "a file that cannot be opened twice was cut").at(file.shown)
    }
    let index = try FrameIndex(file: indexPath(number), of: path)
    try run.merge(file, path: path, index: index, parts: parts, isStopped: isStopped, elapsed: task.elapsed) {
      (part) throws(Fault) in
      try Self.reader(answerPath(number, part))
    }
  }

  private static func reader(_ path: String) throws(Fault) -> FrameAnswerReader {
    let file = try PlainFile(path)
    return try FrameAnswerReader { (count) throws(Fault) in try file.read(count) }
  }

  private func indexPath(_ number: Int) -> String { "\(scratch)/\(number).index" }
  private func answerPath(_ number: Int, _ part: Int) -> String { "\(scratch)/\(number)-\(part).answers" }
}
