import Base
import Catalog
import Glibc
import Inference
import Items
import Jobs
import Loading

/// Which triggers there are.
struct TriggerListCommand: Command {
  let path = ["trigger", "list"]
  let summary = "List triggers, the oldest first"
  let positionals: [Positional] = []
  let options = [
    LibraryPlace.option, .value("client", "NAME", "whose triggers (default local)"),
    .flag("json", "print one JSON object"),
  ]
  let examples = ["ridley trigger list --client acme"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let client = arguments["client"] ?? GroupOptions.usualClient
    let triggers = try TriggerPlace.desk(arguments).list(client: client, scope: .all)
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.array("triggers") { json in for one in triggers { json.object { TriggerPlace.write(one, into: &$0) } } }
        })
      return .success
    }
    var table = Table([
      ("trigger", .left), ("since", .left), ("starts", .left), ("for", .left), ("state", .left), ("jobs", .right),
      ("last job", .left),
    ])
    for trigger in triggers {
      table.add([
        trigger.id.text, UTC.text(trigger.created / 1000), trigger.pipeline.series, TriggerPlace.text(trigger),
        trigger.isPaused ? "paused" : "on", "\(trigger.jobCount)", trigger.lastJob?.text ?? "-",
      ])
    }
    try Terminal.print(table.isEmpty ? "\(client) has no triggers\n" : table.text)
    return .success
  }
}

/// Takes a trigger away.
struct TriggerRemoveCommand: Command {
  let path = ["trigger", "remove"]
  let summary = "Take a trigger away; the jobs that it has started go on"
  let positionals = [TriggerPlace.position]
  let options = [LibraryPlace.option]
  let examples = ["ridley trigger remove 7K2M"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try TriggerPlace.desk(arguments).remove(arguments.positionals[0], scope: .all)
    return .success
  }
}

/// Holds a trigger up.
struct TriggerPauseCommand: Command {
  let path = ["trigger", "pause"]
  let summary = "Have a trigger start nothing for what comes until it is resumed"
  let positionals = [TriggerPlace.position]
  let options = [LibraryPlace.option, .flag("json", "print one JSON object")]
  let examples = ["ridley trigger pause 7K2M"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try TriggerPlace.desk(arguments)
    try TriggerPlace.print(try desk.pause(arguments.positionals[0], scope: .all), arguments)
    return .success
  }
}

/// Lets a trigger go on.
struct TriggerResumeCommand: Command {
  let path = ["trigger", "resume"]
  let summary = "Have a trigger that was paused go on with what comes from now on"
  let positionals = [TriggerPlace.position]
  let options = [LibraryPlace.option, .flag("json", "print one JSON object")]
  let examples = ["ridley trigger resume 7K2M"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try TriggerPlace.desk(arguments)
    try TriggerPlace.print(try desk.resume(arguments.positionals[0], scope: .all), arguments)
    return .success
  }
}

/// Does what triggers ask for, where no server does.
struct TriggerRunCommand: Command {
  let path = ["trigger", "run"]
  let summary = "Start what triggers ask for, as a server with the library does"
  let positionals: [Positional] = []
  let options = [
    LibraryPlace.option, JobPlace.models,
    .flag("once", "start what is to be started by now, wait for files that are still being copied or fetched, and end"),
  ]
  let examples = ["ridley trigger run --library lib/", "ridley trigger run --once"]

  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    Interrupt.watch()
    let desk = try TriggerPlace.desk(arguments)
    try desk.jobs.needBus("a trigger")
    let keeper = TriggerPlace.keeper(desk, examiner: PoolExaminer(), models: arguments["models"]) {
      () throws(Fault) in try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    }
    if arguments.has("once") {
      while !Interrupt.isAsked {
        if try keeper.look(isStopped: { Interrupt.isAsked }) { return .success }
        usleep(200_000)
      }
      return .interrupted
    }
    let thread = keeper.run { Terminal.complain(of: $0) }
    while !Interrupt.isAsked { usleep(100_000) }
    thread.stop()
    return .success
  }
}
