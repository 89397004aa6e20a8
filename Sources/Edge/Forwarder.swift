public import Base
internal import Catalog
internal import Items
internal import Library
internal import Objects
internal import Store

/// The thread that brings what waits in a node's outbox to its centre: events first, films last, and never a film's end before an event.
///
/// A link that is gone is tried again, with growing rests. What the centre has is taken away here; everything that is cut in the middle is
/// sent again, which changes nothing there.
public final class Forwarder: Sendable {
  struct State {
    /// How much of the object that goes in pieces now is at the centre.
    var blob: (digest: String, offset: Int)?
    /// Objects that are whole there, as it said; those of the entries that go now.
    var whole: Set<String> = []
    /// Objects whose bytes the disk changed, or does not give.
    var damaged: Set<String> = []
    /// How often an object's file could not be read.
    var failures: [String: Int] = [:]
    /// The centre takes small objects one by one alone, as it said since the last fault.
    var isOneByOne = false
    /// What the entry that goes now waits for, as the centre said.
    var lacking: String?
    /// Lines whose next entry cannot go for now.
    var resting: [LedgerLine: Rest] = [:]
    /// How often is looked at what happened, and at what waits.
    var (reading, sending) = (IdlePace(), IdlePace())
    /// Attempts that failed one after the other.
    var failed = 0
    var until: UInt64 = 0
    /// Why the last attempt failed.
    var fault: Fault?
    var isOver = false
  }

  struct Rest {
    /// In monotonic nanoseconds.
    let until: UInt64
    /// Why: the centre does not take it, or it cannot be read here.
    let reason: String
  }

  let outbox: Outbox
  let link: any LedgerLink
  let chunk: Int
  let complain: @Sendable (Fault) -> Void
  let state = Monitor(State())
  private let threads: Monitor<[RepeatingThread]> = Monitor([])

  /// Milliseconds between two looks at what happened, and at what waits, while there is something.
  private static let interval = 200
  /// Nanoseconds for which a refused line rests, and between two attempts at a link that is gone, at most.
  private static let (rest, longest) = (UInt64(60_000_000_000), UInt64(60_000_000_000))

  /// `chunk` are the bytes of a piece of an object.
  ///
  /// `complain` hears of what fails, once for each reason in a row; not of a centre that is away.
  public init(_ outbox: Outbox, _ link: any LedgerLink, chunk: Int, complain: @escaping @Sendable (Fault) -> Void) {
    (self.outbox, self.link, self.chunk, self.complain) = (outbox, link, max(1, chunk), complain)
  }

  /// Begins; once.
  ///
  /// One thread puts in what happens, another sends: a link that hangs does not keep what happens from being written down.
  public func start() {
    let reader = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { [self] () throws(Fault) in
      guard state.update({ $0.reading.isDue() }) else { return }
      let hadSomething = try outbox.read(before: Clock.now + 2_000_000_000)
      let isClear = try outbox.clear()
      guard hadSomething || !isClear else { return }
      state.update { state in
        state.reading.wake()
        state.sending.wake()
      }
    }
    let sender = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { [self] in
      guard state.update({ $0.sending.isDue() }) else { return }
      work(before: Clock.now + 5_000_000_000)
    }
    threads.update { $0 = [reader, sender] }
  }

  /// Ends both threads, once what is on its way is over; call it once.
  public func stop() {
    state.update { $0.isOver = true }
    for thread in threads.update({ threads in
      defer { threads = [] }
      return threads
    }) { thread.stop() }
  }

  /// Why nothing is taken by the centre now; `nil` where it is.
  public var fault: Fault? { state.update(\.fault) }

  /// Why what a line has next is not taken by the centre, or cannot be read here: of such lines the most urgent; others go on.
  public var refusal: String? {
    state.update { state in state.resting.keys.min(by: LedgerLine.goesFirst).flatMap { state.resting[$0]?.reason } }
  }

  /// Sends until nothing waits that can go, or a moment in monotonic nanoseconds is reached.
  func work(before deadline: UInt64) {
    guard Clock.now >= state.update({ $0.until }) else { return }
    do throws(Fault) {
      while try step(), Clock.now < deadline { state.update { $0.sending.wake() } }
      state.update { ($0.failed, $0.fault) = (0, nil) }
    } catch {
      let isNews = state.update { state in
        defer { state.fault = error }
        (state.failed, state.isOneByOne) = (state.failed + 1, false)
        let rest = min(Self.longest, (1 << UInt64(min(state.failed - 1, 6))) * 1_000_000_000)
        state.until = Clock.now + rest / 4 * 3 + UInt64.random(in: 0...rest / 2)
        // That the centre is away its node's agent tells.
        return !state.isOver && state.fault != error && error.kind != .unavailable
      }
      if isNews { complain(error.at("what is forwarded")) }
    }
  }

  /// Sends one message; `false` where nothing waits that can go.
  func step() throws(Fault) -> Bool {
    // How wrong this machine's clock is comes with the first beat that is answered, before anything goes.
    guard outbox.clock.skew != nil else { return false }
    let now = Clock.now
    let resting = state.update { state in
      state.resting = state.resting.filter { $0.value.until > now }
      return Set(state.resting.keys)
    }
    let kinds = Set(LedgerLine.Kind.allCases.filter { !$0.hasBytes })
    if let batch = try outbox.next(kinds, bytes: chunk, resting: resting) {
      try send(batch)
      return true
    }
    let others = Set(LedgerLine.Kind.allCases.filter(\.hasBytes))
    // A picture whose event is not there yet would be passed over.
    let late = resting.filter { $0.kind == .event }.flatMap { event in others.map { LedgerLine($0, event.stream) } }
    let batch = try outbox.next(others, atMost: BlobPack.most, bytes: chunk, resting: resting.union(late))
    guard let batch else { return false }
    try forward(batch)
    return true
  }

  /// What cannot be read here waits, so that other lines go on.
  func rest(_ line: LedgerLine, _ fault: Fault) {
    let fault = fault.at("the line '\(line.text)' of what is forwarded")
    rest(line, for: fault.message)
    complain(fault)
  }

  private func rest(_ line: LedgerLine, for reason: String) {
    state.update { $0.resting[line] = Rest(until: Clock.now + Self.rest, reason: reason) }
  }

  func rest(_ line: LedgerLine, refused reason: String) {
    rest(line, for: reason)
    complain(Fault(.exhausted, "the centre does not take what the line '\(line.text)' has next: \(reason)"))
  }

  @discardableResult
  func send(_ batch: LedgerBatch) throws(Fault) -> LedgerAnswer {
    let answer = try LedgerAnswer(try link.send(batch.bytes))
    try outbox.take(answer)
    for line in answer.lines {
      if let refusal = line.refusal { rest(line.line, refused: refusal) }
    }
    return answer
  }
}
