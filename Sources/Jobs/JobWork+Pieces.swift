internal import Analysis
internal import Base
internal import Bus
internal import Catalog
internal import Execution
internal import Inference
internal import Items
internal import Library
internal import Media
internal import Objects
internal import Planning
internal import Predictions
internal import Store

extension JobWork {
  /// Cuts an item, writes down its plan, and hands out its pieces; `false` where it is one task.
  ///
  /// The plan and the frame index are objects that the job refers to for as long as the item is being worked at.
  func cut(
    _ sight: Sight, _ asset: Asset, _ task: JobTask, of job: Job, _ pinned: Job.Pinned, _ pipeline: LoadedPipeline
  ) throws(Fault) -> Bool {
    guard !asset.media.isPicture else { return false }
    let item = EstimatedItem(
      source: sight.facts, pipeline: pipeline.pipeline, pipelineDigest: pinned.digest,
      models: pipeline.models.map(\.digest))
    let estimator = Estimator(try rates(), profile: try TaskProfile.named(job.profile))
    // Whether it is worth looking through all packets is seen from what is known already.
    guard estimator.estimate(item).tasks > 1 else { return false }
    let index = try FrameIndex(sight.path)
    let (cuts, expected) = try estimator.cut(item, FrameLayout(index))
    guard case .chunks(let ranges) = cuts, ranges.count <= JobItem.mostPieces else { return false }
    let frames = try desk.library.put(index.packed.bytes)
    var plan = TaskPlan(
      object: sight.object, source: item.source, pipelineText: pinned.text, pipelineDigest: pinned.digest,
      models: pipeline.models.map {
        PinnedModel(
          name: $0.name, digest: $0.digest, precision: Precision(rawValue: $0.precision) ?? .f32, device: $0.device)
      }, engine: Set(pipeline.models.map(\.engine)).sorted().joined(separator: ", "),
      index: TaskPlan.PlannedIndex(digest: frames.name.digest, frameCount: index.count), cuts: cuts,
      profile: estimator.profile, expected: expected)
    plan.rendition = sight.rendition
    let kept = try desk.library.put(plan.bytes)
    defer { withExtendedLifetime((frames, kept)) {} }
    _ = try change(task) { (item, writes) throws(Fault) in
      guard item.state == .waiting, !item.isWhole else { return false }
      (item.state, item.pieces) = (.cut, ranges.count)
      (item.plan, item.frames) = (kept.name.digest, frames.name.digest)
      writes += item.references.map { .put($0, Array("{}".utf8)) }
      return true
    }
    guard let item = try self.item(of: task) else { return true }
    // An engine was told so meanwhile.
    if item.state == .waiting, item.isWhole { return false }
    guard item.state == .cut else { return true }
    try desk.handOut(piecesOf: item, of: job)
    return true
  }

  /// Answers about one piece, and keeps them; whoever brings the last one has them put together.
  func answer(
    _ path: String, _ asset: Asset, _ item: JobItem, _ task: JobTask, of job: Job, _ pipeline: LoadedPipeline,
    since start: Double
  ) throws(Fault) -> Outcome {
    let key = LibraryKeys.jobPiece(job.id, item.number, generation: item.generation, task.piece)
    if try desk.library.table.get(key) != nil {
      try desk.handOut(piecesOf: item, of: job)
      return .done
    }
    let plan = try TaskPlan(bytes: try desk.library.read(item.plan ?? ""))
    guard case .chunk(let range) = try plan.work(of: task.piece) else { return .done }
    guard plan.pipelineDigest == pipeline.digest, let sight = try sight(of: asset, path, plan) else {
      try undo(item, task, of: job)
      return .done
    }
    let index = try index(of: item, sight)
    let writer = try answerWriter()
    var seen = TaskSeen()
    let begun = ProcessFigures.now.cpuSeconds
    let chunk = try ChunkAnalyzer(
      sight.path, index: index, frames: range, source: plan.object, pipeline: pipeline, standIn: sight.standIn
    ) { (bytes) throws(Fault) in try writer.append(bytes.span.bytes) }
    let outcome = try step("analyze") { () throws(Fault) in
      defer { isNetworkAtFault = chunk.isNetworkAtFault }
      return try chunk.run(isStopped: isStopped, beat: beat)
    }
    switch outcome {
    case .stopped: return .stopped
    case .doubt:
      try undo(item, task, of: job)
      return .done
    case .answered(let counts):
      let done = Done(counts, frames: range.count, cpuSeconds: ProcessFigures.now.cpuSeconds - begun)
      measure(done, sight.facts, pipeline)
      (seen.inferences, seen.times) = (counts.jobs, counts.stages[.infer])
    }
    let answers = try writer.finish()
    defer { withExtendedLifetime(answers) {} }
    let used = Int((ProcessFigures.now.cpuSeconds - start) * 1e6)
    let piece = JobPiece(answers: answers.name.digest, worker: worker, processorTime: used)
    try step("commit") { () throws(Fault) in try commit(piece, key, task, of: job, seen) }
    guard let item = try self.item(of: task), item.state == .cut else { return .done }
    if item.piecesDone == item.pieces { try desk.handOut(piecesOf: item, of: job) }
    return .done
  }

