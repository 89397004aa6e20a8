import Base
import Bus
import Glibc
import Inference
import Isolation
import Jobs
import Library
import Loading
import Telemetry

/// Does what jobs ask for.
struct WorkerCommand: Command {
  let path = ["worker"]
  let summary = "Do the tasks of jobs, one after another; as many workers as there are cores are of use"
  let positionals: [Positional] = []
  let options = [
    LibraryPlace.option, JobPlace.models,
    .value("with-parent", "PID", "end when the program that started it, of this number, ends"),
    .flag("step-back", "leave the processor to other programs (nice 10)"),
    .flag("until-idle", "end when no task is left that could be had"),
    .value("stall-timeout", "TIME", "give a task up when nothing comes of it for so long (default 2m)"),
    .value(
      "memory", "SIZE", "private memory of the process that works, at most (default three quarters of the machine)"),
  ]
  let examples = ["ridley worker --library lib/", "ridley worker --until-idle"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    Interrupt.watch()
    if let parent = try arguments.integer("with-parent", in: 1 ... .max) {
      ChildProcess.endWithParent(Int32(clamping: parent))
    }
    if arguments.has("step-back") { nice(10) }
    _ = try LibraryPlace.open(arguments)
    if let models = arguments["models"], FileSystem.kind(of: models) != .folder {
      throw Fault(.notFound, "there is no folder of models at \(models)")
    }
    let stall = try arguments.seconds("stall-timeout") ?? 120
    let memory = try arguments.bytes("memory") ?? ChildProcess.usualMemory
    while !Interrupt.isAsked {
      var (current, refusal): (WorkerMessage.Began?, Fault?) = (nil, nil)
      let ending = try ChildProcess.run(
        memory: memory, stall: { current == nil ? IsolatedCommand.patience : stall },
        isStopped: { Interrupt.isAsked },
        receive: { (message) throws(Fault) in
          switch WorkerMessage(message) {
          case .began(let began): current = began
          case .ended: current = nil
          case .refused(let fault): refusal = fault
          case nil: throw Fault(.bug, "a child process said what nobody understands")
          }
        },
        work: { outlet in
          do throws(Fault) {
            try work(arguments, outlet)
            ChildProcess.leave(ExitCode.success.rawValue)
          } catch {
            try? outlet.send(WorkerMessage.refused(error).message)
            return ExitCode(error.kind).rawValue
          }
        })
      if let refusal { throw refusal }
      guard let reason = ending.reason else { return .success }
      Terminal.complain("ridley: a worker was lost: \(reason)\n")
      if let current { try Self.settle(current, ending, reason, at: try JobPlace.desk(arguments)) }
    }
    return .success
  }

  /// Tests say `RIDLEY_LEASE`, in seconds, in place of the usual half minute.
  private static var lease: Duration {
    getenv("RIDLEY_LEASE").flatMap { Double(String(cString: $0)) }.map { .seconds(max(0.1, $0)) } ?? Worker.lease
  }

  /// The child's part.
  private func work(_ arguments: Arguments, _ outlet: MessageWriter) throws(Fault) {
    let desk = try JobPlace.desk(arguments)
    try desk.needBus("a worker")
    let memory = try arguments.bytes("memory") ?? ChildProcess.usualMemory
    let pins = JobPlace.pins(of: desk.library, arguments)
    let work = JobWork(
      desk, worker: LibrarySink.worker, version: Version.text, examiner: LatePoolExaminer(),
      rollouts: RegistryRollouts(pins), isStopped: { Interrupt.isAsked }, beat: { SharedFlags.beat() },
      limitMemory: { ChildProcess.limit(memory: min(memory, $0 ?? memory)) }
    ) { (pinned) throws(Fault) in try JobPlace.load(pinned, pins, on: try pins.engine()) }
    let telemetry = TelemetryPlace.begin()
    defer { TelemetryPlace.end(telemetry) }
    work.spans = telemetry.map { TaskSpans($0, worker: LibrarySink.worker) }
    let worker = Worker(
      work, lease: Self.lease, told: { (message) throws(Fault) in try outlet.send(WorkerMessage(message).message) },
      complain: { Terminal.complain(of: $0) })
    try worker.run(untilIdle: arguments.has("until-idle"))
  }

  /// The task killed its worker, or somebody else did: that is one attempt, and after the last one the end of its item.
  static func settle(
    _ task: WorkerMessage.Began, _ ending: ChildProcess.Ending, _ reason: String, at desk: JobDesk
  ) throws(Fault) {
    let fault = Fault(.badInput, "it cost its worker: \(reason)")
    // What another has taken over meanwhile is not failed from here.
    guard try desk.bus.extend(task.claim, lease: lease) == .held else { return }
    let work = JobWork(desk, worker: LibrarySink.worker, version: Version.text)
    // A candidate of a roll-out costs no asset: the baseline answers it.
    if !ending.isFromOutside, try work.fallBack(task.payload, because: fault) {
      _ = try desk.bus.acknowledge(task.claim)
      return
    }
    guard task.claim.attempt >= (ending.isFromOutside ? JobWork.mostLosses : JobWork.mostAttempts) else {
      _ = try desk.bus.fail(task.claim, Failure(fault.message, isRetryable: true, delay: .seconds(1)))
      return
    }
    try work.giveUp(task.payload, because: fault, attempts: task.claim.attempt)
    _ = try desk.bus.acknowledge(task.claim)
  }
}

/// What the process that works tells the one that watches it.
enum WorkerMessage {
  struct Began {
    let claim: Claim
    let payload: [UInt8]
  }

  case began(Began)
  case ended
  case refused(Fault)

  init(_ message: Worker.Message) {
    self =
      switch message {
      case .began(let claim, let payload): .began(Began(claim: claim, payload: payload))
      case .ended: .ended
      }
  }

  init?(_ message: Message) {
    switch message.kind {
    case 1:
      let parts = message.bytes.split(separator: 0, maxSplits: 4, omittingEmptySubsequences: false)
      guard parts.count == 5 else { return nil }
      let texts = parts.prefix(4).map { String(decoding: $0, as: UTF8.self) }
      guard let attempt = Int(texts[2]) else { return nil }
      let claim = Claim(group: texts[0], key: texts[1], attempt: attempt, fence: texts[3])
      self = .began(Began(claim: claim, payload: Array(parts[4])))
    case 2: self = .ended
    case 3: self = .refused(Fault(message.bytes))
    default: return nil
    }
  }

  var message: Message {
    switch self {
    case .began(let began):
      let claim = began.claim
      let texts = [claim.group, claim.key, "\(claim.attempt)", claim.fence]
      return Message(kind: 1, bytes: Array(texts.joined(separator: "\0").utf8) + [0] + began.payload)
    case .ended: return Message(kind: 2)
    case .refused(let fault): return Message(kind: 3, bytes: fault.bytes)
    }
  }
}
