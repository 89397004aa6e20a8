import Base
import Catalog
import Items
import Jobs

/// Jobs for people, and as JSON.
enum JobText {
  static func print(_ job: Job, _ arguments: Arguments, hint: String) throws(Fault) {
    if arguments.has("json") {
      try Terminal.print(JSONText.line(job.write))
    } else if !arguments.has("quiet") {
      try Terminal.print(text(job) + hint)
    }
  }

  static func text(_ job: Job) -> String {
    let counts = job.counts
    let parts = [
      ("done", counts.done - counts.corrupt), ("done but for frames that could not be decoded", counts.corrupt),
      ("kept as they were", counts.kept), ("failed", counts.failed),
      ("cancelled", counts.cancelled), ("to do", counts.listed - counts.settled),
    ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    let nothing = job.fetches ? "its asset is being fetched" : job.isListed ? "nothing to do" : "no items yet"
    let items = parts.isEmpty ? nothing : parts.joined(separator: ", ")
    let more = job.isListed || job.fetches || job.state.isOver ? "" : ", and more are being listed"
    let cost = job.price > 0 ? ", cost \(money(job.cost))" : ""
    return
      "job \(job.id) of \(job.client): \(job.state.rawValue); \(items)\(more); \(seconds(job.processorTime)) s of processors\(cost)\n"
  }

  /// What to do next, where something is left to be done.
  static func hint(_ job: Job) -> String {
    switch job.state {
    case .running where job.waiting != nil: waiting(job)
    case .running:
      (job.obstacle.map { "what a worker said last: \($0)\n" } ?? "")
        + (job.isExternal
          ? "it goes on as 'ridley task run \(job.id)/ITEM N' is run for each of its tasks\n"
          : "it goes on with 'ridley worker', or with a server's workers\n")
    case .paused: "'ridley job resume \(job.id)' goes on\n"
    case .stopped: "its budget is spent: 'ridley job resume \(job.id) --budget MORE' goes on\n"
    case .finished where job.counts.failed > 0:
      "'ridley job show \(job.id) --failed' tells why, 'ridley job retry \(job.id)' tries those again\n"
    case .failed:
      "\(job.isUnfetched ? "what it is about could not be fetched" : "its items could not be written down"): \(job.reason ?? "")\n'ridley job retry \(job.id)' goes on with it\n"
    case .finished, .cancelled: ""
    }
  }

  /// Why its address was not fetched yet, and when it is asked for again.
  private static func waiting(_ job: Job) -> String {
    guard let waiting = job.waiting else { return "" }
    let next = UTC.text((waiting.next + 999) / 1000)
    return "attempt \(waiting.attempts) of \(waiting.most) failed: \(waiting.reason)\nthe next is not before \(next)\n"
  }

  static func progress(_ job: Job, seconds: Double) -> String {
    let settled = job.counts.settled - job.counts.kept
    var text = "\(job.counts.settled) of \(job.counts.listed)\(job.isListed ? "" : " or more")"
    if job.counts.failed > 0 { text += ", \(job.counts.failed) failed" }
    if settled > 0, seconds > 0 {
      let rate = Double(settled) / seconds
      text += ", \(rate < 10 ? NumberFormat.fixed(rate, 1) : "\(Int(rate))")/s"
      if job.isListed { text += ", \(NumberFormat.clock(Double(job.counts.listed - job.counts.settled) / rate)) left" }
    }
    if job.price > 0 { text += ", cost \(money(job.cost))" }
    return text
  }

  /// Microseconds as seconds.
  static func seconds(_ microseconds: Int) -> String { NumberFormat.fixed(Double(microseconds) / 1e6, 1) }

  /// Millionths of the unit of money.
  static func money(_ millionths: Int) -> String { NumberFormat.fixed(Double(millionths) / 1e6, 4) }
}
