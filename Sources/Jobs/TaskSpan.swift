public import Base
internal import Catalog
public import Telemetry

/// Has what tasks do stand in the trace of their job.
public struct TaskSpans: Sendable {
  let telemetry: Telemetry
  /// Where the engine stands that had the task run: `TRACEPARENT`.
  let engine: Trace?
  let worker: String

  public init(_ telemetry: Telemetry, engine: Trace? = nil, worker: String) {
    (self.telemetry, self.engine, self.worker) = (telemetry, engine, worker)
  }

  /// All tasks of a job stand in one trace, whichever engine has them run: that of whoever started it, else one that is named as the job is.
  ///
  /// An engine with a trace of its own is linked to; where it goes on with the job's, the task stands within the engine's work.
  func begin(_ task: JobTask, of job: Job, attempt: Int, as name: String? = nil) -> TaskSpan? {
    let root = max(1, job.id.number)
    let isSame = engine?.id == job.trace?.id ?? root
    let caller = isSame ? engine : job.trace
    let place = telemetry.place(under: caller, root: root)
    guard place.isSampled else { return nil }
    var span = Span(
      "task \(name ?? task.kind.rawValue)", .consumer, at: place, parent: caller?.parent, from: Clock.now, to: 0)
    span.attributes = [
      Attribute("ridley.job.id", job.id.text), Attribute("ridley.task.kind", task.kind.rawValue),
      Attribute("ridley.task.attempt", attempt), Attribute("ridley.worker", worker),
    ]
    if [.item, .piece, .merge].contains(task.kind) {
      span.attributes.append(Attribute("ridley.job.item", task.number))
    }
    if task.kind == .piece { span.attributes.append(Attribute("ridley.task.piece", task.piece)) }
    if let engine, !isSame { span.links = [engine] }
    return TaskSpan(telemetry, span)
  }
}

/// The trace of one task while it is at hand; used by the thread that does it.
final class TaskSpan {
  private let telemetry: Telemetry
  private var span: Span
  /// Why its item failed.
  var fault: Fault?

  fileprivate init(_ telemetry: Telemetry, _ span: Span) { (self.telemetry, self.span) = (telemetry, span) }

  /// Does a task and tells how it went.
  static func tell(
    _ span: TaskSpan?, _ body: () throws(Fault) -> JobWork.Outcome
  ) throws(Fault) -> JobWork.Outcome {
    guard let span else { return try body() }
    do throws(Fault) {
      let outcome = try body()
      span.end(outcome.word, outcome.fault)
      return outcome
    } catch {
      span.end("fault", error)
      throw error
    }
  }

  /// Does a step of it, and tells how long that took.
  func step<Result>(_ name: String, _ body: () throws(Fault) -> Result) throws(Fault) -> Result {
    let start = Clock.now
    defer {
      telemetry.record(
        Span(name, at: Telemetry.place(within: span.place), parent: span.place.parent, from: start, to: Clock.now))
    }
    return try body()
  }

  private func end(_ outcome: String, _ other: Fault?) {
    span.end = Clock.now
    span.attributes.append(Attribute("ridley.task.outcome", fault == nil ? outcome : "failed"))
    if let fault = fault ?? other {
      span.error = fault.message
      span.attributes.append(Attribute("error.type", fault.kind.rawValue))
    }
    telemetry.record(span)
  }
}

extension JobWork {
  /// Does a step of the task at hand, which its trace tells of.
  func step<Result>(_ name: String, _ body: () throws(Fault) -> Result) throws(Fault) -> Result {
    guard let span else { return try body() }
    return try span.step(name, body)
  }
}

extension JobWork.Outcome {
  fileprivate var word: String {
    switch self {
    case .done: "done"
    case .again: "again"
    case .elsewhere: "elsewhere"
    case .stopped: "stopped"
    }
  }

  fileprivate var fault: Fault? {
    switch self {
    case .again(let fault), .elsewhere(let fault): fault
    case .done, .stopped: nil
    }
  }
}
