public import Base
internal import Bus
public import Catalog
internal import Crypto
internal import Items
internal import Library
internal import Store

extension JobDesk {
  /// Begins nothing more of a job until it is resumed; what runs is finished.
  public func pause(_ id: String, scope: ClientScope) throws(Fault) -> Job {
    let job = try change(id, scope) { (job) throws(Fault) in
      guard !job.state.isOver else { throw Self.over(job, "nothing is left to be paused") }
      if job.state == .running { job.state = .paused }
    }
    try bus.hold(job.id.text)
    return job
  }

  /// Goes on with a job that was paused, or that stopped at its budget, where a higher one is given.
  public func resume(_ id: String, budget: Int? = nil, scope: ClientScope) throws(Fault) -> Job {
    let job = try change(id, scope) { (job) throws(Fault) in
      guard !job.state.isOver else { throw Self.over(job, "nothing is left to be resumed") }
      if !job.isExternal { try needBus("a job for Ridley's own workers") }
      if let budget {
        try Self.check(budget: budget, price: job.price)
        job.budget = budget
      }
      if let budget = job.budget, job.cost >= budget {
        let (cost, most) = (NumberFormat.fixed(Double(job.cost) / 1e6, 6), NumberFormat.fixed(Double(budget) / 1e6, 6))
        throw Fault(
          .conflict, "the job '\(job.id)' has cost \(cost), and \(most) is its budget: resume it with a higher one")
      }
      job.state = .running
    }
    try bus.release(job.id.text)
    return job
  }

  /// Ends a job: what was not done is never done; what was published stays.
  ///
  /// Of a large job most items are settled by a worker; without a bus all are settled here.
  public func cancel(_ id: String, scope: ClientScope) throws(Fault) -> Job {
    try cancel(id, turn: hasBus ? 1 : .infinity, scope: scope)
  }

  /// Items are settled here for so many seconds, and by a worker where there are more.
  func cancel(_ id: String, turn: Double, scope: ClientScope) throws(Fault) -> Job {
    let job = try change(id, scope) { (job) throws(Fault) in
      guard !job.state.isOver || job.state == .cancelled else {
        throw Self.over(job, "nothing is left to be cancelled")
      }
      if job.state != .cancelled { (job.state, job.ended, job.waiting) = (.cancelled, library.now, nil) }
    }
    try bus.remove(group: job.id.text)
    if try !settleCancelled(job, limit: turn) {
      try add([JobTask(.cancel, job.id, number: job.round)], of: job)
    }
    return try self.job(id, scope: scope)
  }

  /// Settles the items of a job that was cancelled, and has its address called then; `false` where the limit, in seconds, was reached before the end.
  func settleCancelled(_ job: Job, limit: Double) throws(Fault) -> Bool {
    let watch = Stopwatch()
    for state in [JobItem.State.waiting, .cut] {
      while try settleSome(of: job, in: state) {
        if watch.seconds > limit { return false }
      }
    }
    try notify(job)
    return true
  }

  /// Whether there were any.
  private func settleSome(of job: Job, in state: JobItem.State) throws(Fault) -> Bool {
    let items = try items(of: job, state: state, limit: 90).elements
    if items.isEmpty { return false }
    for item in items { try clear(item) }
    try library.change("the job '\(job.id)'") { () throws(Fault) in
      guard let (found, version) = try read(job.id) else { return ([], ()) }
      var job = found
      var writes: [Write] = []
      let keys = items.map { LibraryKeys.jobItem(job.id, $0.number) }
      for found in try library.table.present(keys) {
        let old = try JobItem(found)
        guard !old.state.isSettled else { continue }
        var item = old
        item.state = .cancelled
        job.count(item, insteadOf: old)
        writes.append(.put(found.key, item.json, if: .version(found.version)))
      }
      if writes.isEmpty { return ([], ()) }
      job.settle(now: library.now)
      return (writes + JobChange.update(job, at: version), ())
    }
    return true
  }

  /// Tries the items of a job again that failed, and no others.
  ///
  /// - Returns: the job, and how many items that are.
  public func retry(_ id: String, scope: ClientScope) throws(Fault) -> (job: Job, items: Int) {
    let found = try job(id, scope: scope)
    guard found.state != .cancelled else { throw Self.over(found, "its items are not tried again") }
    if !found.isExternal { try needBus("a job for Ridley's own workers") }
    if found.state == .failed { try needBus("a job whose items could not be written down") }
    if found.state == .failed { return (try goOn(id, scope), 0) }
    var count = 0
    while true {
      let items = try items(of: found, state: .failed, limit: 30).elements
      guard !items.isEmpty else { break }
      count += try retry(items, of: found)
    }
    let job = try job(id, scope: scope)
    return (job, count)
  }

