public import Base
internal import Bus
public import Catalog
public import Execution
internal import Glibc
internal import Items
public import Library
internal import Objects
internal import Planning
internal import Store

/// What a worker does for jobs: one task at a time, and what became of it committed in one transaction.
///
/// Used by one thread at a time. A task that is done twice, or by a worker that was given up meanwhile, changes nothing the second time.
public final class JobWork {
  /// How often a task is tried that fails, or that crashes or hangs its worker.
  public static let mostAttempts = 3
  /// How often one is tried whose workers do not come back, or are killed from outside: that need not be its fault.
  public static let mostLosses = 10

  /// What became of a task.
  public enum Outcome: Sendable {
    /// It is committed, or was before.
    case done
    /// It may do better later, or elsewhere.
    case again(Fault)
    /// It cannot be done here: this worker has not the models or the engine that it asks for.
    case elsewhere(Fault)
    /// It was left half way, because this worker ends, or because others have their turn.
    case stopped
  }

  let desk: JobDesk
  /// Machine, process and start.
  let worker: String
  let version: String
  /// Loads a pipeline as it is pinned; the fault is `unavailable` where its models are not here.
  let examiner: any MediaExaminer
  /// Holds what this process may have of memory; `nil` for what it began with.
  private let limitMemory: (Int?) -> Void
  private let load: (Job.Pinned) throws(Fault) -> LoadedPipeline
  /// What the place allows where it allows less than jobs' profiles do, such as a function of so much memory.
  public var limits: WorkLimits?
  /// Whether the task at hand is still this worker's.
  var isMine: () throws(Fault) -> Bool = { true }
  let isStopped: @Sendable () -> Bool
  /// A network ended the task at hand with a fault.
  var isNetworkAtFault = false
  /// Called with every frame, by which a watcher knows that the work goes on.
  let beat: () -> Void
  /// Seconds of writing items down, after which other clients have their turn: each of their tasks waits no longer for it.
  var listingTurn = 0.1
  /// What tasks measured that the library does not know yet.
  var measured = Rates(machine: RateKeeper.machine)
  var measuredCount = 0
  var ratesKept = Clock.now
  /// Analyses were published that totals do not hold yet.
  var totalsAreBehind = false
  var totalsSettled = Clock.now
  var forgottenSought = Clock.now
  var copiesTrimmed = Clock.now
  var knownRates: (rates: Rates, time: UInt64)?
  /// Objects whose bytes are known to be theirs, as their files stood then.
  var verified: [String: String] = [:]
  /// `nil` where models are what jobs pin, whatever is being rolled out.
  let rollouts: (any JobRollouts)?
  /// By the models that were asked for.
  var knownRollouts: [[String]: (standing: [StandingRollout], time: UInt64)] = [:]
  /// At which steps models work, by the pipeline's digest.
  var knownSteps: [String: [String: [Int]]] = [:]
  /// Pipelines with candidates in them that can be had here, by the pipeline's digest and the versions.
  var knownVariants: [String: Job.Pinned] = [:]
  /// Tells traces what is done here; `nil` where none are wanted.
  public var spans: TaskSpans?
  /// That of the task at hand.
  var span: TaskSpan?
  private var loaded: [(digest: String, pipeline: LoadedPipeline)] = []

  static let mostVerified = 10_000
  /// Pipelines that stay loaded; the one used longest ago goes.
  private static let mostLoaded = 4

  public init(
    _ desk: JobDesk, worker: String, version: String, examiner: any MediaExaminer,
    rollouts: (any JobRollouts)? = nil, isStopped: @escaping @Sendable () -> Bool,
    beat: @escaping () -> Void, limitMemory: @escaping (Int?) -> Void = { _ in },
    load: @escaping (Job.Pinned) throws(Fault) -> LoadedPipeline
  ) {
    (self.desk, self.worker, self.version, self.examiner, self.rollouts) = (desk, worker, version, examiner, rollouts)
    (self.isStopped, self.beat, self.load, self.limitMemory) = (isStopped, beat, load, limitMemory)
  }