  /// What the power takes of answers is made again before the merge: see `hasAllAnswers`.
  private func answerWriter() throws(Fault) -> any ObjectWriter {
    var place = ObjectPlan()
    place.canBeMadeAgain = true
    return try desk.library.objects.write(place)
  }

  private func commit(
    _ piece: JobPiece, _ key: ItemKey, _ task: JobTask, of job: Job, _ seen: TaskSeen
  ) throws(Fault) {
    _ = try change(task) { (item, writes) throws(Fault) in
      guard item.state == .cut, try desk.library.table.get(key) == nil else { return false }
      item.piecesDone += 1
      item.processorTime += piece.processorTime
      writes.append(.put(key, piece.json, if: .absent))
      writes.append(.put(LibraryKeys.reference(piece.answers, by: task.job, key.sort), Array("{}".utf8)))
      writes += try evidence(of: item, in: job, seen, isAnswer: false)
      return true
    }
  }

  /// The index of frames by which an item was cut.
  private func index(of item: JobItem, _ sight: Sight) throws(Fault) -> FrameIndex {
    let (bytes, file) = (try desk.library.read(item.frames ?? ""), try MediaFile(sight.path))
    // The bytes are those of its digest, whenever they were written here, and on whichever host the item was cut.
    return try FrameIndex(bytes, ofSame: file)
  }

  /// What of the asset a task is about; `nil` for all of it.
  func slice(of task: JobTask) -> String? {
    guard task.kind == .piece, let plan = try? item(of: task)?.plan, let bytes = try? desk.library.read(plan),
      case .chunk(let frames)? = try? TaskPlan(bytes: bytes).work(of: task.piece)
    else { return nil }
    return "frames \(frames.lowerBound) to \(frames.upperBound - 1)"
  }

  /// A piece that cannot be answered for sure, or was planned for another pipeline: the item is begun anew, as one task.
  private func undo(_ item: JobItem, _ task: JobTask, of job: Job) throws(Fault) {
    let isUndone = try change(task) { (item, _) throws(Fault) in
      guard item.state == .cut else { return false }
      item.retry()
      item.isWhole = true
      return true
    }
    guard isUndone else { return }
    try desk.clear(item)
    try desk.add([JobTask(.item, job.id, number: item.number, generation: item.generation + 1)], of: job)
  }

  /// Puts the answers about all pieces together, and publishes what they give.
  func merge(
    _ path: String, _ asset: Asset, _ item: JobItem, _ task: JobTask, of job: Job, _ pipeline: LoadedPipeline,
    since start: Double
  ) throws(Fault) -> Outcome {
    let plan = try TaskPlan(bytes: try desk.library.read(item.plan ?? ""))
    guard case .chunks(let ranges) = plan.cuts, try hasAllAnswers(item, of: job) else { return .done }
    guard plan.pipelineDigest == pipeline.digest, let sight = try sight(of: asset, path, plan) else {
      try undo(item, task, of: job)
      return .done
    }
    let answers = PieceAnswers(desk.library, item)
    let merge = try ChunkMerge(
      sight.path, index: try index(of: item, sight), pipeline: pipeline, naming: (asset.name, asset.name),
      standIn: sight.standIn)
    var recorder: AnalysisRecorder? = try self.recorder(of: asset, item, job, pipeline)
    recorder?.note("pieces", [("count", "\(ranges.count)"), ("plan", item.plan ?? "")])
    if sight.standIn != nil { recorder?.note("rendition", [("object", sight.object)]) }
    var seen = TaskSeen()
    let summary = try step("merge") { () throws(Fault) in
      try merge.run(parts: ranges.count, open: answers.open, beat: beat) {
        (stamp, predictions) throws(Fault) in
        try recorder?.add(stamp, predictions)
        if item.route != nil { seen.add(stamp.index, predictions) }
      }
    }
    guard let finished = try recorder.take()?.finish(summary, index: merge.frameIndex) else { return .stopped }
    if try isBegunAnew(item, task) { return .done }
    try askShadows(sight, asset, item, task, of: job, &seen)
    try publish(finished, task, summary, seen, since: start)
    try desk.clear(item)
    return .done
  }
}

/// The answers about an item's pieces, where they are kept.
private final class PieceAnswers {
  private let library: Library
  private let item: JobItem

  init(_ library: Library, _ item: JobItem) { (self.library, self.item) = (library, item) }

  func open(_ piece: Int) throws(Fault) -> FrameAnswerReader {
    let key = LibraryKeys.jobPiece(item.job, item.number, generation: item.generation, piece)
    guard let found = try library.table.get(key) else {
      throw Fault(.unavailable, "the answers about piece \(piece) are not there yet")
    }
    let object = try library.open(try JobPiece(found).answers)
    var place = 0
    return try FrameAnswerReader { (count) throws(Fault) -> [UInt8] in
      let start = place
      place = min(object.byteCount, start + count)
      return try object.read(start..<place)
    }
  }
}

extension JobItem {
  /// More than that are not cut: the merge names each of them.
  static let mostPieces = 10_000
}

extension SourceFacts {
  init(_ asset: Asset) {
    self.init(
      isPicture: asset.media.isPicture, byteCount: asset.byteCount, size: asset.media.size, codec: asset.media.codec,
      duration: asset.media.duration, frameRate: asset.media.frameRate)
  }
}