  /// Ends a job whose items cannot be written down, with the reason; of those that were, no more are begun until it is retried.
  func fail(_ job: Job, because fault: Fault) throws(Fault) {
    let job = try change(job.id.text, .all) { (job) throws(Fault) in
      guard !job.state.isOver, !job.isListed else { return }
      (job.state, job.ended, job.waiting, job.reason) = (.failed, library.now, nil, fault.reason)
    }
    guard job.state == .failed else { return }
    try bus.remove(group: job.id.text)
    try notify(job)
  }

  /// Goes on with a job that failed: its address is asked once more, or its items are written down from where that ended.
  private func goOn(_ id: String, _ scope: ClientScope) throws(Fault) -> Job {
    let job = try change(id, scope) { (job) throws(Fault) in
      guard job.state == .failed else { return }
      (job.state, job.ended, job.reason) = (.running, nil, nil)
      job.round += 1
    }
    try add([JobTask(.list, job.id, number: job.round)], of: job)
    try handOutWaiting(of: job)
    return job
  }

  private func retry(_ items: [JobItem], of job: Job) throws(Fault) -> Int {
    let again = try library.change("the job '\(job.id)'") { () throws(Fault) -> ([Write], [JobItem]) in
      guard let (found, version) = try read(job.id) else { return ([], []) }
      var job = found
      var (writes, again, reasons) = ([Write](), [JobItem](), [String: JobReason]())
      for found in try library.table.present(items.map { LibraryKeys.jobItem(job.id, $0.number) }) {
        let old = try JobItem(found)
        guard old.state == .failed else { continue }
        let reason = JobReason(old)
        reasons[reason.digest, default: JobReason(old, count: 0)].count += 1
        var item = old
        item.retry()
        job.count(item, insteadOf: old)
        again.append(item)
        writes.append(.put(found.key, item.json, if: .version(found.version)))
      }
      guard !again.isEmpty else { return ([], []) }
      for reason in reasons.values {
        writes.append(JobChange.count(reason, by: -reason.count, over: try self.reason(reason)))
      }
      if job.state == .finished {
        (job.state, job.ended) = (.running, nil)
        job.round += 1
      }
      return (writes + JobChange.update(job, at: version), again)
    }
    try handOut(again, of: job)
    return again.count
  }

  /// How many items failed for a reason so far.
  func reason(_ reason: JobReason) throws(Fault) -> (reason: JobReason, version: ItemVersion)? {
    guard let item = try library.table.get(LibraryKeys.jobReason(reason.job, digest: reason.digest)) else { return nil }
    return (try JobReason(item), item.version)
  }

  /// Has the job's address called, once for each time that it is over.
  func notify(_ job: Job) throws(Fault) {
    guard job.state.isOver, job.webhook != nil else { return }
    // It was started while there was a bus.
    guard hasBus else { return try note(NoBus.refusal("a webhook"), of: job) }
    try add([JobTask(.notify, job.id, number: job.round)], of: job)
  }

  /// Notes that the job's address could not be told.
  func note(_ fault: Fault, of job: Job) throws(Fault) {
    _ = try change(job.id.text, .all) { (job) throws(Fault) in job.webhook?.trouble = String(fault.message.prefix(300))
    }
  }

  /// Notes what keeps tasks of a job from being done, until something of it is.
  func note(obstacle: String, of job: Job) throws(Fault) {
    _ = try change(job.id.text, .all) { (job) throws(Fault) in job.obstacle = String(obstacle.prefix(300)) }
  }

  private func change(
    _ id: String, _ scope: ClientScope, _ edit: (inout Job) throws(Fault) -> Void
  ) throws(Fault) -> Job {
    try library.change("the job '\(id)'") { () throws(Fault) in
      guard let ulid = ULID(id), let (old, version) = try read(ulid), scope.covers(old.client) else {
        throw Self.noJob(id)
      }
      var job = old
      try edit(&job)
      return (job == old ? [] : JobChange.update(job, at: version), job)
    }
  }

  /// What a job is that is over, what does not go any more, and what does.
  private static func over(_ job: Job, _ what: String) -> Fault {
    let (id, failed) = (job.id, job.counts.failed)
    let wayOut =
      switch job.state {
      case .failed: "retry goes on with it"
      case .finished where failed > 0: "retry tries the \(failed == 1 ? "item" : "\(failed) items") again that failed"
      case .finished, .running, .paused, .stopped: "start another one"
      case .cancelled: "start another one, which keeps what this one has published"
      }
    return Fault(.conflict, "the job '\(id)' is \(job.state.rawValue), so \(what): \(wayOut)")
  }
}

extension JobReason {
  /// The reason of an item that failed.
  init(_ item: JobItem, count: Int = 1) {
    let reason = item.reason ?? ""
    self.init(
      job: item.job, digest: SHA256.hex(of: Array(reason.utf8)), reason: reason, code: item.code ?? "",
      item: item.number)
    self.count = count
  }
}
