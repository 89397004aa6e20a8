internal import Analysis
internal import Base
internal import Bus
internal import Catalog
internal import Execution
internal import Items
internal import Library
internal import Media
internal import Objects
internal import Predictions
internal import Reports
internal import Store

extension JobWork {
  /// Does a task of an item, where its pipeline can be had here and its bytes are those that were added.
  func look(at asset: Asset, _ item: JobItem, _ task: JobTask, of job: Job, since start: Double) throws(Fault)
    -> Outcome
  {
    if task.kind == .item, item.state == .cut {
      try desk.handOut(piecesOf: item, of: job)
      return .done
    }
    guard let item = try begun(item, task, of: job) else { return .done }
    let pinned = item.pinned(in: job)
    if task.kind == .item, try isKept(asset, [job.pipelines[item.pipeline], pinned]) {
      try settle(task) { $0.state = .kept }
      return .done
    }
    let path = try path(of: asset)
    let pipeline: LoadedPipeline
    do throws(Fault) {
      pipeline = try self.pipeline(pinned)
      if task.kind == .item { try checkEncoder(pipeline, asset) }
    } catch {
      guard error.kind == .unavailable else { throw error }
      if try fallBack(from: task, because: error, isError: false) { return .done }
      try desk.note(obstacle: error.message, of: job)
      return .elsewhere(error)
    }
    do throws(Fault) {
      switch task.kind {
      case .piece: return try answer(path, asset, item, task, of: job, pipeline, since: start)
      case .merge: return try merge(path, asset, item, task, of: job, pipeline, since: start)
      default: return try look(path, asset, item, task, of: job, pipeline, since: start)
      }
    } catch {
      throw error.without(place: path).without(place: asset.name)
    }
  }

  /// The item with the versions that answer it; `nil` where there is nothing more to do about this task.
  private func begun(_ item: JobItem, _ task: JobTask, of job: Job) throws(Fault) -> JobItem? {
    guard let item = try unasked(item, task) else { return nil }
    if task.kind == .item { return try routed(item, task, of: job) }
    return try isBegunAnew(item, task) ? nil : item
  }

  /// An analysis under one of them is there already.
  private func isKept(_ asset: Asset, _ pins: [Job.Pinned]) throws(Fault) -> Bool {
    let keys = Set(pins.map(\.digest)).map { LibraryKeys.analysis(asset.id, pipeline: $0) }
    return try !desk.library.table.present(keys).isEmpty
  }

  /// Where the asset's bytes are, which are held against their digest first, once for a worker and a state of the file.
  ///
  /// What is wrong with them is told without their digest, so that alike reasons are one.
  func path(of asset: Asset) throws(Fault) -> String {
    let path: String
    do throws(Fault) { path = try desk.library.file(of: asset) } catch {
      guard error.kind == .bug || error.kind == .badInput else { throw error }
      throw Self.isOther("its bytes are missing, or are more or fewer than were added", cause: error.message)
    }
    guard try isSound(asset.object) else { throw Self.isOther("its bytes are not those that were added") }
    return path
  }

  /// Whether an object is there, with its bytes; asked once for a worker and a state of the file.
  func isSound(_ digest: String) throws(Fault) -> Bool {
    guard let name = ObjectName(digest) else { return false }
    let stamp = FileSystem.stamp(of: try desk.library.objects.file(of: name))
    let state = stamp?.whole
    if let state, verified[digest] == state { return true }
    guard try desk.library.objects.verifyFile(of: name, each: beat) == .sound else { return false }
    if verified.count == Self.mostVerified { verified = [:] }
    // A file that was just written may be written again without a sign of it: its time is that coarse.
    if let stamp, stamp.age > 1 { verified[digest] = state }
    return true
  }

  private static func isOther(_ what: String, cause: String? = nil) -> Fault {
    Fault(.badInput, "\(what): add the file once more, or restore it from a backup", cause: cause)
  }

  private func look(
    _ path: String, _ asset: Asset, _ item: JobItem, _ task: JobTask, of job: Job, _ pipeline: LoadedPipeline,
    since start: Double
  ) throws(Fault) -> Outcome {
    let pinned = item.pinned(in: job)
    let sight: Sight
    do throws(Fault) { sight = try self.sight(of: asset, path, pipeline) } catch {
      if error.kind == .closed, isStopped() { return .stopped }
      throw error
    }
    if !item.isWhole, try step("cut", { () throws(Fault) in try cut(sight, asset, task, of: job, pinned, pipeline) }) {
      return .done
    }
    let begun = ProcessFigures.now.cpuSeconds
    let analyzer = try Analyzer(
      sight.path, pipeline: pipeline, naming: (asset.name, asset.name), standIn: sight.standIn, keepsPictures: false)
    var recorder: AnalysisRecorder? = try self.recorder(of: asset, item, job, pipeline)
    if sight.standIn != nil { recorder?.note("rendition", [("object", sight.object)]) }
    var seen = TaskSeen()
    let summary = try step("analyze") { () throws(Fault) in
      defer { isNetworkAtFault = analyzer.isNetworkAtFault }
      return try analyzer.run(isStopped: isStopped, progress: { [beat] _ in beat() }) {
        (_, stamp, predictions) throws(Fault) in
        try recorder?.add(stamp, predictions)
        if item.route != nil { seen.add(stamp.index, predictions) }
      }
    }
    let seconds = ProcessFigures.now.cpuSeconds - begun
    guard !summary.interrupted, let finished = try recorder.take()?.finish(summary, index: analyzer.frameIndex) else {
      return .stopped
    }
    var done = Done(summary, networks: pipeline.models.count, cpuSeconds: seconds)
    if let standIn = sight.standIn { done.frames = standIn.rendition.origins.count }
    measure(done, sight.facts, pipeline)
    (seen.inferences, seen.times) = (done.inferences, done.stages[.infer])
    if try isBegunAnew(item, task) { return .done }
    try askShadows(sight, asset, item, task, of: job, &seen)
    try publish(finished, task, summary, seen, since: start)
    return .done
  }

