import Base
import Catalog
import Inference
import Isolation
import Jobs
import Loading
import Telemetry

/// One task, or a share of a job's, for any engine that runs programs.
struct TaskRunCommand: Command {
  let path = ["task", "run"]
  let summary = "Run one task of a job, or all of a share, for engines that hand tasks out themselves"
  let positionals = [
    Positional(name: "plan", help: "a job and one of its items: 01J…/12; with --share a job"),
    Positional(name: "number", help: "which task of the item, from 0; see 'ridley task plan'", isRequired: false),
  ]
  let options = [
    LibraryPlace.option, JobPlace.client, JobPlace.models,
    .value("share", "I/N", "all tasks of the items I, I+N, I+2N … of a job, for one of N that share it"),
  ]
  let examples = [
    "ridley task run 01M8FRHXF60756KG9EPP0JYQB9/12 0 --library lib/",
    "ridley task run 01M8FRHXF60756KG9EPP0JYQB9 --share 3/64 --library lib/",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    Interrupt.watch()
    if let share = arguments["share"] { return try run(share: share, arguments) }
    guard arguments.positionals.count == 2 else { throw arguments.refusal("say which task of the item: 0, 1, …") }
    guard let number = Int(arguments.positionals[1]), number >= 0 else {
      throw arguments.refusal("'\(arguments.positionals[1])' is no task's number: 0, 1, …")
    }
    return try run(number, arguments) { (desk) throws(Fault) in try TaskPlace.item(arguments, at: desk) }
  }

  /// All items of a share, each to its end: 75 where something may do better later, else 65 where something never can.
  private func run(share text: String, _ arguments: Arguments) throws(Fault) -> ExitCode {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let first = numbers[0], let count = numbers[1], (0..<count).contains(first) else {
      throw arguments.refusal("'\(text)' is no share: say I/N with I from 0 to N - 1, such as 3/64")
    }
    guard arguments.positionals.count == 1 else { throw arguments.refusal("a share is of a job: say JOB --share I/N") }
    func job(_ desk: JobDesk) throws(Fault) -> Job {
      try desk.job(endingIn: arguments.positionals[0], client: arguments["client"], scope: .all)
    }
    // Nothing that is open here is open in the processes of tasks.
    let listed = try job(JobPlace.desk(arguments)).counts.listed
    var worst = ExitCode.success
    for item in stride(from: first, to: listed, by: count) where !Interrupt.isAsked {
      let ending = try run(item: item, arguments) { (desk) throws(Fault) in (try job(desk), item) }
      if ending == .tryAgain || ending == .badTask && worst == .success { worst = ending }
    }
    return Interrupt.isAsked ? .tryAgain : worst
  }

  private typealias Place = (JobDesk) throws(Fault) -> (job: Job, item: Int)

  private func run(item: Int, _ arguments: Arguments, _ place: Place) throws(Fault) -> ExitCode {
    // What it takes to cut it is done where a crash costs nobody else, before the first task and in its process.
    var ending = try run(0, arguments, place)
    guard ending == .success else { return ending }
    guard let others = try Self.others(arguments, place) else { return .tryAgain }
    for task in others where !Interrupt.isAsked {
      ending = try run(task, arguments, place)
      guard ending == .success else { return ending }
    }
    return ending
  }

  private static func others(_ arguments: Arguments, _ place: Place) throws(Fault) -> Range<Int>? {
    let desk = try JobPlace.desk(arguments)
    let (job, item) = try place(desk)
    return try TaskPlace.work(desk, arguments).tasksBehindFirst(job, item: item)
  }

  /// What crashes the process of the task, as little memory does, is tried as often as by workers.
  private func run(_ task: Int, _ arguments: Arguments, _ place: Place) throws(Fault) -> ExitCode {
    var lost = ""
    for _ in 0..<JobWork.mostAttempts {
      var refusal: Fault?
      let ending = try ChildProcess.run(
        stall: { IsolatedCommand.patience }, isStopped: { Interrupt.isAsked },
        receive: { (message) throws(Fault) in refusal = Fault(message.bytes) },
        work: { outlet in
          let telemetry = TelemetryPlace.begin()
          defer { TelemetryPlace.end(telemetry) }
          do throws(Fault) {
            let desk = try JobPlace.desk(arguments)
            let (job, item) = try place(desk)
            let work = TaskPlace.work(desk, arguments, telemetry)
            return tell(try work.run(job, item: item, task: task)).rawValue
          } catch {
            try? outlet.send(Message(kind: 0, bytes: error.bytes))
            return ExitCode(error.kind).rawValue
          }
        })
      if let refusal {
        // What is away comes back: the engine is to try again.
        guard SharedPlace.isMeant, refusal.kind == .unavailable else { throw refusal }
        Terminal.complain(of: refusal)
        return .tryAgain
      }
      if case .exited(let code) = ending { return ExitCode(rawValue: code) ?? .bug }
      lost = ending.reason ?? ""
      Terminal.complain("ridley: the task lost its process: \(lost)\n")
      if ending.isFromOutside || Interrupt.isAsked { return .tryAgain }
    }
    let desk = try JobPlace.desk(arguments)
    let (job, item) = try place(desk)
    let work = JobWork(desk, worker: LibrarySink.worker, version: Version.text)
    return tell(try work.giveUp(job, item: item, task: task, because: lost))
  }

