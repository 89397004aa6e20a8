internal import Base
public import MediaProcess

/// Admission to the media processes: who may decode now, who waits, and who is refused.
///
/// Back-pressure for pictures and clips.
///
/// Only as many predictions decode as there are processes, so no thread ever waits for one; the others wait here, in the order in which they
/// came.
public final class PictureDesk: Sendable {
  typealias Job = @Sendable () -> Void

  private struct State {
    var active = 0
    var waiting: [Job] = []
  }

  let media: MediaPool
  private let threads: Crew
  private let limit: Int
  private let state = Monitor(State())

  /// `waiting` predictions wait at most.
  public init(_ media: MediaPool, waiting limit: Int = 64) {
    (self.media, self.limit) = (media, limit)
    // One more than can be held up by their processes.
    threads = Crew(threads: media.limit + 1, limit: limit)
  }

  /// Has a prediction begin once a process is free for it; ``leave()`` follows each.
  ///
  /// - Throws: `exhausted` where too many wait.
  func enter(_ job: @escaping Job) throws(Fault) {
    let begins = try state.update { (state) throws(Fault) -> Bool in
      guard state.active >= media.limit else {
        state.active += 1
        return true
      }
      guard state.waiting.count < limit else {
        throw Fault(.exhausted, "too many pictures wait to be decoded: ask again later, or less often")
      }
      state.waiting.append(job)
      return false
    }
    if begins { threads.goOn(job) }
  }

  /// A prediction needs its process no longer.
  func leave() {
    let next = state.update { state -> Job? in
      guard !state.waiting.isEmpty else {
        state.active -= 1
        return nil
      }
      return state.waiting.removeFirst()
    }
    if let next { threads.goOn(next) }
  }

  /// Goes on with a prediction that has begun.
  func goOn(_ job: @escaping Job) { threads.goOn(job) }
}
