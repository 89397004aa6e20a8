internal import Base
internal import Catalog
internal import Items
internal import Jobs
internal import Synchronization
internal import Web

/// Streams of how far jobs are: one thread looks, and hands each client what changed.
///
/// A client that takes its events too slowly gets the newest state alone, once it takes something; what is told never goes backwards.
final class JobFeed: Sendable {
  private struct Subscriber {
    let stream: ResponseStream
    let job: String
    let scope: ClientScope
    let isLetIn: @Sendable () -> Bool
    var told: Job?
    var lastSign = Clock.now
  }

  private struct State {
    var new: [Subscriber] = []
    var isOver = false
  }

  private let state = Monitor(State())
  private let worker: NativeThread

  /// Nanoseconds between two looks, and between two signs of life to a client that hears of nothing else.
  private static let (interval, sign) = (UInt64(500_000_000), UInt64(15_000_000_000))

  init(_ jobs: JobDesk) {
    let state = state
    worker = NativeThread {
      var subscribers: [Subscriber] = []
      while true {
        let isOver = state.wait(before: Clock.now + Self.interval) { state -> Bool? in
          guard state.isOver || !state.new.isEmpty else { return nil }
          subscribers += state.new
          state.new = []
          return state.isOver
        }
        if isOver == true { break }
        for place in subscribers.indices.reversed() where !Self.serve(&subscribers[place], jobs) {
          subscribers[place].stream.end()
          subscribers.remove(at: place)
        }
      }
      for subscriber in subscribers { subscriber.stream.end() }
    }
  }

  deinit {
    state.update { $0.isOver = true }
    worker.join()
  }

  /// Begins a stream about a job; it ends when the job is over, or when `isLetIn` says that its client is not let in any more.
  func add(_ exchange: Exchange, job: Job, scope: ClientScope, isLetIn: @escaping @Sendable () -> Bool) {
    let stream = exchange.stream(.events(Self.event(job)))
    let subscriber = Subscriber(stream: stream, job: job.id.text, scope: scope, isLetIn: isLetIn, told: job)
    state.update { $0.new.append(subscriber) }
  }

  private static func event(_ job: Job) -> [UInt8] {
    let json = JSONWriter.object { JobRoutes.write(job, into: &$0) }
    return Array("event: \(job.state.rawValue)\ndata: ".utf8) + json + Array("\n\n".utf8)
  }

  /// Sends what there is; `false` where the stream ends.
  private static func serve(_ subscriber: inout Subscriber, _ jobs: JobDesk) -> Bool {
    guard !subscriber.stream.isGone, subscriber.isLetIn(),
      let job = try? jobs.job(subscriber.job, scope: subscriber.scope)
    else { return false }
    if job != subscriber.told {
      // Dropped where earlier bytes still wait: then the next look tells.
      if subscriber.stream.offer(event(job)) { (subscriber.told, subscriber.lastSign) = (job, Clock.now) }
    } else if job.state.isOver {
      return false
    } else if Clock.now - subscriber.lastSign > sign, subscriber.stream.offer(Array(": still here\n\n".utf8)) {
      subscriber.lastSign = Clock.now
    }
    return true
  }
}
