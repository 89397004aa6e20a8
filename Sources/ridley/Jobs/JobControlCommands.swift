import Base
import Catalog
import Jobs

/// Holds a job up.
struct JobPauseCommand: Command {
  let path = ["job", "pause"]
  let summary = "Begin nothing more of a job; what runs is finished"
  let positionals = [JobPlace.position]
  let options = [LibraryPlace.option, JobPlace.client, .flag("json", "print one JSON object")]
  let examples = ["ridley job pause 7K2M"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try JobPlace.desk(arguments)
    let job = try desk.pause(try JobPlace.job(arguments, at: desk).id.text, scope: .all)
    try JobText.print(job, arguments, hint: JobText.hint(job))
    return .success
  }
}

/// Lets a job go on.
struct JobResumeCommand: Command {
  let path = ["job", "resume"]
  let summary = "Go on with a job that was paused, or that has spent its budget"
  let positionals = [JobPlace.position]
  let options = [
    LibraryPlace.option, JobPlace.client, .value("budget", "MONEY", "what it may spend in all from now on"),
    .flag("json", "print one JSON object"),
  ]
  let examples = ["ridley job resume 7K2M", "ridley job resume 7K2M --budget 5.00"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try JobPlace.desk(arguments)
    let budget = try JobPlace.budget(arguments)
    let job = try desk.resume(try JobPlace.job(arguments, at: desk).id.text, budget: budget, scope: .all)
    try JobText.print(job, arguments, hint: JobText.hint(job))
    return .success
  }
}

/// Ends a job.
struct JobCancelCommand: Command {
  let path = ["job", "cancel"]
  let summary = "End a job: what was published stays, what was not done never is"
  let positionals = [JobPlace.position]
  let options = [LibraryPlace.option, JobPlace.client, .flag("json", "print one JSON object")]
  let examples = ["ridley job cancel 7K2M"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try JobPlace.desk(arguments)
    let job = try desk.cancel(try JobPlace.job(arguments, at: desk).id.text, scope: .all)
    try JobText.print(job, arguments, hint: "")
    return .success
  }
}

/// Tries again what failed.
struct JobRetryCommand: Command {
  let path = ["job", "retry"]
  let summary = "Try the items of a job again that failed, and no others"
  let positionals = [JobPlace.position]
  let options = [
    LibraryPlace.option, JobPlace.client, .flag("failed", "those that failed, which is what it always does"),
    .flag("json", "print one JSON object"),
  ]
  let examples = ["ridley job retry 7K2M --failed"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try JobPlace.desk(arguments)
    let (job, count) = try desk.retry(try JobPlace.job(arguments, at: desk).id.text, scope: .all)
    try JobText.print(job, arguments, hint: tried(count, job) + JobText.hint(job))
    return .success
  }

  private func tried(_ count: Int, _ job: Job) -> String {
    if count == 0, job.fetches { return "its address is asked for again\n" }
    return "\(count) item\(count == 1 ? " is" : "s are") tried again\n"
  }
}
