internal import Base
internal import Items
internal import Library
internal import Synchronization
internal import Web

/// Streams of what a library's changes mean to those that follow them: one thread reads them and hands each client its own.
///
/// A client that takes its events too slowly waits; it loses none, since its position only moves with what it took.
final class ChangeFeed: Sendable {
  /// What is new behind a position, as text of server-sent events.
  struct News {
    let text: [UInt8]
    let position: ChangePosition
    /// More is there already.
    let hasMore: Bool
  }

  typealias Read = @Sendable (ChangePosition) throws(Fault) -> News

  private final class Subscriber {
    let stream: ResponseStream
    let read: Read
    let isLetIn: @Sendable () -> Bool
    var position: ChangePosition
    var lastSign = Clock.now

    init(_ arrival: Arrival) {
      (stream, read) = (arrival.stream, arrival.read)
      (position, isLetIn) = (arrival.position, arrival.isLetIn)
    }
  }

  private struct State {
    var new: [Arrival] = []
    var isOver = false
  }

  private struct Arrival: Sendable {
    let stream: ResponseStream
    let read: Read
    let position: ChangePosition
    let isLetIn: @Sendable () -> Bool
  }

  private let state = Monitor(State())
  private let worker: NativeThread

  /// Nanoseconds between two looks, and between two signs of life to a client that hears of nothing else.
  private static let (interval, sign) = (UInt64(200_000_000), UInt64(15_000_000_000))

  init(_ library: Library) {
    let state = state
    worker = NativeThread {
      var subscribers: [Subscriber] = []
      while true {
        let woken = state.wait(before: Clock.now + Self.interval) { state -> (isOver: Bool, new: [Arrival])? in
          guard state.isOver || !state.new.isEmpty else { return nil }
          defer { state.new = [] }
          return (state.isOver, state.new)
        }
        if woken?.isOver == true { break }
        for arrival in woken?.new ?? [] {
          subscribers.append(Subscriber(arrival))
        }
        // Where nothing was written there is nothing to read for any of them.
        let last = subscribers.isEmpty ? nil : try? library.lastPosition()
        subscribers.removeAll { $0.stream.isGone || !Self.serve($0, upTo: last) }
      }
      for subscriber in subscribers { subscriber.stream.end() }
    }
  }

  deinit {
    state.update { $0.isOver = true }
    worker.join()
  }

  /// Begins a stream of events behind a position; it ends once `isLetIn` says that its client is not let in any more.
  func add(
    _ exchange: Exchange, after position: ChangePosition, isLetIn: @escaping @Sendable () -> Bool, read: @escaping Read
  ) {
    let stream = exchange.stream(.events(Array(": \(position.text)\n\n".utf8)))
    state.update { state in
      state.new.append(Arrival(stream: stream, read: read, position: position, isLetIn: isLetIn))
    }
  }

  private static let stillHere = Array(": still here\n\n".utf8)

  /// Sends what there is; `false` where the stream cannot go on.
  private static func serve(_ subscriber: Subscriber, upTo last: ChangePosition?) -> Bool {
    guard subscriber.isLetIn() else {
      subscriber.stream.end()
      return false
    }
    if subscriber.position == last {
      if Clock.now - subscriber.lastSign > sign, subscriber.stream.offer(Self.stillHere) {
        subscriber.lastSign = Clock.now
      }
      return true
    }
    while true {
      guard let page = try? subscriber.read(subscriber.position) else {
        subscriber.stream.end()
        return false
      }
      var text = page.text
      if text.isEmpty, Clock.now - subscriber.lastSign > sign { text = Self.stillHere }
      if !text.isEmpty {
        // Dropped where earlier bytes still wait: then the same is read again.
        guard subscriber.stream.offer(text) else { return true }
        subscriber.lastSign = Clock.now
      }
      subscriber.position = page.position
      if !page.hasMore { return true }
    }
  }
}
