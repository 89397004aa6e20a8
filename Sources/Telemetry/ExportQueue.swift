internal import Base
internal import Glibc
internal import Synchronization

/// What waits to be sent to one receiver, and the thread that sends it.
///
/// Whoever adds to it never waits for that: what has no room is dropped and counted.
final class ExportQueue<Record: Sendable>: Sendable {
  private struct State {
    var waiting: [Record] = []
    /// Since when the first of them waits.
    var since: UInt64 = 0
    var figures = TelemetryFigures()
    var added = 0
    /// Nothing more is to come, and what is here is sent until then.
    var end: UInt64?
  }

  /// Records that wait, at most, and how many are sent at a time.
  private static var limit: Int { 2048 }
  private static var batch: Int { 512 }
  /// Seconds before the second attempt; they are doubled for each one after it.
  private static var firstPause: Double { 1 }
  private static var mostAttempts: Int { 6 }
  /// A receiver may have itself waited for as long.
  private static var longestPause: Double { 300 }

  private let signal: TelemetrySettings.Signal
  private let receiver: TelemetrySettings.Receiver
  private let delay: UInt64
  private let encode: @Sendable ([Record], WallClock) -> [UInt8]
  private let complain: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let hasEnded = Monitor(false)
  private let thread = Mutex<NativeThread?>(nil)

  init(
    _ signal: TelemetrySettings.Signal, _ receiver: TelemetrySettings.Receiver, delaySeconds: Double,
    complain: @escaping @Sendable (String) -> Void, encode: @escaping @Sendable ([Record], WallClock) -> [UInt8]
  ) {
    (self.signal, self.receiver, self.encode, self.complain) = (signal, receiver, encode, complain)
    delay = UInt64(delaySeconds * 1e9)
    thread.withLock { $0 = NativeThread { [self] in run() } }
  }

  var figures: TelemetryFigures { state.withLock(\.figures) }

  func add(_ record: Record) {
    state.withLock { state in
      state.added += 1
      guard state.waiting.count < Self.limit, state.end == nil else { return state.figures.dropped += 1 }
      if state.waiting.isEmpty { state.since = Clock.now }
      state.waiting.append(record)
    }
  }

  /// Takes nothing more, and sends what waits at once; what is not sent by a moment of `Clock.now` is given up.
  func close(by end: UInt64) { state.withLock { $0.end = $0.end ?? end } }

  /// Waits for the end of what ``close(by:)`` began, and for a little longer: what is on its way then is asked once a second whether to go on.
  func finish(by end: UInt64) {
    let isDone = hasEnded.wait(before: end + Self.lastGlance) { $0 ? true : nil } ?? false
    let thread = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if isDone { thread?.join() } else { thread?.leave() }
    let lost = state.withLock { $0.added - $0.figures.sent }
    if lost > 0 { complain("\(lost) \(words) were lost") }
  }

  private static var lastGlance: UInt64 { 1_500_000_000 }

  private var words: String { signal == .traces ? "spans" : "lines of the log" }

  // MARK: the thread

  private func run() {
    let client = OTLPClient(receiver)
    var (clock, told) = (WallClock(), String?.none)
    while let batch = next() {
      clock.follow()
      let trouble = send(batch, encode(batch, clock), client)
      // Each reason is told once for as long as it lasts.
      if let trouble, trouble != told { complain(trouble) }
      told = trouble
    }
    hasEnded.update { $0 = true }
  }

  /// What is to be sent next, once it is time for it; `nil` at the end.
  private func next() -> [Record]? {
    while true {
      let (batch, isOver) = state.withLock { state -> ([Record]?, Bool) in
        if let end = state.end, state.waiting.isEmpty || Clock.now >= end { return (nil, true) }
        let isDue = state.end != nil || state.waiting.count >= Self.batch || Clock.now >= state.since + delay
        guard !state.waiting.isEmpty, isDue else { return (nil, false) }
        defer { state.waiting.removeFirst(min(Self.batch, state.waiting.count)) }
        return (Array(state.waiting.prefix(Self.batch)), false)
      }
      if batch != nil || isOver { return batch }
      usleep(Self.glance)
    }
  }

  /// Microseconds between two looks at whether there is something to do.
  private static var glance: UInt32 { 50_000 }

  /// Why it was not sent, or not all of it.
  private func send(_ batch: [Record], _ body: [UInt8], _ client: OTLPClient) -> String? {
    var (pause, attempt) = (Self.firstPause, 1)
    while true {
      let outcome = client.send(body) { state.withLock { $0.end.map { Clock.now < $0 } ?? true } }
      switch outcome {
      case .taken:
        state.withLock { $0.figures.sent += batch.count }
        return nil
      case .refused(let count, let reason):
        let refused = min(count, batch.count)
        state.withLock { state in
          state.figures.sent += batch.count - refused
          state.figures.refused += refused
        }
        return trouble(refused > 0 ? "it refused some: \(reason)" : "it says: \(reason)")
      case .denied(let reason): return lose(batch, reason)
      case .stopped: return lose(batch, "the program ends")
      case .again(let reason, let after):
        let isLast = state.withLock { $0.end != nil } || attempt >= Self.mostAttempts
        guard !isLast else { return lose(batch, reason) }
        rest(min(Self.longestPause, after ?? pause * .random(in: 0.5...1.5)))
        (pause, attempt) = (pause * 2, attempt + 1)
      }
    }
  }

  private func lose(_ batch: [Record], _ reason: String) -> String {
    state.withLock { $0.figures.failed += batch.count }
    return trouble(reason)
  }

  private func trouble(_ reason: String) -> String { "\(receiver.shown) does not take the \(words): \(reason)" }

  /// Until the time is over, or the program ends.
  private func rest(_ seconds: Double) {
    let until = Clock.now + UInt64(seconds * 1e9)
    while Clock.now < until, state.withLock({ $0.end == nil }) { usleep(Self.glance) }
  }
}

/// What became of what was to be sent.
public struct TelemetryFigures: Sendable, Hashable {
  /// The receiver has it.
  public internal(set) var sent = 0
  /// There was no room for it.
  public internal(set) var dropped = 0
  /// The receiver could not be reached, or took none of it.
  public internal(set) var failed = 0
  /// The receiver took others of the same message, and not these.
  public internal(set) var refused = 0

  public init() {}

  /// What nobody will see.
  public var lost: Int { dropped + failed + refused }
}
