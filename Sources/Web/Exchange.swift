internal import Base
internal import Synchronization

/// One request that waits for its answer, which any thread may give, once.
///
/// An exchange that is dropped without an answer is answered with 500.
public final class Exchange: Sendable {
  let call: Call

  init(_ call: Call) { self.call = call }

  deinit {
    guard !call.isGone, call.claim() else { return }
    let refusal = RejectedRequest(500, .bug, "the request was lost inside the server", request: call.request)
    call.deliver(call.connection.loop.handler.answer(to: refusal))
  }

  public var request: Request { call.request }

  /// Whether the client has left; an answer is then dropped.
  public var isGone: Bool { call.isGone }

  /// Answers, from any thread and exactly once.
  ///
  /// It is written at once, unless the connection's loop is at work on another thread.
  public func answer(_ response: Response) {
    guard claim() else { return }
    call.deliver(response)
  }

  /// False where the server itself has answered, because the rest of a streamed body did not come.
  func claim() -> Bool {
    if call.claim() { return true }
    precondition(call.isRefused, "a request is answered twice")
    return false
  }

  /// Begins an answer that is made bit by bit, from any thread, instead of ``answer(_:)``; the body of `head` comes first.
  public func stream(_ head: Response) -> ResponseStream {
    let isFirst = claim()
    let flow = Flow(call)
    guard isFirst else {
      flow.leave()
      return ResponseStream(flow)
    }
    call.streams()
    call.deliver(head, flow)
    return ResponseStream(flow)
  }

  /// Calls `body` once, from the loop's work, when the client leaves before the answer, or the end of a stream.
  ///
  /// Give one at most.
  public func onGone(_ body: @escaping @Sendable () -> Void) { call.onGone(body) }
}

/// What an exchange and its connection share.
final class Call: Sendable {
  let request: Request
  let connection: Connection
  /// The stream's number in HTTP/2.
  let stream: Int32
  private let isClaimed = Atomic<Bool>(false)
  /// Whether its answer is made bit by bit.
  private let isStreamed = Atomic<Bool>(false)
  private let hasLeft = Atomic<Bool>(false)
  private let hook = AtomicLazyReference<Hook>()
  /// Where its body goes while it comes.
  let feed: BodyFeed?
  /// Whether its answer goes out while its body still comes.
  private let isConversing = Atomic<Bool>(false)
  private let refusal = AtomicLazyReference<Refusal>()

  init(_ request: Request, _ connection: Connection, stream: Int32 = 0, feed: BodyFeed? = nil) {
    (self.request, self.connection, self.stream, self.feed) = (request, connection, stream, feed)
  }

  /// The caller that gets true is the one that answers.
  func claim() -> Bool { !isClaimed.exchange(true, ordering: .acquiringAndReleasing) }

  /// Claims it for the server, because the body will not come whole; false where an answer is on its way.
  func refuse(_ fault: Fault) -> Bool {
    _ = refusal.storeIfNil(Refusal(fault))
    return claim()
  }

  /// Its answer is made bit by bit, and where it is a conversation while its body still comes; said before it is delivered.
  func streams(asConversation isConversation: Bool = false) {
    isConversing.store(isConversation, ordering: .releasing)
    isStreamed.store(true, ordering: .releasing)
  }

  var isConversation: Bool { isConversing.load(ordering: .acquiring) }

  var isRefused: Bool { refusedFor != nil }
  var refusedFor: Fault? { refusal.load()?.fault }

  var isGone: Bool { hasLeft.load(ordering: .sequentiallyConsistent) }

  func deliver(_ response: Response, _ flow: Flow? = nil) {
    if flow == nil { _ = hook.load()?.take() }
    if !isConversation { feed?.answered() }
    connection.loop.answer(self, response, flow)
  }

  /// The client left before all was answered; from the loop's work.
  func leave() {
    hasLeft.store(true, ordering: .sequentiallyConsistent)
    if isClaimed.load(ordering: .acquiring), !isStreamed.load(ordering: .acquiring) { return }
    hook.load()?.take()?()
  }

  func onGone(_ body: @escaping @Sendable () -> Void) {
    let made = Hook(body)
    precondition(hook.storeIfNil(made) === made, "a request has two bodies for when its client leaves")
    if isGone { connection.loop.run { made.take()?() } }
  }

  /// Why the server took no more of the body.
  private final class Refusal: Sendable {
    let fault: Fault

    init(_ fault: Fault) { self.fault = fault }
  }

  /// What is to be done when the client leaves; let go of once there is an answer, because it may hold the exchange.
  private final class Hook: Sendable {
    private let body: Monitor<(@Sendable () -> Void)?>

    init(_ body: @escaping @Sendable () -> Void) { self.body = Monitor(body) }

    func take() -> (@Sendable () -> Void)? {
      body.update { body in
        defer { body = nil }
        return body
      }
    }
  }
}
