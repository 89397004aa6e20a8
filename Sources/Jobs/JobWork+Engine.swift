public import Base
public import Catalog
internal import Items
internal import Library
internal import Planning
internal import Store

extension JobWork {
  /// What a task that another engine ran came to, and so how its program ends.
  public enum Ending: Sendable {
    case done
    /// It never will be done; the item has failed with this reason.
    case failed(Fault)
    /// Another attempt may do better.
    case again(Fault)
  }

  /// Writes down all items of a job.
  public func list(_ job: Job) throws(Fault) -> Job {
    _ = try listItems(job)
    return try desk.job(job.id.text, scope: .all)
  }

  /// Says how many tasks an item is, for an engine that hands out tasks itself; cuts it, unless that was done.
  ///
  /// The answer is written down and holds: an item that is one task is not cut any more, whatever its frames are expected to cost where it is run.
  ///
  /// - Returns: how many tasks it is: pieces, and the merge as the last; or one.
  /// - Throws: what kept it from being cut, where another attempt may do better.
  public func plan(_ job: Job, item number: Int) throws(Fault) -> Int {
    if let fault = try cutFirst(job, number) { throw fault }
    guard let count = try taskCount(job, number) else { throw Self.begunAnew }
    return count
  }

  /// The same where a look at the asset cost its process: then it is one task, unless it was cut before.
  public func planWhole(_ job: Job, item number: Int) throws(Fault) -> Int {
    try keepWhole(JobTask(.item, job.id, number: number, generation: try engineItem(job, number).generation))
    guard let count = try taskCount(job, number) else { throw Self.begunAnew }
    return count
  }

  /// Which tasks an item still is once its task 0 is done; `nil` where it is open all the same, because it was begun anew.
  public func tasksBehindFirst(_ job: Job, item number: Int) throws(Fault) -> Range<Int>? {
    let item = try engineItem(job, number)
    if item.state.isSettled { return 1..<1 }
    return item.state == .cut ? 1..<item.pieces + 1 : nil
  }

  /// How many tasks an item is; `nil` where nothing is written down of that.
  private func taskCount(_ job: Job, _ number: Int) throws(Fault) -> Int? {
    let item = try engineItem(job, number)
    if item.state == .cut { return item.pieces + 1 }
    if item.isWhole || item.state.isSettled { return 1 }
    return try isCancelled(job) ? 1 : nil
  }

  private static let begunAnew = Fault(.unavailable, "the item was begun anew meanwhile: try again")

  private func isCancelled(_ job: Job) throws(Fault) -> Bool { try desk.read(job.id)?.job.state == .cancelled }

  private func isResting(_ job: Job) throws(Fault) -> Bool {
    let state = try desk.read(job.id)?.job.state
    return state == .paused || state == .stopped
  }

  /// Writes down that an item is one task, unless it was cut.
  private func keepWhole(_ task: JobTask) throws(Fault) {
    _ = try change(task) { (item, _) throws(Fault) in
      guard item.state == .waiting, !item.isWhole else { return false }
      item.isWhole = true
      return true
    }
  }

  /// Cuts an item, or writes down that it is one task, where that is open; gives what keeps it from being cut for now, which must not pass for an item of one task.
  private func cutFirst(_ job: Job, _ number: Int) throws(Fault) -> Fault? {
    let item = try engineItem(job, number)
    guard item.state == .waiting, !item.isWhole else { return nil }
    // To look at a film for where to cut it is work too.
    if try isResting(job) { return Fault(.unavailable, try reasonForStopping(job)) }
    let task = JobTask(.item, job.id, number: number, generation: item.generation)
    span = spans?.begin(task, of: job, attempt: 1, as: "plan")
    defer { span = nil }
    let outcome = try TaskSpan.tell(span) { () throws(Fault) in
      try performing(task, of: job) { (asset, item) throws(Fault) in
        let pinned = item.pinned(in: job)
        let (path, pipeline) = (try desk.library.file(of: asset), try pipeline(pinned))
        let sight = try sight(of: asset, path, pipeline)
        let isCut = try step("cut") { () throws(Fault) in try cut(sight, asset, task, of: job, pinned, pipeline) }
        if !isCut { try keepWhole(task) }
        return .done
      }
    }
    return switch outcome {
    case .done: nil
    case .again(let fault), .elsewhere(let fault): fault
    case .stopped: Fault(.closed, try reasonForStopping(job))
    }
  }