  /// For giving tasks up alone.
  public convenience init(_ desk: JobDesk, worker: String, version: String) {
    self.init(desk, worker: worker, version: version, examiner: NoExaminer(), isStopped: { true }, beat: {}) {
      (_) throws(Fault) in
      throw Fault(.bug, "this worker does no work")
    }
  }

  /// Rests a second between attempts at what is gone for a while.
  func pause() {
    for _ in 0..<10 where !isStopped() { usleep(100_000) }
  }

  /// Does a task that was claimed; `attempt` counts from 1.
  public func perform(_ payload: [UInt8], attempt: Int) throws(Fault) -> Outcome {
    let task = try JobTask(payload)
    guard let job = try desk.read(task.job)?.job else { return .done }
    guard job.state != .cancelled || task.kind == .notify || task.kind == .cancel else { return .done }
    span = spans?.begin(task, of: job, attempt: attempt)
    defer { span = nil }
    return try TaskSpan.tell(span) { () throws(Fault) in try perform(task, of: job, payload, attempt) }
  }

  private func perform(_ task: JobTask, of job: Job, _ payload: [UInt8], _ attempt: Int) throws(Fault) -> Outcome {
    switch task.kind {
    case .list:
      // A worker does errands beside its work; here they are done at once.
      if let errand = try errand(payload, attempt: attempt) { return try errand.perform() }
      return try list(job)
    case .item, .piece, .merge:
      guard try !isHeld(job) else { return .stopped }
      return try work(task, of: job, attempt: attempt)
    case .cancel: return try desk.settleCancelled(job, limit: listingTurn) ? .done : .stopped
    case .notify: return try errand(payload, attempt: attempt)?.perform() ?? .done
    }
  }

  private func list(_ job: Job) throws(Fault) -> Outcome {
    do throws(Fault) {
      return try listItems(job, limit: listingTurn) ? .done : .stopped
    } catch {
      guard Self.isTemporary(error) else {
        try desk.fail(job, because: error)
        return .done
      }
      // A full disk is not full for ever.
      try? desk.note(obstacle: "its items cannot be written down: \(error.message)", of: job)
      return .again(error)
    }
  }

  /// Whether nothing of a job may be begun, where whoever paused or stopped it ended before the bus was told so.
  private func isHeld(_ job: Job) throws(Fault) -> Bool {
    guard job.state == .paused || job.state == .stopped else { return false }
    try desk.bus.hold(job.id.text)
    // It may have been resumed in between.
    if try desk.read(job.id)?.job.state == .running { try desk.bus.release(job.id.text) }
    return true
  }

  /// Gives a task up whose worker died over it, or that failed too often; its item fails with the reason, or the job whose items it was to write down.
  public func giveUp(_ payload: [UInt8], because fault: Fault, attempts: Int) throws(Fault) {
    let task = try JobTask(payload)
    switch task.kind {
    case .item, .piece, .merge:
      if try !fallBack(lost: task, because: fault) {
        try fail(task, fault, attempts: attempts, processorTime: 0)
      }
    case .list: if let job = try desk.read(task.job)?.job { try desk.fail(job, because: fault) }
    case .notify, .cancel: break
    }
  }

  private func work(_ task: JobTask, of job: Job, attempt: Int) throws(Fault) -> Outcome {
    let start = ProcessFigures.now.cpuSeconds
    return try performing(task, of: job, attempt: attempt) { (asset, item) throws(Fault) in
      try look(at: asset, item, task, of: job, since: start)
    }
  }

  /// A job's profile, as far as it is allowed here.
  func profile(named name: String) throws(Fault) -> TaskProfile { limited(try TaskProfile.named(name)) }

  private func limited(_ profile: TaskProfile) -> TaskProfile {
    guard let limits else { return profile }
    return profile.within(memoryBytes: limits.memoryBytes, diskBytes: limits.diskBytes, of: limits.place)
  }

  /// Keeps this process, and what it writes into the library, to a profile from now on.
  private func keep(to profile: TaskProfile) {
    limitMemory(profile.privateBytes)
    desk.library.objects.allowance.begin(profile.diskBytes, reason: profile.diskReason)
  }

