import Base
import Catalog
import Items
import Jobs

/// Which jobs there are.
struct JobListCommand: Command {
  let path = ["job", "list"]
  let summary = "List jobs, the newest first"
  let positionals: [Positional] = []
  let options = [
    LibraryPlace.option, .value("client", "NAME", "whose jobs (default local)"),
    .choice("state", Job.State.allCases.map(\.rawValue), "only those in this state"),
    .value("limit", "N", "so many at most (default 50, up to 1000)"),
    .value("after", "TOKEN", "go on where an answer ended: its next"), .flag("json", "print one JSON object"),
  ]
  let examples = ["ridley job list --client acme --state running"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try JobPlace.desk(arguments)
    let page = try desk.list(
      client: arguments["client"] ?? GroupOptions.usualClient,
      state: arguments["state"].flatMap { Job.State(rawValue: $0) }, scope: .all,
      limit: try arguments.integer("limit", in: 1...1000) ?? 50, after: arguments["after"].map { PageToken(text: $0) })
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.array("jobs") { json in for job in page.elements { json.object(job.write) } }
          json.field("next", ifKnown: page.next?.text)
        })
      return .success
    }
    var table = Table([
      ("job", .left), ("started", .left), ("state", .left), ("items", .right), ("done", .right), ("kept", .right),
      ("failed", .right), ("cancelled", .right), ("pipelines", .left),
    ])
    for job in page.elements {
      let counts = job.counts
      table.add(
        [job.id.text, UTC.text(job.created / 1000), job.state.rawValue]
          + [counts.listed, counts.done, counts.kept, counts.failed, counts.cancelled].map(String.init)
          + [job.pipelines.map(\.series).joined(separator: ", ")])
    }
    try Terminal.print(
      table.isEmpty ? "no jobs are found so\n" : table.text + (page.next.map { "more: --after \($0.text)\n" } ?? ""))
    return .success
  }
}
