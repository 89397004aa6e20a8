internal import Base
public import MediaProcess

/// Admission to the media processes, back-pressure for pictures and clips: who may decode, who waits, who is refused.
///
/// Only as many predictions decode as there are processes, so no thread ever waits for one; the others wait here, in the order in which they
/// came, until their turn, their deadline, or until their client leaves.
public final class PictureDesk: Sendable {
  /// Goes on with a prediction: `true` where its turn has come, `false` where it waits no longer.
  typealias Job = @Sendable (_ isAdmitted: Bool) -> Void

  private struct Entry {
    let ticket: Int
    let deadline: UInt64
    let job: Job
  }

  private struct State {
    var active = 0
    var waiting: [Entry] = []
    var lastTicket = 0
  }

  let media: MediaPool
  private let threads: ThreadPool
  private let limit: Int
  private let state = Monitor(State())

  /// `waiting` predictions wait at most.
  public init(_ media: MediaPool, waiting limit: Int = 64) {
    (self.media, self.limit) = (media, limit)
    // One more than can be held up by their processes.
    threads = ThreadPool(threads: media.limit + 1, limit: limit)
  }

  /// Has a prediction begin once a process is free for it; where it was admitted, ``leave()`` follows.
  ///
  /// Gives a ticket for ``dismiss(_:)``.
  /// - Throws: `exhausted` where too many wait.
  func enter(deadline: UInt64, _ job: @escaping Job) throws(Fault) -> Int {
    let (ticket, begins) = try state.update { (state) throws(Fault) -> (Int, Bool) in
      state.lastTicket += 1
      guard state.active >= media.limit else {
        state.active += 1
        return (state.lastTicket, true)
      }
      guard state.waiting.count < limit else {
        throw Fault(.exhausted, "too many pictures wait to be decoded: ask again later, or less often")
      }
      state.waiting.append(Entry(ticket: state.lastTicket, deadline: deadline, job: job))
      return (state.lastTicket, false)
    }
    if begins { threads.goOn { job(true) } }
    return ticket
  }

  /// A prediction needs its process no longer.
  func leave() {
    let next = state.update { state -> Job? in
      guard !state.waiting.isEmpty else {
        state.active -= 1
        return nil
      }
      return state.waiting.removeFirst().job
    }
    if let next { threads.goOn { next(true) } }
  }

  /// One that still waits is not wanted any more.
  func dismiss(_ ticket: Int) { dismiss { $0.ticket == ticket } }

  /// Dismisses those whose deadline has passed; some times a second.
  func check(now: UInt64) { dismiss { $0.deadline <= now } }

  private func dismiss(where isUnwanted: (Entry) -> Bool) {
    let dismissed = state.update { state in
      let dismissed = state.waiting.filter(isUnwanted)
      if !dismissed.isEmpty { state.waiting.removeAll(where: isUnwanted) }
      return dismissed
    }
    for entry in dismissed { threads.goOn { entry.job(false) } }
  }

  /// Goes on with a prediction that has begun.
  func goOn(_ job: @escaping @Sendable () -> Void) { threads.goOn(job) }
}
