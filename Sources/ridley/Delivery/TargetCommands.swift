import Base
import Catalog
import Delivery
import Glibc
import Items
import Library

/// Which targets there are.
struct TargetListCommand: Command {
  let path = ["target", "list"]
  let summary = "List webhooks and brokers that are told what happens in streams"
  let positionals: [Positional] = []
  let options = [LibraryPlace.option, TargetPlace.client, TargetPlace.json]
  let examples = ["ridley target list --client acme"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (desk, client) = (try TargetPlace.desk(arguments), TargetPlace.owner(arguments))
    let targets = try desk.targets(of: client, scope: .all)
    if arguments.has("json") {
      var json = JSONWriter()
      try json.object { (json) throws(Fault) in
        try json.array("targets") { (json) throws(Fault) in
          for one in targets {
            try json.object { (json) throws(Fault) in try TargetPlace.write(one, desk, into: &json) }
          }
        }
      }
      json.newline()
      try Terminal.print(String(decoding: json.take(), as: UTF8.self))
      return .success
    }
    var table = Table([("target", .left), ("address", .left), ("told", .left), ("waiting", .right), ("state", .left)])
    for target in targets {
      let waiting = try desk.waiting(for: target).count
      table.add([
        target.name, target.address, TargetPlace.text(target.selection), "\(waiting)",
        target.pause.map { "paused: \($0)" } ?? "on",
      ])
    }
    try Terminal.print(table.isEmpty ? "\(client) has no targets\n" : table.text)
    return .success
  }
}

/// Takes a target away.
struct TargetRemoveCommand: Command {
  let path = ["target", "remove"]
  let summary = "Take a target away, with what it was to be told"
  let positionals = [TargetPlace.position]
  let options = [LibraryPlace.option, TargetPlace.client]
  let examples = ["ridley target remove alarm"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try TargetPlace.desk(arguments)
    try desk.remove(arguments.positionals[0], client: TargetPlace.owner(arguments), scope: .all)
    return .success
  }
}

/// Holds a target up.
struct TargetPauseCommand: Command {
  let path = ["target", "pause"]
  let summary = "Tell a target nothing until it is resumed; what happens waits for a day"
  let positionals = [TargetPlace.position]
  let options = [LibraryPlace.option, TargetPlace.client]
  let examples = ["ridley target pause alarm"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try TargetPlace.desk(arguments)
    _ = try desk.pause(
      arguments.positionals[0], client: TargetPlace.owner(arguments), reason: "somebody paused it", scope: .all)
    return .success
  }
}

/// Lets a target go on.
struct TargetResumeCommand: Command {
  let path = ["target", "resume"]
  let summary = "Have a target that was paused go on, with what waits"
  let positionals = [TargetPlace.position]
  let options = [LibraryPlace.option, TargetPlace.client]
  let examples = ["ridley target resume alarm"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try TargetPlace.desk(arguments)
    _ = try desk.pause(
      arguments.positionals[0], client: TargetPlace.owner(arguments), reason: nil, scope: .all)
    return .success
  }
}

/// Asks whether a target hears.
struct TargetTestCommand: Command {
  let path = ["target", "test"]
  let summary = "Have a running server tell a target something that did not happen, and wait for what becomes of it"
  let positionals = [TargetPlace.position]
  let options = [
    LibraryPlace.option, TargetPlace.client,
    Option.value("timeout", "TIME", "how long to wait (default 15s)"),
  ]
  let examples = ["ridley target test alarm"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (desk, name) = (try TargetPlace.desk(arguments), arguments.positionals[0])
    let client = TargetPlace.owner(arguments)
    let seconds = try arguments.seconds("timeout") ?? 15
    let notice = try desk.test(name, client: client, scope: .all)
    let end = Clock.now + UInt64(seconds * 1e9)
    var told = 0
    while Clock.now < end {
      let page = try desk.notices(of: name, client: client, state: nil, scope: .all, limit: 50, after: nil)
      guard let now = page.elements.first(where: { $0.id == notice.id }) else { break }
      for attempt in now.attempts.suffix(max(0, now.tried - told)) where attempt.reason != nil {
        Terminal.complain("ridley: \(attempt.reason ?? "")\n")
      }
      told = now.tried
      if now.state == .delivered {
        try Terminal.print("\(name) has taken it\n")
        return .success
      }
      usleep(100_000)
    }
    throw Fault(
      .unavailable,
      "the target '\(name)' has not taken it within \(Units.text(seconds: seconds))\(told > 0 ? ": it is told again" : ": is a server with this library running?")"
    )
  }
}

/// Tells a target again what happened.
struct TargetReplayCommand: Command {
  let path = ["target", "replay"]
  let summary = "Have a target told again of events that began in a range of time, under the same ids"
  let positionals = [TargetPlace.position]
  let options = [
    LibraryPlace.option, TargetPlace.client,
    Option.value("from", "MOMENT", "of what began then or later, such as 2026-11-27 or 2026-11-27T08:30:00Z"),
    .value("to", "MOMENT", "of what began then or earlier (default now)"),
    .choice("state", ["dead", "delivered"], "only notices in this state (default both, and what it was never told)"),
  ]
  let examples = [
    "ridley target replay alarm --from 2026-11-27", "ridley target replay alarm --from 2026-11-27 --state dead",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let from = try GroupOptions.moment(arguments, "from") else {
      throw arguments.refusal("say from when on: --from MOMENT")
    }
    let desk = try TargetPlace.desk(arguments)
    let to = try GroupOptions.moment(arguments, "to") ?? desk.library.now
    guard from <= to else { throw arguments.refusal("--from lies behind --to") }
    let states = arguments["state"].flatMap { Notice.State(rawValue: $0) }.map { [$0] }
    let count = try desk.replay(
      arguments.positionals[0], client: TargetPlace.owner(arguments), from...to, states: states, scope: .all)
    try Terminal.print("\(count) notices are told again by the server with this library\n")
    return .success
  }
}

/// What a target was told.
struct DeliveryListCommand: Command {
  let path = ["delivery", "list"]
  let summary = "List what a target was told and is to be told, the newest first, with the last attempt"
  let positionals = [TargetPlace.position]
  let options = [
    LibraryPlace.option, TargetPlace.client,
    Option.choice("state", Notice.State.allCases.map(\.rawValue), "only in this state"),
    .value("limit", "N", "so many at most (default 50)"), TargetPlace.json,
  ]
  let examples = ["ridley delivery list alarm --state dead"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let limit = try arguments.integer("limit", in: 1...1000) ?? 50
    let page = try TargetPlace.desk(arguments).notices(
      of: arguments.positionals[0], client: TargetPlace.owner(arguments),
      state: arguments["state"].flatMap { Notice.State(rawValue: $0) }, scope: .all, limit: limit, after: nil)
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.array("deliveries") { json in for notice in page.elements { json.object(notice.write) } }
        })
      return .success
    }
    var table = Table([
      ("queued", .left), ("type", .left), ("stream", .left), ("state", .left), ("tried", .right), ("last", .left),
    ])
    for notice in page.elements {
      let last = notice.attempts.last.map { $0.reason ?? "taken \(UTC.text($0.at / 1000))" } ?? "-"
      table.add([
        UTC.text(notice.queued / 1000), notice.type, notice.event.stream, notice.state.rawValue, "\(notice.tried)",
        last,
      ])
    }
    try Terminal.print(table.isEmpty ? "there is nothing\n" : table.text)
    return .success
  }
}
