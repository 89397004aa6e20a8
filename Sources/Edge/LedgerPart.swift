public import Base
internal import Catalog
internal import Items
public import JSON
internal import Store

/// The part of a node that forwards: the outbox, what sends it, the clock, and the ranges that the centre asks for.
public final class LedgerPart: NodePart {
  public let name = "ledger"
  public let outbox: Outbox
  public let budget: LinkBudget
  private let agent = Monitor<NodeAgent?>(nil)
  private let wanted = Monitor<FetchOrders?>(nil)
  private let said = Monitor<[UInt8]?>(nil)
  private let forwarder = Monitor<Forwarder?>(nil)
  private let thread = Monitor<RepeatingThread?>(nil)
  private let keeper: EdgeStore?
  /// A centre answered a beat of this library's node before this start.
  public let wasJoined: Bool
  private let complain: @Sendable (Fault) -> Void

  /// Milliseconds between two looks at what the centre wants, and at what is to be said.
  private static let interval = 1000

  /// `complain` hears of what fails.
  public init(_ outbox: Outbox, complain: @escaping @Sendable (Fault) -> Void) throws(Fault) {
    (self.outbox, self.complain) = (outbox, complain)
    budget = LinkBudget(bytesPerSecond: outbox.rules.rate)
    keeper = outbox.rules.store.map { EdgeStore(outbox, byteCount: $0) }
    let item = try outbox.table.get(LibraryKeys.outboxClock)
    wasJoined = item != nil
    if let item {
      outbox.clock.known = try ClockOffset(item.body, boot: outbox.clock.moment.boot)
    }
  }

  /// Begins to forward over an agent's connection; once, before the agent is started.
  public func start(over agent: NodeAgent) {
    self.agent.update { $0 = agent }
    let link = CentreLink(budget) { agent.connection }
    let made = Forwarder(outbox, link, chunk: budget.chunk, complain: complain)
    made.start()
    forwarder.update { $0 = made }
    let begun = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { [self] () throws(Fault) in
      try work()
    }
    thread.update { $0 = begun }
  }

  /// Ends all threads; call it once.
  public func stop() {
    budget.end()
    forwarder.update { $0.take() }?.stop()
    thread.update { $0.take() }?.stop()
  }

  func work() throws(Fault) {
    if let wanted = wanted.update({ $0.take() }) {
      if let life = wanted.lost { try outbox.restart(lost: life) }
      let known = try outbox.doneOrders().map(\.id)
      for order in wanted.orders { _ = try outbox.put(order) }
      try outbox.forgetOrders(but: Set(wanted.orders.map(\.id)))
      if wanted.orders.contains(where: { !known.contains($0.id) }) { agent.update { $0 }?.beatNow() }
    }
    try keeper?.round()
    let ends = try outbox.report()?.json
    // A part of a report has 8 KiB: where many lines fill it, the centre hears of open events by their own entries alone.
    let open = (ends?.count ?? 0) < 6000 ? try outbox.openEvents() : nil
    let (orders, skew) = (try outbox.doneOrders(), outbox.clock.skew)
    let (bytes, forwarder) = (budget.byteCounts, forwarder.update { $0 })
    let json = JSONWriter.object(capacity: 4096) { json in
      if let ends { json.field("ends", embedding: ends) }
      if let open { json.field("open", open) }
      json.array("fetches") { json in for order in orders.suffix(8) { json.object(order.write) } }
      json.field("skew_ms", ifKnown: skew)
      json.field("sent_bytes", bytes.sent)
      json.field("received_bytes", bytes.received)
      json.field("rate", ifKnown: budget.rate)
      json.field("problem", ifKnown: forwarder?.fault.map { String($0.message.prefix(300)) })
      json.field("refusal", ifKnown: forwarder?.refusal.map { String($0.prefix(300)) })
    }
    said.update { $0 = json }
  }

  // MARK: the agent's thread

  public func report() -> [UInt8]? { said.update { $0 } }

  public func take(_ order: JSONValue) {
    do throws(Fault) {
      let orders = try FetchOrders(order)
      wanted.update { $0 = orders }
    } catch { complain(error.at("what the centre wants of the ledger")) }
  }

  /// About what a beat has beside what is said here.
  private static let (beatSent, beatReceived) = (900, 700)

  public func heard(_ times: BeatTimes) {
    budget.spend(sent: Self.beatSent + (said.update { $0 }?.count ?? 0), received: Self.beatReceived)
    let before = outbox.clock.known
    outbox.clock.take(
      ClockOffset.Sample(sent: times.sent, had: times.had, answered: times.answered, got: times.got))
    let known = outbox.clock.known
    guard known.ahead != before.ahead else { return }
    _ = try? outbox.table.write([.put(LibraryKeys.outboxClock, known.json)])
  }
}

/// What a node says of its ledger with a beat, as the centre reads it.
public struct LedgerWord: Sendable, Hashable {
  public let ends: LedgerReport?
  public let fetches: [FetchOrder]
  /// The ids of all events that are open at the node; `nil` where it does not say them, as where they are many.
  public let open: [String]?
  /// Milliseconds that the node's wall clock is behind the centre's, as the node measured it.
  public let skew: Int?
  /// Why the centre does not take what it has next of some line; `nil` where it takes all.
  public let refusal: String?

  private enum Key: String, CaseIterable { case ends, fetches, open, refusal, skew = "skew_ms" }

  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    ends = try fields[.ends].map { (value) throws(Fault) in try LedgerReport(value) }
    var fetches: [FetchOrder] = []
    if let value = fields[.fetches] { for one in try value.elements() { fetches.append(try FetchOrder(one)) } }
    self.fetches = fetches
    open = try fields[.open].map { (value) throws(Fault) in
      var ids: [String] = []
      for one in try value.elements() { ids.append(try one.string()) }
      return ids
    }
    skew = try fields[.skew]?.integer()
    refusal = try fields[.refusal]?.string()
  }
}
