internal import Base

/// What a node's link to its centre may carry, for all that the node sends and fetches together.
public final class LinkBudget: NodeLink {
  private struct State {
    var bucket: LinkBucket
    /// Of messages: the door for nodes takes fifty a second.
    var messages = LinkBucket(rate: 40, burst: 100, at: Clock.now)
    var sent = 0
    var received = 0
    var isOver = false
  }

  private let state: Monitor<State>
  /// Bytes a second; `nil` where there is no limit.
  public let rate: Int?

  /// Bytes that frames of Ethernet, with the headers of IP and TCP, those of what acknowledges them, and TLS's records add, and what one carries.
  private static let (overhead, record) = (106, 1400)

  public init(bytesPerSecond rate: Int?) {
    self.rate = rate
    let rate = Double(rate ?? 0)
    state = Monitor(State(bucket: LinkBucket(rate: rate, burst: min(rate / 4, 65_536), at: Clock.now)))
  }

  /// Bytes of one message, so that what is more urgent does not wait for long behind it: a quarter of a second of the link.
  public var chunk: Int { rate.map { min(256 << 10, max(4 << 10, $0 / 4)) } ?? 256 << 10 }

  /// Waits until something may go; `false` where it was ended meanwhile.
  public func wait() -> Bool {
    while true {
      let ready = state.update { state -> UInt64? in
        let now = Clock.now
        let ready = max(state.bucket.ready(at: now), state.messages.ready(at: now))
        guard ready <= now else { return ready }
        state.messages.spend(1, at: now)
        return nil
      }
      guard let ready else { return !state.update(\.isOver) }
      let isOver = state.wait(before: ready) { $0.isOver ? true : nil }
      if isOver == true { return false }
    }
  }

  /// So many bytes went and came, as the connection counts them: what is around them on the wire is added.
  public func spend(sent: Int, received: Int) {
    let (out, back) = (Self.onWire(sent), Self.onWire(received))
    state.update { state in
      state.sent += out
      state.received += back
      state.bucket.spend(out + back, at: Clock.now)
    }
  }

  /// Bytes on the wire so far.
  public var byteCounts: (sent: Int, received: Int) { state.update { ($0.sent, $0.received) } }

  public var isOver: Bool { state.update(\.isOver) }

  /// Nobody waits any more.
  public func end() { state.update { $0.isOver = true } }

  /// About what so many bytes are on an Ethernet's wire.
  static func onWire(_ byteCount: Int) -> Int {
    byteCount == 0 ? 0 : byteCount + (byteCount + record - 1) / record * overhead
  }
}
