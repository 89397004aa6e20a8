internal import Base
public import MediaProcess

/// Admission to the media processes, back-pressure for pictures and clips: who may decode, who waits, who is refused.
///
/// Only as many predictions decode as there are processes, so no thread ever waits for one, and what decoded pictures take is bounded by
/// what a process may have. The others wait here, fairly by their source (``DeskState``), until their turn, their deadline, or until
/// their client leaves.
public final class PictureDesk: Sendable {
  /// Goes on with a prediction: `true` where its turn has come, `false` where it waits no longer.
  typealias Job = @Sendable (_ isAdmitted: Bool) -> Void

  let media: MediaPool
  private let threads: ThreadPool
  private let state: Monitor<DeskState<Job>>

  /// `waiting` predictions wait at most, and some more of sources of which none waits yet.
  public init(_ media: MediaPool, waiting limit: Int = 64) {
    self.media = media
    state = Monitor(DeskState(places: media.limit, waitingLimit: limit))
    // One more than can be held up by their processes.
    threads = ThreadPool(threads: media.limit + 1, limit: 2 * limit)
  }

  /// Has a prediction begin once a process is free for it; where it was admitted, ``leave(_:)`` follows.
  ///
  /// Gives a ticket for ``dismiss(_:)``.
  /// - Throws: `exhausted` where too many wait.
  func enter(_ source: String, deadline: UInt64, _ job: @escaping Job) throws(Fault) -> Int {
    let (ticket, begins) = try state.update { (state) throws(Fault) in
      try state.enter(source, deadline: deadline, job)
    }
    if begins { threads.goOn { job(true) } }
    return ticket
  }

  /// A prediction of a source needs its process no longer.
  func leave(_ source: String) {
    if let next = state.update({ $0.leave(source) }) { threads.goOn { next(true) } }
  }

  /// One that still waits is not wanted any more.
  func dismiss(_ ticket: Int) { dismiss { $0.ticket == ticket } }

  /// Dismisses those whose deadline has passed; some times a second.
  func check(now: UInt64) { dismiss { $0.deadline <= now } }

  private func dismiss(where isUnwanted: (DeskState<Job>.Entry) -> Bool) {
    for job in state.update({ $0.dismiss(where: isUnwanted) }) { threads.goOn { job(false) } }
  }

  /// Goes on with a prediction that has begun.
  func goOn(_ job: @escaping @Sendable () -> Void) { threads.goOn(job) }
}
