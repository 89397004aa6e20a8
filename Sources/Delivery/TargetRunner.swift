internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// How telling one target goes.
public struct TargetFigures: Sendable, Hashable {
  public let client: String
  public let target: String
  public var waiting = 0
  /// When the one was noted that waits longest, in milliseconds since 1970.
  public var oldest: Int?
  /// Since this process tells.
  public var delivered = 0
  public var failed = 0
  public var dead = 0
  public var leftOut = 0
  /// Why it could not be reached last; `nil` once it took something.
  public var trouble: String?

  init(client: String, target: String) { (self.client, self.target) = (client, target) }
}

/// Tells one target what waits for it, on threads of its own: what hangs there holds up no other.
final class TargetRunner: Sendable {
  typealias MakeSender = @Sendable (DeliveryTarget) throws(Fault) -> any NoticeSender

  struct State {
    var queue: NoticeQueue
    var figures: TargetFigures
    var isStopped = false
    var running = 0
    /// The number up to which it has taken over what waits.
    var number = -1
  }

  let known: KnownTarget
  let state: Monitor<State>
  private let library: Library
  private let pace: DeliveryPace
  private let links: LinkSigner?
  private let make: MakeSender
  private let complain: @Sendable (Fault) -> Void

  /// Notices to one webhook at a time, each of another stream; what goes to a broker goes over one connection.
  private static let lanes = 4
  /// Nanoseconds after which it is looked at again what is due.
  private static let glance: UInt64 = 100_000_000
  /// Nanoseconds between two calls of a sender that has nothing to tell.
  private static let breath: UInt64 = 200_000_000

  init(
    _ known: KnownTarget, _ library: Library, _ pace: DeliveryPace, links: LinkSigner?,
    complain: @escaping @Sendable (Fault) -> Void, make: @escaping MakeSender
  ) {
    (self.known, self.library, self.pace, self.links, self.make) = (known, library, pace, links, make)
    self.complain = complain
    let target = known.target
    state = Monitor(
      State(
        queue: NoticeQueue(patience: Int(pace.patience * 1000), isPaused: target.pause != nil),
        figures: TargetFigures(client: target.client, target: target.name)))
    state.update { $0.running = 1 }
    begin()
  }

  var figures: TargetFigures {
    state.update { state in
      var figures = state.figures
      (figures.waiting, figures.oldest) = (state.queue.count, state.queue.oldest)
      return figures
    }
  }

  /// Takes over what was noted since, where `number` is that of the last notice.
  func refresh(upTo number: Int) throws(Fault) {
    guard state.update(\.number) != number else { return }
    let partition = DeliveryDesk.partition(known.target.client, known.target.name, .waiting)
    var token: PageToken?
    repeat {
      let last = state.update(\.queue.last)
      let query = Query(
        partition, .between(CompositeKey.number(last + 1), CompositeKey.number(.max)), limit: ItemLimits.pageCount)
      let page = try library.table.entries(of: LibrarySchema.noticeState, query, after: nil)
      let found = try page.elements.map { (entry) throws(Fault) in try WaitingNotice(entry) }
      state.update { state in for notice in found { state.queue.add(notice) } }
      token = page.next
    } while token != nil
    state.update { $0.number = number }
    grow()
  }

  /// Has as many threads as streams have something waiting, up to the most.
  private func grow() {
    let most = known.target.kind == .webhook ? Self.lanes : 1
    let new = state.update { state in
      let new = max(0, min(most, state.queue.streamCount) - state.running)
      state.running += new
      return new
    }
    for _ in 0..<new { begin() }
  }

  private func begin() {
    NativeThread { [self] in
      run()
      state.update { $0.running -= 1 }
    }.leave()
  }

  /// Asks it to end; what is being told is broken off.
  func ask() { state.update { $0.isStopped = true } }

  /// Whether its threads have ended by a moment in monotonic nanoseconds.
  func hasEnded(by moment: UInt64) -> Bool {
    state.wait(before: moment) { $0.running == 0 ? true : nil } ?? false
  }

  private func run() {
    // A broker hears from the start that somebody would tell.
    var sender = known.target.kind == .mqtt && known.target.pause == nil ? try? make(known.target) : nil
    while let step = next(resting: { sender?.rest() }) {
      do throws(Fault) {
        switch step {
        case .tell(let waiting): try tell(waiting, &sender)
        case .expire(let waiting): try expire(waiting)
        case .leaveOut(let passed): try leaveOut(passed)
        }
      } catch {
        // The library did not answer, so that what is known of the notice is what was known before.
        complain(error.at("the target '\(known.target.name)'"))
        let stream = step.stream
        state.update { $0.queue.putBack(stream, until: library.now + 1000) }
      }
    }
  }

