import Base
import Glibc
import Isolation
import Lambda

/// The function of AWS Lambda that does tasks of jobs.
struct FunctionTaskCommand: Command {
  let path = ["function", "task"]
  let summary = "Be the function of AWS Lambda that does tasks of jobs, one after another"
  let positionals: [Positional] = []
  let options = [
    LibraryPlace.option, JobPlace.models,
    .value("memory", "SIZE", "memory of the function (default what Lambda says)"),
    .value("disk", "SIZE", "temporary disk of a task (default what is free in TMPDIR, else in /tmp)"),
    .value("stall-timeout", "TIME", "give a task up when nothing comes of it for so long (default 2m)"),
  ]
  let examples = ["ridley function task --models /models"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    signal(SIGPIPE, SIG_IGN)
    let interface = try FunctionPlace.interface()
    Interrupt.watch()
    Terminal.writesJSON()
    let function: TaskFunction
    do throws(Fault) {
      function = try TaskFunction(arguments)
      try function.begin()
    } catch {
      try? interface.failStart(FunctionFailure(.wrongSetup, error.message))
      throw error
    }
    try FunctionLoop(interface: interface).run(function.answer)
    return .success
  }
}
