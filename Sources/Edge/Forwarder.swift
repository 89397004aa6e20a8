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
    /// How much of the object that goes now is at the centre.
    var blob: (digest: String, offset: Int)?
    /// Objects that are whole there, as it said; those of the entry that goes now.
    var whole: String?
    /// What the entry that goes now waits for, as the centre said.
    var lacking: String?
    /// Lines whose next entry cannot go for now.
    var resting: [LedgerLine: Rest] = [:]
    /// How often is looked at what happened, and at what waits.
    var (reading, sending) = (IdlePace(), IdlePace())
    var failures = 0
    var until: UInt64 = 0
    /// Why the last attempt failed.
    var fault: Fault?
    var isOver = false
  }

  struct Rest {
    /// In monotonic nanoseconds.
    let until: UInt64
    /// Why the centre does not take it, where that is the reason.
    let refusal: String?
  }

  let outbox: Outbox
  private let link: any LedgerLink
  private let chunk: Int
  private let complain: @Sendable (Fault) -> Void
  private let state = Monitor(State())
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

  /// Why the centre does not take what a line has next, of those whose next it refused the most urgent; others go on.
  public var refusal: String? {
    state.update { state in
      let refused = state.resting.filter { $0.value.refusal != nil }
      return refused.keys.min(by: LedgerLine.goesFirst).flatMap { refused[$0]?.refusal }
    }
  }

  /// Sends until nothing waits that can go, or a moment in monotonic nanoseconds is reached.
  func work(before deadline: UInt64) {
    guard Clock.now >= state.update({ $0.until }) else { return }
    do throws(Fault) {
      while try step(), Clock.now < deadline { state.update { $0.sending.wake() } }
      state.update { ($0.failures, $0.fault) = (0, nil) }
    } catch {
      let isNews = state.update { state in
        defer { state.fault = error }
        state.failures += 1
        let rest = min(Self.longest, (1 << UInt64(min(state.failures - 1, 6))) * 1_000_000_000)
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
    guard var batch = try outbox.next(others, atMost: 1, resting: resting.union(late)) else { return false }
    let line = batch.entries[0].line
    let bytes: Outbox.Bytes
    do throws(Fault) { bytes = try outbox.objects(of: batch.entries[0].entry) } catch {
      rest(line, error)
      return true
    }
    switch bytes {
    case .gone(let reason): batch.entries[0].gone = reason
    case .none: break
    case .there(let names):
      // What is there already, as behind a chain that began anew, does not go again.
      let lacking = state.update { $0.lacking }
      let isAsked = batch.entries[0].entry.kind.isAlone
      guard let name = names.first(where: { !isAsked || $0.digest == lacking }) else { break }
      guard try bring(name, of: line) else { return true }
    }
    let lacking = try send(batch).lines.first?.lacks
    state.update { ($0.blob, $0.whole, $0.lacking) = (nil, nil, lacking) }
    return true
  }

  /// What cannot be read here waits, so that other lines go on.
  private func rest(_ line: LedgerLine, _ fault: Fault) {
    rest(line, for: nil)
    complain(fault.at("the line '\(line.text)' of what is forwarded"))
  }

  private func rest(_ line: LedgerLine, for refusal: String?) {
    state.update { $0.resting[line] = Rest(until: Clock.now + Self.rest, refusal: refusal) }
  }

  private func rest(_ line: LedgerLine, refused reason: String) {
    rest(line, for: reason)
    complain(Fault(.exhausted, "the centre does not take what the line '\(line.text)' has next: \(reason)"))
  }

  @discardableResult
  private func send(_ batch: LedgerBatch) throws(Fault) -> LedgerAnswer {
    let answer = try LedgerAnswer(try link.send(batch.bytes))
    try outbox.take(answer)
    for line in answer.lines {
      if let refusal = line.refusal { rest(line.line, refused: refusal) }
    }
    return answer
  }

  /// Sends the next piece of an object; `true` once all of it is at the centre.
  private func bring(_ name: ObjectName, of line: LedgerLine) throws(Fault) -> Bool {
    let (known, isWhole) = state.update { state in
      (state.blob.flatMap { $0.digest == name.digest ? $0.offset : nil }, state.whole == name.digest)
    }
    if isWhole { return true }
    let offset = known ?? 0
    let (total, piece): (Int, [UInt8])
    do throws(Fault) {
      guard let reader = try outbox.library.objects.open(name) else { return true }
      // What the centre has of a longer one is asked first.
      let asks = known == nil && reader.byteCount > chunk
      total = reader.byteCount
      piece = asks ? [] : try reader.read(offset..<min(offset + chunk, total))
    } catch {
      rest(line, error)
      return false
    }
    switch try link.put(piece, of: name.digest, at: offset, total: total) {
    case .whole:
      state.update { ($0.blob, $0.whole) = (nil, name.digest) }
      return true
    case .part(let count):
      state.update { $0.blob = (name.digest, count) }
      return false
    case .refused(let reason):
      rest(line, refused: reason)
      return false
    }
  }
}

extension Outbox {
  /// The objects that go before an entry.
  enum Bytes {
    case none
    case there([ObjectName])
    case gone(String)
  }

  func objects(of entry: LedgerEntry) throws(Fault) -> Bytes {
    guard let body = entry.body else { return .gone("removed") }
    switch entry.kind {
    case .event, .gap: return .none
    case .picture:
      let note = try PictureNote(body)
      let event: StreamEvent
      do throws(Fault) { event = try library.event(note.event.text, client: note.client, scope: .all) } catch {
        guard error.kind == .notFound else { throw error }
        return .gone("removed")
      }
      guard event.snapshot == note.object else { return .gone(LedgerBatch.superseded) }
      return try bytes([note.object])
    case .recording:
      let asset = try Asset(Item(key: LibraryKeys.outboxPosition, version: ItemVersion(1), body: body))
      guard let item = try table.get(LibraryKeys.asset(asset.id)), try Asset(item).removed == nil else {
        return .gone("removed")
      }
      return try bytes([asset.object])
    case .analysis:
      let told = try ForwardedAnalysis(body)
      guard let now = try library.told(told.asset.id, pipeline: told.analysis.pipeline) else { return .gone("removed") }
      guard now.analysis.predictions.hasSameBytes(as: told.analysis.predictions),
        now.analysis.log.hasSameBytes(as: told.analysis.log)
      else { return .gone(LedgerBatch.superseded) }
      let found = try bytes(told.objects.map(\.digest))
      guard case .there = found else { return found }
      let byteCount = try library.open(told.analysis.predictions).byteCount
      return byteCount <= ForwardedAnalysis.mostPredictionBytes ? found : .gone("too large")
    }
  }

  private func bytes(_ digests: [String]) throws(Fault) -> Bytes {
    var names: [ObjectName] = []
    for digest in digests {
      guard let name = ObjectName(digest), let reader = try library.objects.open(name), reader.byteCount > 0 else {
        return .gone("removed")
      }
      names.append(name)
    }
    return .there(names)
  }
}
