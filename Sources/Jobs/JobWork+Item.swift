internal import Analysis
internal import Base
internal import Bus
internal import Catalog
internal import Execution
internal import Items
internal import Library
internal import Media
internal import Predictions
internal import Reports
internal import Store

extension JobWork {
  /// Looks at an item as a whole, and publishes what was found.
  func look(at asset: Asset, _ item: JobItem, _ task: JobTask, of job: Job, since start: Double) throws(Fault)
    -> Outcome
  {
    let path = try path(of: asset)
    do throws(Fault) {
      switch task.kind {
      case .piece: return try answer(path, asset, item, task, of: job, since: start)
      case .merge: return try merge(path, asset, item, task, of: job, since: start)
      default: return try look(path, asset, item, task, of: job, since: start)
      }
    } catch {
      throw error.without(place: path).without(place: asset.name)
    }
  }

  /// Where the asset's bytes are; what is wrong with them is told without their digest, so that alike reasons are one.
  func path(of asset: Asset) throws(Fault) -> String {
    do throws(Fault) { return try desk.library.file(of: asset) } catch {
      guard error.kind == .bug || error.kind == .badInput else { throw error }
      throw Fault(
        .badInput,
        "its bytes are missing, or are others than were added: add the file once more, or restore it from a backup",
        cause: error.message)
    }
  }

  private func look(
    _ path: String, _ asset: Asset, _ item: JobItem, _ task: JobTask, of job: Job, since start: Double
  ) throws(Fault) -> Outcome {
    if item.state == .cut {
      try handOut(piecesOf: item, of: job)
      return .done
    }
    let pinned = job.pipelines[item.pipeline]
    if try desk.library.table.get(LibraryKeys.analysis(asset.id, pipeline: pinned.digest)) != nil {
      try settle(task, processorTime: 0) { $0.state = .kept }
      return .done
    }
    let pipeline = try pipeline(pinned)
    if !item.isWhole, try cut(path, asset, task, of: job, pinned, pipeline) { return .done }
    let begun = ProcessFigures.now.cpuSeconds
    let analyzer = try Analyzer(path, pipeline: pipeline, naming: (asset.name, asset.name))
    var recorder: AnalysisRecorder? = try AnalysisRecorder(
      desk.library, asset, pipeline, series: pinned.series, worker: worker, version: version)
    let summary = try analyzer.run(isStopped: isStopped, progress: { [beat] _ in beat() }) {
      (_, stamp, predictions) throws(Fault) in try recorder?.add(stamp, predictions)
    }
    let seconds = ProcessFigures.now.cpuSeconds - begun
    if !summary.interrupted {
      measure(Done(summary, networks: pipeline.models.count, cpuSeconds: seconds), asset, pipeline)
    }
    guard !summary.interrupted, let finished = try recorder.take()?.finish(summary, index: analyzer.frameIndex) else {
      return .stopped
    }
    try publish(finished, task, since: start)
    return .done
  }

  func publish(_ finished: FinishedAnalysis, _ task: JobTask, since start: Double) throws(Fault) {
    let used = Int((ProcessFigures.now.cpuSeconds - start) * 1e6)
    var job: Job?
    try desk.library.publish(finished) { () throws(Fault) in
      let (writes, settled) = try settling(task, processorTime: used) { $0.state = .done }
      job = settled
      return writes
    }
    totalsAreBehind = true
    if let job { try follow(job) }
  }

  /// An item fails, and its job counts it and the reason.
  func fail(_ task: JobTask, _ fault: Fault, attempts: Int, processorTime: Int) throws(Fault) {
    let slice = slice(of: task)
    try settle(task, processorTime: processorTime) { item in
      (item.state, item.slice) = (.failed, slice)
      (item.reason, item.code) = (String(fault.message.prefix(500)), fault.kind.rawValue)
      item.attempts = attempts
    }
    guard let item = try item(of: task), item.state == .failed else { return }
    if item.plan != nil { try desk.clear(item) }
    do throws(Fault) { try desk.library.fail(item.asset, because: fault.message) } catch {
      guard error.kind == .notFound else { throw error }
    }
  }

  /// Settles an item in a transaction of its own, unless it is settled already.
  func settle(_ task: JobTask, processorTime: Int, _ edit: (inout JobItem) -> Void) throws(Fault) {
    let job = try desk.library.change("the job '\(task.job)'") { () throws(Fault) in
      let (writes, job) = try settling(task, processorTime: processorTime, edit)
      return (writes ?? [], job)
    }
    if let job { try follow(job) }
  }

  /// What follows where an item was the last one, or the last that there was money for.
  func follow(_ job: Job) throws(Fault) {
    if job.state == .stopped { try desk.bus.hold(job.id.text) }
    try desk.notify(job)
  }

  /// The writes that settle an item, and the job with them; `nil` where it is settled, or was tried anew meanwhile.
  private func settling(
    _ task: JobTask, processorTime: Int, _ edit: (inout JobItem) -> Void
  ) throws(Fault) -> (writes: [Write]?, job: Job?) {
    let key = LibraryKeys.jobItem(task.job, task.number)
    guard let found = try desk.library.table.get(key), let (old, version) = try desk.read(task.job) else {
      return (nil, nil)
    }
    var (job, item) = (old, try JobItem(found))
    guard item.generation == task.generation, !item.state.isSettled, job.state != .cancelled else { return (nil, nil) }
    job.partial -= item.share
    edit(&item)
    item.processorTime += processorTime
    job.processorTime += processorTime
    job.count(item.state)
    job.settle(now: desk.library.now)
    var writes = JobChange.update(item, at: found.version, of: job, at: version)
    if item.state == .failed {
      let reason = JobReason(item)
      writes.append(JobChange.count(reason, by: 1, over: try desk.reason(reason)))
    }
    return (writes, job)
  }
}

extension Job {
  /// One item more stands there.
  mutating func count(_ state: JobItem.State) {
    switch state {
    case .done: counts.done += 1
    case .kept: counts.kept += 1
    case .failed: counts.failed += 1
    case .cancelled: counts.cancelled += 1
    case .waiting, .cut: break
    }
  }
}

extension Fault {
  /// The same without the name of a file in front, which is known where the reason is told; alike reasons are one then.
  func without(place: String) -> Fault {
    guard message.hasPrefix(place + ": ") else { return self }
    return Fault(kind, String(message.dropFirst(place.count + 2)), cause: cause)
  }
}
