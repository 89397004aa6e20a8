import Base
import Isolation
import Jobs
import Lambda

/// The function's process that answers; tasks are done in a child of it, which keeps models, engine and library from one to the next.
///
/// What crashes, hangs or has no time left costs that child, and the next task gets another. One thread.
final class TaskFunction {
  private let group: ChildGroup
  private let stall: Double
  private var isThere = false
  /// When the program was asked to end, so that what is at work may be given back.
  private var asked: UInt64?

  /// Nanoseconds in which what is at work may end by itself.
  private static let grace: UInt64 = 1_500_000_000

  init(_ arguments: Arguments) throws(Fault) {
    let limits = try FunctionPlace.limits(arguments)
    stall = try arguments.seconds("stall-timeout") ?? 120
    group = ChildGroup(1, memory: limits.processBytes) { (_, receiver, writer) in
      TaskFunctionChild(arguments, limits, writer).run(receiver)
    }
  }

  /// Begins the child, and waits until it can do tasks.
  ///
  /// - Throws: what is wrong with how the function is set up; `unavailable` where its process is lost.
  func begin() throws(Fault) {
    try group.start(0)
    isThere = true
    var refusal: Fault?
    while true {
      for event in group.events(stall: { [stall] _ in stall }) {
        switch event {
        case .message(_, let message):
          switch FunctionMessage(message) {
          case .ready: return
          case .refused(let fault): refusal = fault
          case .ended, nil: throw Fault(.bug, "a process that begins said what it may not")
          }
        case .ended(_, let ending):
          isThere = false
          throw refusal ?? Fault(.unavailable, "the process for tasks ended as it began: \(ending.reason ?? "at once")")
        }
      }
    }
  }

  func answer(_ invocation: Invocation) -> Result<[UInt8], FunctionFailure> {
    let watch = Stopwatch()
    var event: TaskEvent?
    let result: Result<[UInt8], FunctionFailure>
    do throws(Fault) {
      let asked = try TaskEvent(json: invocation.event)
      event = asked
      FunctionLog.write("a task begins", request: invocation.id) { json in
        asked.write(into: &json)
        json.field("trace", ifKnown: invocation.trace)
      }
      result = perform(asked, of: invocation)
    } catch { result = .failure(FunctionFailure(.wrongCall, error.message)) }
    Self.tell(result, event, of: invocation, watch.seconds)
    return result
  }

  private static func tell(
    _ result: Result<[UInt8], FunctionFailure>, _ event: TaskEvent?, of invocation: Invocation, _ seconds: Double
  ) {
    var failure: FunctionFailure?
    if case .failure(let found) = result { failure = found }
    FunctionLog.write("a task ended", failure == nil ? .info : .warn, request: invocation.id) { json in
      event?.write(into: &json)
      json.field("trace", ifKnown: invocation.trace)
      json.field("seconds", seconds, digits: 3)
      json.field("ending", failure?.name.rawValue ?? "done")
      json.field("reason", ifKnown: failure?.message)
    }
  }

  private func perform(_ event: TaskEvent, of invocation: Invocation) -> Result<[UInt8], FunctionFailure> {
    let deadline = FunctionDeadline(invocation)
    var task = FunctionTask(event, invocation.id, until: deadline.soft)
    // Once more than is tried, to have it given up.
    for attempt in 0...JobWork.mostAttempts {
      do { if !isThere { try begin() } } catch { return .failure(FunctionFailure(error)) }
      group.send(task.message, to: 0)
      switch wait(until: deadline.hard) {
      case .told(let result): return result
      case .late: return .failure(.late)
      case .lost(let ending):
        let reason = ending.reason ?? "its process ended by itself"
        FunctionLog.write("a task lost its process", .error, request: invocation.id) { $0.field("reason", reason) }
        guard !ending.isFromOutside, asked == nil, case .run = event else {
          return Self.unfinished(event, ending, reason)
        }
        if attempt == JobWork.mostAttempts - 1 { task.lost = reason }
      }
    }
    return .failure(FunctionFailure(.tryAgain, task.lost ?? "the task lost its process"))
  }

  /// What crashes whoever cuts it is one task, which is tried as often as others and then given up.
  private static func unfinished(
    _ event: TaskEvent, _ ending: ChildProcess.Ending, _ reason: String
  ) -> Result<[UInt8], FunctionFailure> {
    if case .plan = event, !ending.isFromOutside { return .success(TaskEvent.answer(tasks: 1)) }
    return .failure(FunctionFailure(.tryAgain, reason))
  }

  private enum Outcome {
    case told(Result<[UInt8], FunctionFailure>)
    case late
    case lost(ChildProcess.Ending)
  }

  private func wait(until deadline: UInt64) -> Outcome {
    var hard = deadline
    while true {
      if Interrupt.isAsked {
        SharedFlags.askToStop()
        let now = asked ?? Clock.now
        asked = now
        hard = min(hard, now + Self.grace)
      }
      // Patience of nothing ends it.
      for event in group.events(stall: { [stall] _ in Clock.now >= hard ? 0 : stall }) {
        switch event {
        case .message(_, let message):
          if case .ended(let result) = FunctionMessage(message) { return .told(result) }
        case .ended(_, let ending):
          isThere = false
          return Clock.now >= hard ? .late : .lost(ending)
        }
      }
    }
  }
}
