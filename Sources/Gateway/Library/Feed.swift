internal import Base
internal import Items
internal import Synchronization
internal import Web

/// Streams of server-sent events for those that follow something: one thread looks for all of them in turn, and hands each client what is
/// new to it.
///
/// Whoever has much to catch up with gets a page a turn, and holds nobody up. A client that takes its events too slowly hears of them later.
final class Feed: Sendable {
  /// What is new to a follower.
  struct News {
    /// Server-sent events.
    var text: [UInt8] = []
    /// More is there already.
    var hasMore = false
    /// Nothing comes behind it.
    var isLast = false
  }

  /// Whoever follows something; the feed's thread alone asks it.
  protocol Follower: Sendable {
    /// Nanoseconds between two looks.
    var interval: UInt64 { get }
    /// What is new, and the same again until it was taken; a fault ends the stream.
    mutating func look(upTo last: ChangePosition?) throws(Fault) -> News
    /// The client has what was looked at last.
    mutating func wasTaken()
  }

  /// Told at last by what has come to its end.
  static let ended = Array("event: ended\ndata: {\"state\":\"ended\"}\n\n".utf8)

  private struct Arrival: Sendable {
    let stream: ResponseStream
    let follower: any Follower
    let isLetIn: @Sendable () -> Bool
  }

  private struct State {
    var new: [Arrival] = []
    var isOver = false
  }

  private let state = Monitor(State())
  private let worker: NativeThread

  /// Nanoseconds between two looks at who is due.
  private static let interval: UInt64 = 200_000_000

  /// `last` gives where the library's changes end, so that who has seen all of them need not look.
  init(upTo last: @escaping @Sendable () -> ChangePosition?) {
    let state = state
    worker = NativeThread {
      var subscribers: [Subscriber] = []
      while true {
        let pause = subscribers.contains(where: \.hasMore) ? 0 : Self.interval
        let woken = state.wait(before: Clock.now + pause) { state -> (isOver: Bool, new: [Arrival])? in
          guard state.isOver || !state.new.isEmpty else { return nil }
          defer { state.new = [] }
          return (state.isOver, state.new)
        }
        if woken?.isOver == true { break }
        subscribers += (woken?.new ?? []).map(Subscriber.init)
        let last = subscribers.isEmpty ? nil : last()
        subscribers.removeAll { !$0.serve(upTo: last) }
      }
      for subscriber in subscribers { subscriber.stream.end() }
    }
  }

  deinit {
    state.update { $0.isOver = true }
    worker.join()
  }

  /// Begins a stream of events with `head`; it ends once `isLetIn` says that its client is not let in any more.
  func add(
    _ exchange: Exchange, _ head: [UInt8], _ follower: any Follower, isLetIn: @escaping @Sendable () -> Bool
  ) {
    let arrival = Arrival(stream: exchange.stream(.events(head)), follower: follower, isLetIn: isLetIn)
    state.update { $0.new.append(arrival) }
  }

  /// A client, and how far it is; of the feed's thread alone.
  private final class Subscriber {
    let stream: ResponseStream
    private(set) var hasMore = false
    private let isLetIn: @Sendable () -> Bool
    private var follower: any Follower
    /// When it is looked for next, and when it heard something last.
    private var due: UInt64 = 0
    private var lastSign = Clock.now

    /// Nanoseconds between two signs of life to a client that hears of nothing else.
    private static let sign: UInt64 = 15_000_000_000
    private static let stillHere = Array(": still here\n\n".utf8)

    init(_ arrival: Arrival) { (stream, follower, isLetIn) = (arrival.stream, arrival.follower, arrival.isLetIn) }

    /// Sends what there is; `false` where the stream ends.
    func serve(upTo last: ChangePosition?) -> Bool {
      let now = Clock.now
      guard hasMore || now >= due else { return true }
      (due, hasMore) = (now + follower.interval, false)
      guard !stream.isGone, isLetIn(), let news = try? follower.look(upTo: last) else { return end() }
      let text = news.text.isEmpty && now > lastSign + Self.sign ? Self.stillHere : news.text
      if !text.isEmpty {
        // Dropped where earlier bytes still wait: then the same is looked at again.
        guard stream.offer(text) else { return true }
        lastSign = now
      }
      follower.wasTaken()
      hasMore = news.hasMore
      return news.isLast ? end() : true
    }

    private func end() -> Bool {
      stream.end()
      return false
    }
  }
}
