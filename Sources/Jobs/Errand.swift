internal import Base
internal import Bus
internal import Catalog
internal import Library

/// A task that waits for somebody else's server: an address is fetched, or is told that a job is over.
///
/// It needs next to nothing of a processor and may take long, so a worker does it beside its work (``Errands``).
struct Errand: Sendable {
  let desk: JobDesk
  let examiner: any MediaExaminer
  let job: Job
  let task: JobTask
  let attempt: Int
  let isStopped: @Sendable () -> Bool
  /// Tells traces of it, where nobody else does.
  var spans: TaskSpans?

  /// Blocks its thread.
  func perform() throws(Fault) -> JobWork.Outcome {
    try TaskSpan.tell(spans?.begin(task, of: job, attempt: attempt)) { () throws(Fault) in try work() }
  }

  private func work() throws(Fault) -> JobWork.Outcome {
    if task.kind == .notify { return try notify() }
    guard let source = job.source else { return .stopped }
    return try fetch(source)
  }

  /// How long the task waits after this attempt, where that may do better later.
  var pause: Duration { task.kind == .notify ? Worker.pause(after: attempt) : Self.pause(after: attempt) }

  /// Tells the job's address that it is over; an end that another one has followed meanwhile is not told any more.
  private func notify() throws(Fault) -> JobWork.Outcome {
    guard job.state.isOver, job.round == task.number else { return .done }
    do throws(Fault) {
      try Webhook.send(job, at: desk.library.now / 1000) { !isStopped() }
      return .done
    } catch {
      if error.kind == .closed, isStopped() { return .stopped }
      if JobWork.isTemporary(error), attempt < Webhook.mostAttempts { return .again(error) }
      try desk.note(error, of: job)
      return .done
    }
  }
}

extension JobWork {
  /// The task as an errand; `nil` where it is none, or nothing is left to be done.
  func errand(_ payload: [UInt8], attempt: Int) throws(Fault) -> Errand? {
    let task = try JobTask(payload)
    guard task.kind == .list || task.kind == .notify, let job = try desk.read(task.job)?.job else { return nil }
    guard task.kind == .notify || job.fetches else { return nil }
    return Errand(desk: desk, examiner: examiner, job: job, task: task, attempt: attempt, isStopped: isStopped)
  }
}