  /// Runs one task of an item; what it gives is committed once, whoever else runs it too.
  public func run(_ job: Job, item number: Int, task: Int) throws(Fault) -> Ending {
    if let fault = try cutFirst(job, number) { return .again(fault) }
    guard let count = try taskCount(job, number) else { return .again(Self.begunAnew) }
    let item = try engineItem(job, number)
    guard !item.state.isSettled else { return Self.ending(item) }
    guard (0..<count).contains(task) else {
      throw Fault(.usage, "the item \(number) has no task \(task): its tasks are 0 to \(count - 1)")
    }
    let kind: JobTask.Kind = item.state != .cut ? .item : task < item.pieces ? .piece : .merge
    if kind == .merge, item.piecesDone < item.pieces {
      return .again(Fault(.unavailable, "\(item.pieces - item.piecesDone) pieces of the item are not done yet"))
    }
    let part = JobTask(kind, job.id, number: number, generation: item.generation, piece: kind == .piece ? task : 0)
    defer { keepTotals(always: true) }
    // The engine counts attempts; a fault that may pass is never the item's last here.
    switch try perform(part.bytes, attempt: 1) {
    case .done: break
    case .again(let fault), .elsewhere(let fault): return .again(fault)
    case .stopped: return .again(Fault(.closed, try reasonForStopping(job)))
    }
    let after = try engineItem(job, number)
    if after.generation != item.generation {
      return .again(Fault(.unavailable, "the item cannot be answered for sure in pieces: it is one task from now on"))
    }
    if kind == .merge, after.state == .cut {
      let lost = after.pieces - after.piecesDone
      return .again(
        Fault(.unavailable, "the answers about \(lost) pieces were lost: run the item's pieces again, and then this"))
    }
    if kind != .piece, !after.state.isSettled, try !isCancelled(job) { return .again(Self.begunAnew) }
    return Self.ending(after)
  }

  private func reasonForStopping(_ job: Job) throws(Fault) -> String {
    switch try desk.read(job.id)?.job.state {
    case .paused: "the job is paused: 'ridley job resume \(job.id)' goes on"
    case .stopped: "the job's budget is spent: 'ridley job resume \(job.id) --budget MORE' goes on"
    default: "it was stopped"
    }
  }

  /// Gives a task up whose process was lost over it as often as is tried; its item fails with the reason.
  public func giveUp(_ job: Job, item number: Int, task: Int, because reason: String) throws(Fault) -> Ending {
    let item = try engineItem(job, number)
    let isPiece = item.state == .cut && task < item.pieces
    let part = JobTask(
      isPiece ? .piece : .item, job.id, number: number, generation: item.generation, piece: isPiece ? task : 0)
    let limits = try profile(named: job.profile).memoryWords
    let fault = Fault(.badInput, "it cost its process, \(Self.mostAttempts) times: \(reason)\(limits)")
    try fail(part, fault, attempts: Self.mostAttempts, processorTime: 0)
    return Self.ending(try engineItem(job, number))
  }

  private static func ending(_ item: JobItem) -> Ending {
    guard item.state == .failed || item.state == .cancelled else { return .done }
    return .failed(Fault(item.code.flatMap(Fault.Kind.init) ?? .badInput, item.reason ?? "the job was cancelled"))
  }

  private func engineItem(_ job: Job, _ number: Int) throws(Fault) -> JobItem {
    guard number >= 0, let found = try desk.library.table.get(LibraryKeys.jobItem(job.id, number)) else {
      throw Fault(.notFound, "the job has no item \(number): its items are 0 to \(job.counts.listed - 1)")
    }
    return try JobItem(found)
  }
}
