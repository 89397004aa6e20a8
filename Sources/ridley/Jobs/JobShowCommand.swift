import Base
import Catalog
import Items
import Jobs

/// How far a job is, and what became of its items.
struct JobShowCommand: Command {
  let path = ["job", "show"]
  let summary = "Show how far a job is, why items failed, and what was done"
  let positionals = [JobPlace.position]
  let options = [
    LibraryPlace.option, JobPlace.client,
    .flag("failed", "list the items that failed, with their reasons"),
    .choice("items", JobItem.State.allCases.map(\.rawValue), "list the items in this state"),
    .value("limit", "N", "so many items at most (default 50, up to 1000)"),
    .value("after", "TOKEN", "go on where an answer ended: its next"), .flag("json", "print one JSON object"),
  ]
  let examples = ["ridley job show 7K2M", "ridley job show 7K2M --failed"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try JobPlace.desk(arguments)
    let job = try JobPlace.job(arguments, at: desk)
    let limit = try arguments.integer("limit", in: 1...1000) ?? 50
    let after = arguments["after"].map { PageToken(text: $0) }
    let state = arguments.has("failed") ? .failed : arguments["items"].flatMap { JobItem.State(rawValue: $0) }
    let items = try state.map { (state) throws(Fault) in
      try desk.items(of: job, state: state, limit: limit, after: after)
    }
    let reasons = try desk.reasons(of: job, limit: 20).elements.sorted { $0.count > $1.count }
    if arguments.has("json") {
      try Terminal.print(json(job, items, reasons))
    } else {
      try Terminal.print(JobText.text(job) + JobText.hint(job) + text(reasons) + (items.map { text($0, job) } ?? ""))
    }
    return .success
  }

  private func text(_ reasons: [JobReason]) -> String {
    reasons.map { "  \($0.count) failed: \($0.reason)\n" }.joined()
  }

  private func text(_ page: Page<JobItem>, _ job: Job) -> String {
    var table = Table([
      ("item", .right), ("asset", .left), ("pipeline", .left), ("state", .left), ("tries", .right), ("where", .left),
      ("reason", .left),
    ])
    for item in page.elements {
      table.add([
        "\(item.number)", item.asset.text, job.pipelines[item.pipeline].series, item.state.rawValue,
        item.attempts.map(String.init) ?? "-", item.slice ?? "-", item.reason ?? "-",
      ])
    }
    return table.isEmpty
      ? "no items are found so\n" : table.text + (page.next.map { "more: --after \($0.text)\n" } ?? "")
  }

  private func json(_ job: Job, _ items: Page<JobItem>?, _ reasons: [JobReason]) -> String {
    JSONText.line { json in
      job.write(into: &json)
      json.array("pipelines") { json in
        for pipeline in job.pipelines {
          json.object { json in
            json.field("series", pipeline.series)
            json.field("digest", pipeline.digest)
            json.field("models", pipeline.models)
          }
        }
      }
      json.array("reasons") { json in for reason in reasons { json.object(reason.write) } }
      if let items {
        json.array("items") { json in for item in items.elements { json.object(item.write) } }
        json.field("next", ifKnown: items.next?.text)
      }
    }
  }
}
