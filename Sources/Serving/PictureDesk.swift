internal import Base
internal import Batching
public import MediaProcess

/// Admission to the media processes, back-pressure for pictures and clips: who may decode, who waits, who is refused.
///
/// Only as many predictions decode as there are processes, so no thread ever waits for one; the others wait here until their turn, which
/// is fair between sources (see `PlaceScheduler`), until their deadline, or until their client leaves.
public final class PictureDesk: Sendable {
  /// Goes on with a prediction: `true` where its turn has come, `false` where it waits no longer.
  typealias Job = @Sendable (_ isAdmitted: Bool) -> Void

  let media: MediaPool
  private let threads: ThreadPool
  private let state: Monitor<PlaceScheduler<String, Job>>

  /// `waiting` predictions wait at most, and some more of sources of which none waits yet.
  public init(_ media: MediaPool, waiting limit: Int = 64) {
    self.media = media
    state = Monitor(PlaceScheduler(places: media.limit, waiting: limit))
    // One more than can be held up by their processes.
    threads = ThreadPool(threads: media.limit + 1, limit: 2 * limit)
  }

  /// Has a prediction of a source begin once a process is free for it; where it was admitted, ``leave(_:)`` follows.
  ///
  /// Gives a ticket for ``dismiss(_:)``.
  /// - Throws: `exhausted` where too many wait, or too many of this source.
  func enter(_ source: String, deadline: UInt64, _ job: @escaping Job) throws(Fault) -> Int {
    switch state.update({ $0.enter(job, from: source, deadline: deadline) }) {
    case .begins(let ticket):
      threads.goOn { job(true) }
      return ticket
    case .waits(let ticket): return ticket
    case .refused:
      throw Fault(.exhausted, "too many pictures wait to be decoded: ask again later, or less often")
    }
  }

  /// A prediction of the source needs its process no longer.
  func leave(_ source: String) {
    for job in state.update({ $0.leave(source) }) { threads.goOn { job(true) } }
  }

  /// One that still waits is not wanted any more.
  func dismiss(_ ticket: Int) { dismiss(state.update { [$0.remove(ticket)] }.compactMap { $0 }) }

  /// Dismisses those whose deadline has passed; some times a second.
  func check(now: UInt64) { dismiss(state.update { $0.takeLate(now: now) }) }

  private func dismiss(_ jobs: [Job]) {
    for job in jobs { threads.goOn { job(false) } }
  }

  /// Goes on with a prediction that has begun.
  func goOn(_ job: @escaping @Sendable () -> Void) { threads.goOn(job) }
}
