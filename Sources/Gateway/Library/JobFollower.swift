internal import Base
internal import Catalog
internal import Items
internal import Jobs

/// Follows how far a job is, up to its end; a client that is slow gets the newest state alone, and what is told never goes backwards.
struct JobFollower: Feed.Follower {
  let interval: UInt64 = 500_000_000
  private let jobs: JobDesk
  private let scope: ClientScope
  private var told: Job
  private var next: Job

  /// `job` is what the client was told.
  init(_ jobs: JobDesk, _ job: Job, scope: ClientScope) {
    (self.jobs, self.scope, told, next) = (jobs, scope, job, job)
  }

  /// What a stream of it begins with.
  var head: [UInt8] { Self.event(told) }

  mutating func look(upTo last: ChangePosition?) throws(Fault) -> Feed.News {
    next = try jobs.job(told.id.text, scope: scope)
    return Feed.News(text: next == told ? [] : Self.event(next), isLast: next.state.isOver)
  }

  mutating func wasTaken() { told = next }

  private static func event(_ job: Job) -> [UInt8] {
    let json = JSONWriter.object { JobRoutes.write(job, into: &$0) }
    return Array("event: \(job.state.rawValue)\ndata: ".utf8) + json + Array("\n\n".utf8)
  }
}
