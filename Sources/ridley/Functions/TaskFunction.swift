import Base
import Catalog
import Isolation
import Jobs
import Lambda

/// The function's process that answers; tasks are done in a child of it, which keeps models, engine and library from one to the next.
///
/// What crashes, hangs or has no time left costs that child, and the next task gets another. One thread.
final class TaskFunction {
  private let arguments: Arguments
  private let group: ChildGroup
  private let stall: Double
  /// Whether there is a child, and whether it can do tasks.
  private var (isThere, isReady) = (false, false)
  /// Which task of the bus the child is at.
  private var atHand: WorkerMessage.Began?
  /// When the program was asked to end, so that what is at work may be given back.
  private var asked: UInt64?

  /// Nanoseconds in which what is at work may end by itself.
  private static let grace: UInt64 = 1_500_000_000

  init(_ arguments: Arguments) throws(Fault) {
    let limits = try FunctionPlace.limits(arguments)
    self.arguments = arguments
    stall = try arguments.seconds("stall-timeout") ?? 120
    _ = FunctionStart.programBegan
    group = ChildGroup(1, memory: limits.processBytes) { (_, receiver, writer) in
      TaskFunctionChild(arguments, limits, writer).run(receiver)
    }
  }

  /// Begins the child where there is none, and waits until it can do tasks.
  ///
  /// - Throws: what is wrong with how the function is set up; `unavailable` where its process is lost; `closed` where the time is over, and the
  ///   child goes on beginning, or the program is asked to end.
  func begin(until deadline: UInt64 = .max) throws(Fault) {
    if !isThere { try group.start(0) }
    isThere = true
    var refusal: Fault?
    while !isReady {
      for event in group.events(stall: { [stall] _ in stall }) {
        switch event {
        case .message(_, let message):
          switch FunctionMessage(message) {
          case .ready: isReady = true
          case .refused(let fault): refusal = fault
          case .ended, .atHand, nil: throw Fault(.bug, "a process that begins said what it may not")
          }
        case .ended(_, let ending):
          (isThere, isReady) = (false, false)
          throw refusal ?? Fault(.unavailable, "the process for tasks ended as it began: \(ending.reason ?? "at once")")
        }
      }
      guard isReady || Clock.now < deadline && !Interrupt.isAsked else {
        throw Fault(.closed, "the process for tasks was not ready in time")
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
    var losses = 0
    while true {
      do throws(Fault) { try begin(until: deadline.hard) } catch { return .failure(FunctionFailure(ofStart: error)) }
      atHand = nil
      group.send(task.message, to: 0)
      switch wait(until: deadline.hard) {
      case .told(let result): return result
      case .late: return .failure(.late)
      case .lost(let ending):
        let reason = ending.reason ?? "its process ended by itself"
        FunctionLog.write("a task lost its process", .error, request: invocation.id) { $0.field("reason", reason) }
        guard asked == nil else { return .failure(FunctionFailure(.tryAgain, reason)) }
        if let atHand {
          do throws(Fault) {
            try WorkerCommand.settle(atHand, ending, reason, at: try JobPlace.desk(arguments))
          } catch { return .failure(FunctionFailure(.tryAgain, error.message)) }
          continue
        }
        losses += 1
        guard Self.isTriedAgain(event, ending), losses <= JobWork.mostAttempts else {
          return unfinished(event, ending, reason)
        }
        // Then it is given up.
        if losses == JobWork.mostAttempts { task.lost = reason }
      }
    }
  }

  /// Whether the same invocation tries anew what lost its process.
  private static func isTriedAgain(_ event: TaskEvent, _ ending: ChildProcess.Ending) -> Bool {
    switch event {
    case .plan: false
    case .run: !ending.isFromOutside
    case .work: true
    }
  }

  /// What crashes whoever cuts it is one task, unless it was cut before the crash: one that is tried as often as others and then given up.
  private func unfinished(
    _ event: TaskEvent, _ ending: ChildProcess.Ending, _ reason: String
  ) -> Result<[UInt8], FunctionFailure> {
    guard case .plan(let id, let item) = event, !ending.isFromOutside else {
      return .failure(FunctionFailure(.tryAgain, reason))
    }
    do throws(Fault) {
      let desk = try JobPlace.desk(arguments)
      let job = try desk.job(endingIn: id, client: nil, scope: .all)
      return .success(TaskEvent.answer(tasks: try TaskPlace.planWhole(job, item: item, at: desk)))
    } catch { return .failure(FunctionFailure(error)) }
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
          switch FunctionMessage(message) {
          case .ended(let result): return .told(result)
          case .atHand(let began): atHand = began
          case .ready, .refused, nil: break
          }
        case .ended(_, let ending):
          (isThere, isReady) = (false, false)
          return Clock.now >= hard ? .late : .lost(ending)
        }
      }
    }
  }
}
