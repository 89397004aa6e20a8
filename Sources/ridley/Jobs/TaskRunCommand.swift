import Base
import Catalog
import Inference
import Isolation
import Jobs
import Loading

/// One task, for any engine that runs programs.
struct TaskRunCommand: Command {
  let path = ["task", "run"]
  let summary = "Run one task of a job, for engines that hand tasks out themselves"
  let positionals = [
    Positional(name: "plan", help: "a job and one of its items: 01J…/12"),
    Positional(name: "number", help: "which task of the item, from 0; see 'ridley task plan'"),
  ]
  let options = [LibraryPlace.option, JobPlace.client, JobPlace.models]
  let examples = ["ridley task run 01M8FRHXF60756KG9EPP0JYQB9/12 0 --library lib/"]

  /// What crashes the process of the task, as little memory does, is tried as often as by workers.
  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    Interrupt.watch()
    var lost = ""
    for _ in 0..<JobWork.mostAttempts {
      var refusal: Fault?
      let ending = try ChildProcess.run(
        stall: { IsolatedCommand.patience }, isStopped: { Interrupt.isAsked },
        receive: { (message) throws(Fault) in refusal = Fault(message.bytes) },
        work: { outlet in
          do throws(Fault) { return try work(arguments).rawValue } catch {
            try? outlet.send(Message(kind: 0, bytes: error.bytes))
            return ExitCode(error.kind).rawValue
          }
        })
      if let refusal { throw refusal }
      if case .exited(let code) = ending { return ExitCode(rawValue: code) ?? .bug }
      lost = ending.reason ?? ""
      Terminal.complain("ridley: the task lost its process: \(lost)\n")
      if ending.isFromOutside || Interrupt.isAsked { return .tryAgain }
    }
    return try giveUp(arguments, because: lost)
  }

  /// The child's part.
  private func work(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (desk, job, item, number) = try place(arguments)
    return tell(try TaskPlace.work(desk, arguments).run(job, item: item, task: number))
  }

  private func giveUp(_ arguments: Arguments, because reason: String) throws(Fault) -> ExitCode {
    let (desk, job, item, number) = try place(arguments)
    let work = JobWork(desk, worker: LibrarySink.worker, version: Version.text)
    return tell(try work.giveUp(job, item: item, task: number, because: reason))
  }

  private func place(_ arguments: Arguments) throws(Fault) -> (JobDesk, Job, item: Int, task: Int) {
    let desk = try JobPlace.desk(arguments)
    let (job, item) = try TaskPlace.item(arguments, at: desk)
    guard let number = Int(arguments.positionals[1]), number >= 0 else {
      throw arguments.refusal("'\(arguments.positionals[1])' is no task's number: 0, 1, …")
    }
    return (desk, job, item, number)
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

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try JobPlace.desk(arguments)
    let (job, item) = try TaskPlace.item(arguments, at: desk)
    let count = try TaskPlace.work(desk, arguments).plan(job, item: item)
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
}

enum TaskPlace {
  static func item(_ arguments: Arguments, at desk: JobDesk) throws(Fault) -> (Job, Int) {
    let parts = arguments.positionals[0].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[1]), number >= 0 else {
      throw arguments.refusal("'\(arguments.positionals[0])' is no item of a job: say JOB/ITEM, such as 01J…/12")
    }
    return (try desk.job(endingIn: String(parts[0]), client: arguments["client"], scope: .all), number)
  }

  static func work(_ desk: JobDesk, _ arguments: Arguments) -> JobWork {
    var engine: Engine?
    return JobWork(
      desk, worker: LibrarySink.worker, version: Version.text, examiner: ReaderExaminer(),
      isStopped: { Interrupt.isAsked }, beat: { SharedFlags.beat() },
      limitMemory: { ChildProcess.limit(memory: min(ChildProcess.usualMemory, $0 ?? .max)) }
    ) { (pinned) throws(Fault) in
      let here = if let engine { engine } else { try Engine.ofProgram(cacheFolder: EngineCache.standard.folder) }
      engine = here
      return try JobPlace.load(pinned, models: arguments["models"], on: here)
    }
  }
}