  private func tell(_ ending: JobWork.Ending) -> ExitCode {
    switch ending {
    case .done: return .success
    case .failed(let fault):
      Terminal.complain(of: fault)
      return .badTask
    case .again(let fault):
      Terminal.complain(of: fault)
      return .tryAgain
    }
  }
}

/// How many tasks an item is.
struct TaskPlanCommand: Command {
  let path = ["task", "plan"]
  let summary = "Cut an item of a job, and tell how many tasks it is"
  let positionals = [Positional(name: "plan", help: "a job and one of its items: 01J…/12")]
  let options = [LibraryPlace.option, JobPlace.client, JobPlace.models, .flag("json", "print one JSON object")]
  let examples = ["ridley task plan 01M8FRHXF60756KG9EPP0JYQB9/12 --library lib/"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    Interrupt.watch()
    let (answer, ending) = try plan(arguments)
    guard answer != nil || ending.reason != nil && !ending.isFromOutside && !Interrupt.isAsked else {
      Terminal.complain("ridley: the plan lost its process: \(ending.reason ?? "it was asked to end")\n")
      return .tryAgain
    }
    let desk = try JobPlace.desk(arguments)
    let (job, item) = try TaskPlace.item(arguments, at: desk)
    let count = if let answer { answer } else { try TaskPlace.planWhole(job, item: item, at: desk) }
    let text = JSONText.line { json in
      json.field("job", job.id.text)
      json.field("item", item)
      json.field("tasks", count)
    }
    try Terminal.print(
      arguments.has("json")
        ? text : "\(count) tasks: 0\(count > 1 ? " to \(count - 1), the last when all others are done" : "")\n")
    return .success
  }

  /// How many tasks it is, as a process says that may crash at it.
  private func plan(_ arguments: Arguments) throws(Fault) -> (count: Int?, ending: ChildProcess.Ending) {
    var (count, refusal): (Int?, Fault?) = (nil, nil)
    let ending = try ChildProcess.run(
      stall: { IsolatedCommand.patience }, isStopped: { Interrupt.isAsked },
      receive: { (message) throws(Fault) in
        if message.kind == 1 {
          count = Int(String(decoding: message.bytes, as: UTF8.self))
        } else {
          refusal = Fault(message.bytes)
        }
      },
      work: { outlet in
        let telemetry = TelemetryPlace.begin()
        defer { TelemetryPlace.end(telemetry) }
        do throws(Fault) {
          let desk = try JobPlace.desk(arguments)
          let (job, item) = try TaskPlace.item(arguments, at: desk)
          let count = try TaskPlace.work(desk, arguments, telemetry).plan(job, item: item)
          try outlet.send(Message(kind: 1, bytes: Array("\(count)".utf8)))
          return ExitCode.success.rawValue
        } catch {
          try? outlet.send(Message(kind: 0, bytes: error.bytes))
          return ExitCode(error.kind).rawValue
        }
      })
    if let refusal { throw refusal }
    return (count, ending)
  }
}

enum TaskPlace {
  /// For whoever watched a process that was lost as it planned.
  static func planWhole(_ job: Job, item: Int, at desk: JobDesk) throws(Fault) -> Int {
    try JobWork(desk, worker: LibrarySink.worker, version: Version.text).planWhole(job, item: item)
  }

  static func item(_ arguments: Arguments, at desk: JobDesk) throws(Fault) -> (Job, Int) {
    let parts = arguments.positionals[0].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[1]), number >= 0 else {
      throw arguments.refusal("'\(arguments.positionals[0])' is no item of a job: say JOB/ITEM, such as 01J…/12")
    }
    return (try desk.job(endingIn: String(parts[0]), client: arguments["client"], scope: .all), number)
  }

  static func work(_ desk: JobDesk, _ arguments: Arguments, _ telemetry: Telemetry? = nil) -> JobWork {
    let pins = JobPlace.pins(of: desk.library, arguments)
    let work = JobWork(
      desk, worker: LibrarySink.worker, version: Version.text, examiner: ReaderExaminer(),
      isStopped: { Interrupt.isAsked }, beat: { SharedFlags.beat() },
      limitMemory: { ChildProcess.limit(memory: min(ChildProcess.usualMemory, $0 ?? .max)) }
    ) { (pinned) throws(Fault) in try JobPlace.load(pinned, pins, on: try pins.engine()) }
    work.spans = telemetry.map { TaskSpans($0, engine: TelemetryPlace.caller, worker: LibrarySink.worker) }
    return work
  }
}