  /// Does something for an item that is still wanted, within the job's profile; what fails for good, or too often, fails the item.
  func performing(
    _ task: JobTask, of job: Job, attempt: Int = 1, _ body: (Asset, JobItem) throws(Fault) -> Outcome
  ) throws(Fault) -> Outcome {
    let (start, profile) = (ProcessFigures.now.cpuSeconds, try self.profile(named: job.profile))
    keep(to: profile)
    isNetworkAtFault = false
    defer { keep(to: limited(.local)) }
    do throws(Fault) {
      if attempt > Self.mostAttempts, try fallBack(lost: task, because: Self.lost(attempt)) { return .done }
      guard attempt <= Self.mostLosses else { throw Self.lost(attempt) }
      guard let item = try item(of: task) else { return .done }
      guard !item.state.isSettled else {
        // Whoever settled it may have ended before this.
        try desk.clear(item)
        return .done
      }
      return try body(try asset(of: item, in: job), item)
    } catch {
      let error = profile.verdict(on: error)
      // A candidate of a roll-out has one try: the baseline is there to answer.
      if isNetworkAtFault, error.kind != .closed, try fallBack(from: task, because: error, isError: true) {
        return .done
      }
      if Self.isTemporary(error), attempt < Self.mostAttempts { return .again(error) }
      // Another may be at it by now, and do better.
      if Self.isTemporary(error), try !isMine() { return .done }
      if try fallBack(from: task, because: error, isError: !Self.isTemporary(error)) { return .done }
      let used = Int((ProcessFigures.now.cpuSeconds - start) * 1e6)
      try fail(task, error, attempts: attempt, processorTime: used)
      return .done
    }
  }

  private static func lost(_ attempt: Int) -> Fault {
    Fault(.badInput, "the worker did not come back, \(attempt - 1) times: it was killed, or had no memory left")
  }

  /// Whether another attempt, or another machine, may do better.
  static func isTemporary(_ fault: Fault) -> Bool {
    switch fault.kind {
    case .exhausted, .unavailable, .closed: true
    case .usage, .notFound, .badInput, .unsupported, .denied, .tooLarge, .conflict, .bug: false
    }
  }

  /// The task's item, unless it was tried anew since: then what this one brings is not wanted.
  func item(of task: JobTask) throws(Fault) -> JobItem? {
    guard let found = try desk.library.table.get(LibraryKeys.jobItem(task.job, task.number)) else { return nil }
    let item = try JobItem(found)
    return item.generation == task.generation ? item : nil
  }

  /// The asset of an item, as long as it is the client's.
  private func asset(of item: JobItem, in job: Job) throws(Fault) -> Asset {
    let asset = try desk.library.asset(item.asset.text, scope: .all).asset
    guard asset.group.client.hasSameBytes(as: job.client) else { throw Library.noAsset(item.asset.text) }
    return asset
  }

  /// The pipeline of an item, loaded; it is exactly the one that is pinned.
  func pipeline(_ pinned: Job.Pinned) throws(Fault) -> LoadedPipeline {
    if let place = loaded.firstIndex(where: { $0.digest == pinned.digest }) {
      let found = loaded.remove(at: place)
      loaded.append(found)
      return found.pipeline
    }
    let pipeline = try step("load") { () throws(Fault) in try load(pinned) }
    guard pipeline.digest == pinned.digest else {
      throw Fault(
        .unavailable,
        "the pipeline '\(pinned.series)' is \(pipeline.digest) here, and the job asks for \(pinned.digest): this worker has other models, or another engine"
      )
    }
    if loaded.count == Self.mostLoaded { loaded.removeFirst() }
    loaded.append((pinned.digest, pipeline))
    return pipeline
  }
}

/// What a place allows each task that runs there, whatever its job's profile is.
public struct WorkLimits: Sendable, Hashable {
  public var memoryBytes: Int?
  /// For what a task writes.
  public var diskBytes: Int?
  /// What it is, in a sentence: `the function`.
  public var place: String

  public init(memoryBytes: Int?, diskBytes: Int?, place: String) {
    (self.memoryBytes, self.diskBytes, self.place) = (memoryBytes, diskBytes, place)
  }
}

/// For those who look at nothing.
private struct NoExaminer: MediaExaminer {
  func examine(_ path: String) throws(Fault) -> Examination { throw Fault(.bug, "nothing is looked at here") }
}