  /// `nil` in the end.
  private func next(resting rest: () -> Void) -> NoticeQueue.Step? {
    var rested = Clock.now
    while true {
      if Clock.now - rested > Self.breath {
        rest()
        rested = Clock.now
      }
      let found = state.wait(before: Clock.now + Self.glance) { state -> NoticeQueue.Step?? in
        if state.isStopped { return .some(nil) }
        return state.queue.next(at: library.now).map { .some($0) }
      }
      if let found { return found }
    }
  }

  private func tell(_ waiting: WaitingNotice, _ sender: inout (any NoticeSender)?) throws(Fault) {
    guard let item = try library.table.get(waiting.key), let notice = try? Notice(item),
      notice.state == .waiting, notice.number == waiting.number
    else {
      // Removed, or told by another meanwhile.
      return state.update { $0.queue.settle(waiting.stream) }
    }
    let body = NoticeBody.json(notice, links: links)
    let telling: Telling
    do throws(Fault) {
      if sender == nil { sender = try make(known.target) }
      telling =
        sender?.tell(notice, body, at: library.now / 1000) { !state.update(\.isStopped) } ?? Telling(verdict: .stopped)
    } catch {
      telling = Telling(verdict: .again(isOfTarget: true, after: nil), reason: error.message)
    }
    try settle(item, notice, waiting, telling)
  }

  private func settle(
    _ item: Item, _ old: Notice, _ waiting: WaitingNotice, _ telling: Telling
  ) throws(Fault) {
    var (notice, random) = (old, SystemRandomNumberGenerator())
    notice.add(Notice.Attempt(at: library.now, status: telling.status, reason: telling.reason))
    let stream = waiting.stream
    switch telling.verdict {
    case .stopped: return state.update { $0.queue.putBack(stream, until: 0) }
    case .taken:
      (notice.state, notice.due) = (.delivered, 0)
      try write(notice, over: item)
      state.update { state in
        state.figures.delivered += 1
        state.figures.trouble = nil
        state.queue.settle(stream, isTaken: true)
      }
    case .again(let isOfTarget, let after):
      let failures = state.update { isOfTarget ? $0.queue.failures + 1 : $0.queue.failures(of: stream) }
      let own = pace.pause(after: failures, most: isOfTarget ? pace.longestProbe : pace.longest, &random)
      let until = library.now + max(own, Int(min(after ?? 0, pace.longestAsked) * 1000))
      notice.due = until
      state.update { state in
        state.figures.failed += 1
        state.figures.trouble = telling.reason
      }
      let isWritten = try write(notice, over: item)
      state.update { state in
        if !isWritten { return state.queue.settle(stream) }
        if isOfTarget {
          state.queue.restAll(after: stream, until: until)
        } else {
          state.queue.rest(stream, until: until)
        }
      }
    case .gone:
      try write(notice, over: item)
      state.update { state in
        state.figures.failed += 1
        state.queue.isPaused = true
        state.queue.putBack(stream, until: 0)
      }
      try pause(telling.reason ?? "")
    }
  }

  /// Whether nobody changed it meanwhile.
  @discardableResult
  private func write(_ notice: Notice, over item: Item) throws(Fault) -> Bool {
    if case .committed = try library.table.write([.put(item.key, notice.json, if: .version(item.version))]) {
      return true
    }
    return false
  }

  private func pause(_ reason: String) throws(Fault) {
    var target = known.target
    target.pause = reason
    if target.isConfigured { target.credentials = DeliveryTarget.Credentials() }
    let key = LibraryKeys.target(target.client, target.name)
    _ = try library.table.write([.put(key, target.json, if: .version(known.version))])
    complain(Fault(.closed, "the target '\(target.name)' of '\(target.client)' is paused: \(reason)"))
  }

  private func expire(_ waiting: WaitingNotice) throws(Fault) {
    if let item = try library.table.get(waiting.key), var notice = try? Notice(item), notice.state == .waiting,
      notice.number == waiting.number
    {
      (notice.state, notice.due) = (.dead, 0)
      try write(notice, over: item)
    }
    state.update { state in
      state.figures.dead += 1
      state.queue.settle(waiting.stream)
    }
  }

  private func leaveOut(_ passed: [WaitingNotice]) throws(Fault) {
    _ = try library.table.write(passed.map { .delete($0.key) })
    state.update { state in
      state.figures.leftOut += passed.count
      if let stream = passed.first?.stream { state.queue.settle(stream, count: passed.count) }
    }
  }
}

extension NoticeQueue.Step {
  var stream: String {
    switch self {
    case .tell(let notice), .expire(let notice): notice.stream
    case .leaveOut(let passed): passed.first?.stream ?? ""
    }
  }
}