  /// Keeps what is found on an asset, with the roll-outs that it goes by in its log.
  func recorder(
    of asset: Asset, _ item: JobItem, _ job: Job, _ pipeline: LoadedPipeline
  ) throws(Fault) -> AnalysisRecorder {
    var recorder = try AnalysisRecorder(
      desk.library, asset, pipeline, series: job.pipelines[item.pipeline].series, worker: worker, version: version)
    for turn in item.route?.turns ?? [] {
      let side = turn.isCandidate && item.route?.isToCandidate == true ? "candidate" : "baseline"
      recorder.note("rollout", [("model", turn.model), ("rollout", turn.rollout), ("answered", side)])
    }
    return recorder
  }

  func publish(
    _ finished: FinishedAnalysis, _ task: JobTask, _ summary: FileSummary, _ seen: TaskSeen, since start: Double
  ) throws(Fault) {
    let used = Int((ProcessFigures.now.cpuSeconds - start) * 1e6)
    var (job, isOut) = (Job?.none, false)
    try step("commit") { () throws(Fault) in
      try desk.library.publish(finished) { () throws(Fault) in
        let settled = try changing(task) { (item, writes) throws(Fault) in
          // A candidate that fell out meanwhile brings nothing any more.
          guard let job = try desk.read(task.job)?.job, finished.analysis.pipeline == item.pinned(in: job).digest else {
            return false
          }
          // Asking others may have taken long.
          isOut = if let route = item.route { try self.isOut(route, isFresh: true) } else { false }
          guard !isOut else { return false }
          (item.state, item.corruptFrames) = (.done, summary.corrupt.count)
          item.processorTime += used
          writes += try evidence(of: item, in: job, seen, isAnswer: true)
          return true
        }
        job = settled?.result
        return settled?.writes
      }
    }
    if isOut { _ = try leaveCandidate(task) }
    totalsAreBehind = true
    if let job { try follow(job) }
  }

  /// An item fails, and its job counts it and the reason.
  func fail(_ task: JobTask, _ fault: Fault, attempts: Int, processorTime: Int) throws(Fault) {
    let slice = slice(of: task)
    span?.fault = fault
    try settle(task) { item in
      (item.state, item.slice, item.attempts) = (.failed, slice, attempts)
      (item.reason, item.code) = (String(fault.message.prefix(500)), fault.kind.rawValue)
      item.processorTime += processorTime
    }
    guard let item = try item(of: task), item.state == .failed else { return }
    try desk.clear(item)
    do throws(Fault) { try desk.library.fail(item.asset, because: fault.message) } catch {
      guard error.kind == .notFound else { throw error }
    }
  }

  /// Changes an item in a transaction of its own, unless it is settled already.
  private func settle(_ task: JobTask, _ edit: (inout JobItem) -> Void) throws(Fault) {
    _ = try change(task) { (item, _) throws(Fault) in
      edit(&item)
      return true
    }
  }
}

extension JobWork {
  /// What changes an item: its writes, and the job as it is after them.
  typealias Changing = (writes: [Write], result: Job)

  /// Changes an item of a job that was not cancelled, and its job with it; `edit` may add writes, and says whether there is anything to do.
  ///
  /// - Returns: whether it was done; `false` also where the item is settled, or was tried anew meanwhile.
  func change(
    _ task: JobTask, _ edit: (inout JobItem, inout [Write]) throws(Fault) -> Bool
  ) throws(Fault) -> Bool {
    let job = try desk.library.change("the job '\(task.job)'") { () throws(Fault) -> ([Write], Job?) in
      guard let (writes, job) = try changing(task, edit) else { return ([], nil) }
      return (writes, job)
    }
    if let job { try follow(job) }
    return job != nil
  }

  /// The writes of ``change(_:_:)``, for a transaction that holds others too.
  private func changing(
    _ task: JobTask, _ edit: (inout JobItem, inout [Write]) throws(Fault) -> Bool
  ) throws(Fault) -> Changing? {
    let key = LibraryKeys.jobItem(task.job, task.number)
    guard let found = try desk.library.table.get(key), let (old, version) = try desk.read(task.job) else { return nil }
    let before = try JobItem(found)
    guard before.generation == task.generation, !before.state.isSettled, old.state != .cancelled else { return nil }
    var (job, item, writes) = (old, before, [Write]())
    guard try edit(&item, &writes) else { return nil }
    job.count(item, insteadOf: before)
    job.obstacle = nil
    job.settle(now: desk.library.now)
    writes.append(.put(key, item.json, if: .version(found.version)))
    if job != old { writes += JobChange.update(job, at: version) }
    if item.state == .failed {
      let reason = JobReason(item)
      writes.append(JobChange.count(reason, by: 1, over: try desk.reason(reason)))
    }
    return (writes, job)
  }

  /// What follows where an item was the last one, or the last that there was money for.
  private func follow(_ job: Job) throws(Fault) {
    if job.state == .stopped { try desk.bus.hold(job.id.text) }
    try desk.notify(job)
  }
}

extension Fault {
  /// The same without the name of a file in front, which is known where the reason is told; alike reasons are one then.
  func without(place: String) -> Fault {
    guard message.hasPrefix(place + ": ") else { return self }
    return Fault(kind, String(message.dropFirst(place.count + 2)), cause: cause)
  }
}
