public import Base
internal import Glibc

/// A server for HTTP/1.1 on one address.
///
/// It has a thread that takes connections and a few that serve them, each of which waits for many. They block all
/// signals.
public final class Server: Sendable {
  /// The port it listens on.
  public let port: Int
  private let loops: [Loop]
  private let pool: BodyPool
  private let answers: ByteBudget
  private let counters: ServerCounters
  private let bell: Mailbox
  private let stage: Monitor<Stage>
  /// What connections over a limit are told.
  private let refusal: [UInt8]

  private struct Stage: Sendable {
    /// Until it starts.
    var listener: Listener?
    var acceptor: NativeThread?
    var workers: [NativeThread] = []
  }

  /// Binds and listens: connections are taken from ``start()`` on, and wait until then.
  public init(_ options: ServerOptions, handler: any RequestHandler) throws(Fault) {
    let listener = try Listener(options)
    port = listener.port
    (pool, counters) = (BodyPool(budget: options.limits.bodyBytesInFlight), ServerCounters(options.limits))
    answers = ByteBudget(options.limits.answerBytes)
    bell = try Mailbox()
    let count = options.loops > 0 ? options.loops : max(1, min(sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2, 8))
    let tls: TLSContext? = if let files = options.tls { try TLSContext(files) } else { nil }
    let sinkThreads = BodyThreads(options.bodyThreads)
    var made: [Loop] = []
    for _ in 0..<count {
      made.append(
        try Loop(
          handler: handler, limits: options.limits, pool: pool, answers: answers, counters: counters,
          sinkThreads: sinkThreads, tls: tls))
    }
    loops = made
    refusal = tls == nil ? Self.refusal(handler) : []
    stage = Monitor(Stage(listener: listener))
  }

  /// Starts its threads; once.
  public func start() {
    stage.update { stage in
      guard let listener = stage.listener.take() else { preconditionFailure("a server is started twice") }
      stage.workers = loops.map { loop in NativeThread { loop.serve() } }
      let acceptor = Acceptor(listener, loops, counters, bell: bell, refusal: refusal)
      stage.acceptor = NativeThread { acceptor.serve() }
    }
  }

  private static func refusal(_ handler: any RequestHandler) -> [UInt8] {
    let response = handler.answer(
      to: RejectedRequest(503, .unavailable, "too many connections are open, in all or from your address: try again"))
    var bytes: [UInt8] = []
    ResponseHead.write(
      response, size: response.body.count, version: .http1_1, keepsAlive: false, date: [], to: &bytes)
    return bytes + response.body
  }

  /// Takes no more connections, closes idle ones, finishes the requests that are at work, and returns when that is
  /// done, or when so many seconds have passed: what is open then is cut off.
  ///
  /// Bodies that go to sinks get half of that time; then their sinks are told, and have a second more to be done with it.
  ///
  /// Blocks its thread, which must not be one of the server's. Afterwards the server is over. A second call meanwhile, from
  /// another thread, cuts the first one short.
  public func drain(within seconds: Double) {
    var taken: (acceptor: NativeThread?, workers: [NativeThread]) = (nil, [])
    stage.update { stage in
      (taken.acceptor, taken.workers) = (stage.acceptor, stage.workers)
      (stage.listener, stage.acceptor, stage.workers) = (nil, nil, [])
    }
    bell.post(.stop)
    taken.acceptor?.join()
    for loop in loops { loop.post(.drain) }
    let (half, end) = (Clock.now + UInt64(max(0, seconds) / 2 * 1e9), Clock.now + UInt64(max(0, seconds) * 1e9))
    var awaitsBodies = true
    while counters.counts.openConnections > 0, Clock.now < end, !taken.workers.isEmpty {
      if awaitsBodies, Clock.now >= half {
        awaitsBodies = false
        for loop in loops { loop.post(.endBodies) }
      }
      usleep(2_000)
    }
    for loop in loops { loop.post(.stop) }
    for worker in taken.workers { worker.join() }
    while counters.openSinks > 0, Clock.now < end + 1_000_000_000 { usleep(2_000) }
  }

  public var counts: Counts {
    var counts = counters.counts
    (counts.bodyBytesInFlight, counts.answerBytesWaiting) = (pool.bytesInFlight, answers.total)
    return counts
  }
}
