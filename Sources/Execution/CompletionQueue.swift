internal import Base

/// Where answered jobs wait for the thread that asked; filled from the threads of the units.
final class CompletionQueue: Sendable {
  private struct State {
    var jobs: [InferenceJob] = []
    var isClosed = false
    /// Told of every job that comes, on the thread that brings it.
    var onPut: (@Sendable () -> Void)?
  }

  private let state: Monitor<State>

  init(onPut: (@Sendable () -> Void)?) { state = Monitor(State(onPut: onPut)) }

  /// Takes a job in; one that comes after the end is let go.
  func put(_ job: InferenceJob) {
    let (isOpen, onPut) = state.update { state in
      if !state.isClosed { state.jobs.append(job) }
      return (!state.isClosed, state.onPut)
    }
    if isOpen { onPut?() } else { job.letGo() }
  }

  /// Everything that has come, in the order of coming, into an empty list.
  func take(into list: inout [InferenceJob]) { state.update { swap(&$0.jobs, &list) } }

  /// Sleeps until something is there, and leaves it there.
  func wait() { state.wait { $0.jobs.isEmpty ? nil : () } }

  /// Ends the taking of jobs; gives those that had come.
  func close() -> [InferenceJob] {
    state.update { state in
      (state.isClosed, state.onPut) = (true, nil)
      defer { state.jobs = [] }
      return state.jobs
    }
  }
}
