import Base
import Bus
import Catalog
import Inference
import Isolation
import Jobs
import Lambda
import Library
import Loading
import Objects
import Registry
import Synchronization

/// The process of a function in which tasks are done, one after the other; what they loaded stays.
final class TaskFunctionChild {
  private let arguments: Arguments
  private let limits: WorkLimits
  private let outlet: MessageWriter
  private let end = FunctionEnd()
  private let examiner = LatePoolExaminer()
  private var engine: Engine?
  private var work: (desk: JobDesk, work: JobWork)?
  /// What the task at hand waited for models, and when it began, until its first frame was told.
  private var (models, began): (Double, UInt64?) = (0, nil)
  private var request = ""

  init(_ arguments: Arguments, _ limits: WorkLimits, _ outlet: MessageWriter) {
    (self.arguments, self.limits, self.outlet) = (arguments, limits, outlet)
  }

  /// Until no more tasks come; gives the exit code.
  func run(_ receiver: TaskReceiver) -> Int32 {
    ChildSide.endFirstWithoutMemory()
    do throws(Fault) {
      try start()
      try outlet.send(FunctionMessage.ready.message)
      while let message = receiver.next() {
        try outlet.send(FunctionMessage.ended(perform(try FunctionTask(message))).message)
      }
      return ExitCode.success.rawValue
    } catch {
      try? outlet.send(FunctionMessage.refused(error).message)
      return ExitCode(error.kind).rawValue
    }
  }

  /// Opens what every task needs, while nobody waits for it.
  ///
  /// What is away for now is looked for again with each task.
  private func start() throws(Fault) {
    var start = FunctionStart(process: FunctionStart.secondsOfProgram)
    var watch = Stopwatch()
    do throws(Fault) { _ = try ready() } catch {
      switch error.kind {
      case .unavailable, .exhausted, .closed, .conflict: Terminal.complain(of: error)
      default: throw error
      }
    }
    start.library = watch.seconds
    watch = Stopwatch()
    _ = try loadedEngine()
    start.engine = watch.seconds
    start.tell()
  }

  private func loadedEngine() throws(Fault) -> Engine {
    let here = if let engine { engine } else { try Engine.ofProgram(cacheFolder: EngineCache.standard.folder) }
    engine = here
    return here
  }

  /// The library, and what works for it.
  private func ready() throws(Fault) -> (desk: JobDesk, work: JobWork) {
    if let work { return work }
    let desk = try JobPlace.desk(arguments)
    let pins = PinnedModels(registry: ModelRegistry(desk.library), models: arguments["models"]) {
      [unowned self] () throws(Fault) in try loadedEngine()
    }
    let made = JobWork(
      desk, worker: LibrarySink.worker, version: Version.text, examiner: examiner,
      rollouts: RegistryRollouts(pins), isStopped: { [end] in end.isReached }, beat: { [unowned self] in beat() },
      limitMemory: { [limits] in ChildProcess.limit(memory: min(limits.processBytes, $0 ?? .max)) }
    ) { [unowned self] (pinned) throws(Fault) in
      let watch = Stopwatch()
      defer { models += watch.seconds }
      return try JobPlace.load(pinned, pins, on: try loadedEngine())
    }
    // What processes before this one fetched would count as taken.
    try desk.library.objects.limitCopies(to: 0)
    var limits = limits
    limits.diskBytes = try FunctionPlace.disk(arguments)
    made.limits = limits
    work = (desk, made)
    return (desk, made)
  }

  private func perform(_ task: FunctionTask) -> Result<[UInt8], FunctionFailure> {
    end.set(task.deadline)
    (models, began, request) = (0, Clock.now, task.request)
    do throws(Fault) {
      let (desk, work) = try ready()
      makeRoom(desk, work)
      // What was told is sent before the platform freezes this process.
      let telemetry = TelemetryPlace.begin()
      defer { TelemetryPlace.end(telemetry) }
      work.spans = telemetry.map { TaskSpans($0, worker: LibrarySink.worker) }
      return try perform(try TaskEvent(json: task.event), task, desk, work)
    } catch { return .failure(FunctionFailure(error)) }
  }

  /// To be called where nothing is read of what earlier tasks fetched.
  private func makeRoom(_ desk: JobDesk, _ work: JobWork) {
    guard let disk = work.limits?.diskBytes else { return }
    do throws(Fault) { try desk.library.objects.limitCopies(to: disk / 2) } catch { Terminal.complain(of: error) }
  }

  private func perform(
    _ event: TaskEvent, _ task: FunctionTask, _ desk: JobDesk, _ work: JobWork
  ) throws(Fault) -> Result<[UInt8], FunctionFailure> {
    switch event {
    case .plan(let id, let item):
      let job = try desk.job(endingIn: id, client: nil, scope: .all)
      return .success(TaskEvent.answer(tasks: try work.plan(job, item: item)))
    case .run(let id, let item, let number):
      let job = try desk.job(endingIn: id, client: nil, scope: .all)
      if let lost = task.lost { return told(try work.giveUp(job, item: item, task: number, because: lost)) }
      let ending = try work.run(job, item: item, task: number)
      tellFirst()
      return told(ending)
    case .work:
      guard desk.hasBus else { return .failure(FunctionFailure(.wrongCall, NoBus.refusal("'work'").message)) }
      let worker = Worker(
        work, told: { [outlet] (message) throws(Fault) in try outlet.send(Self.atHand(message).message) },
        prepare: { [unowned self] in makeRoom(desk, work) }, complain: { Terminal.complain(of: $0) })
      // A function that waits is paid for, and the schedule has another soon.
      try worker.run(untilIdle: true, waitsForOthers: false)
      maintain(desk.library)
      let left = try desk.bus.backlog()
      return .success(JSONWriter.object { $0.field("left", left) })
    }
  }

  /// A site of functions alone has nobody else for it.
  private func maintain(_ library: Library) {
    do throws(Fault) {
      try LibraryMaintenance.round(library, examiner: examiner) { [end] in
        SharedFlags.beat()
        return !end.isReached
      }
    } catch { Terminal.complain(of: error) }
  }

  private static func atHand(_ message: Worker.Message) -> FunctionMessage {
    guard case .began(let began) = WorkerMessage(message) else { return .atHand(nil) }
    return .atHand(began)
  }

  private func told(_ ending: JobWork.Ending) -> Result<[UInt8], FunctionFailure> {
    switch ending {
    case .done: .success(Array("{}".utf8))
    case .failed(let fault): .failure(FunctionFailure(.neverDone, fault.message))
    case .again(let fault) where fault.kind == .closed && end.isReached: .failure(.late)
    case .again(let fault): .failure(FunctionFailure(.tryAgain, fault.message))
    }
  }

  private func beat() {
    SharedFlags.beat()
    if models > 0 { tellFirst() }
  }

  /// Once for each task that had to load models.
  private func tellFirst() {
    guard models > 0, let began else { return }
    let seconds = Double(Clock.now - began) / 1e9
    FunctionLog.write("first prediction after models were loaded", request: request) { json in
      json.field("modelsSeconds", models, digits: 3)
      json.field("taskSeconds", seconds, digits: 3)
      json.field("programSeconds", ifKnown: FunctionStart.secondsOfProgram, digits: 3)
    }
    (models, self.began) = (0, nil)
  }
}

/// When a task is to stop.
private final class FunctionEnd: Sendable {
  private let moment = Atomic<UInt64>(.max)

  func set(_ moment: UInt64) { self.moment.store(moment, ordering: .relaxed) }

  var isReached: Bool { Interrupt.isAsked || Clock.now >= moment.load(ordering: .relaxed) }
}
