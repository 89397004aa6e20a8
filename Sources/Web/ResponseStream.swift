/// An answer that is made bit by bit, with back-pressure: events, pictures of a camera.
///
/// One that is dropped before ``end()`` is broken off, so that the client does not take it for whole.
public final class ResponseStream: Sendable {
  private let flow: Flow

  init(_ flow: Flow) { self.flow = flow }

  deinit { flow.end(.brokenOff) }

  /// Whether the client has left, or the server ends: nothing more is sent.
  public var isGone: Bool { flow.isGone }

  /// Sends bytes, and returns once less than 256 KiB wait for the client; false when it has left.
  @discardableResult public func write(_ bytes: [UInt8]) async -> Bool {
    await withCheckedContinuation { waiter in
      flow.put(bytes) { waiter.resume(returning: $0) }
    }
  }

  /// Sends bytes only if all earlier ones were taken by the client's system; else they are dropped, and false is returned.
  ///
  /// For what is worth nothing when it is late.
  public func offer(_ bytes: [UInt8]) -> Bool { flow.offer(bytes) }

  /// Sends bytes unless more than `most` then wait for the client: false, and nothing of them is sent.
  ///
  /// For what is worth nothing without what came before, where nobody may wait for the client.
  public func push(_ bytes: [UInt8], most: Int) -> Bool { flow.push(bytes, most: most) }

  /// Counts bytes that will be sent by ``send(_:then:)`` as waiting for the client from now on; false where more waits for it than may.
  ///
  /// Only for an answer that ``Exchange/converse(_:)`` began.
  public func reserve(_ byteCount: Int) -> Bool { flow.reserve(byteCount) }

  /// Sends bytes that were reserved, one run behind the other, without waiting; `done` is called once less than 256 KiB wait for the
  /// client, with whether it is still there, on this thread or the loop's: it must not block.
  public func send(_ parts: [[UInt8]], then done: @escaping @Sendable (Bool) -> Void) {
    flow.put(parts, isReserved: true, done: done)
  }

  /// The answer is complete.
  public func end() { flow.end(.whole) }

  /// The answer is complete; over HTTP/2 these headers follow it instead of those that its head named.
  public func end(trailers: [(String, String)]) { flow.end(.whole, trailers: trailers) }
}
