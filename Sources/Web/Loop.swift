internal import Base
internal import CEpoll
internal import Glibc
internal import Synchronization

/// An event loop: one thread that waits in epoll for many connections and serves whichever has something to do.
///
/// While it sleeps, a thread that has an answer does the loop's work in its place: the answer goes out without waking a thread.
@safe final class Loop: @unchecked Sendable {  // the thread that holds `loopLock` does the work; the rest says so
  let handler: any RequestHandler
  let limits: Limits
  let pool: BodyPool
  /// What answers may hold together until their clients take them.
  let answers: ByteBudget
  let counters: ServerCounters
  let tls: TLSContext?
  /// Where sinks work.
  let sinkThreads: BodyThreads
  /// Where sources read.
  let sourceThreads: BodyThreads
  /// How many connections it has, those on their way to it included; any thread.
  let load = Atomic<Int>(0)
  private let mailbox: Mailbox
  private let epoll: Int32
  /// Held by the loop's thread, but while it sleeps.
  private let loopLock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Which thread holds it.
  private let holder = Atomic<UInt>(0)

  // Only for the thread that holds it:
  private(set) var now = Clock.now
  private(set) var isDraining = false
  var timerWheel: TimerWheel<Connection>
  var date = DateLine()
  /// For heads of answers; empty between uses but for its capacity.
  var scratch: [UInt8] = []
  /// For what is read.
  let block: UnsafeMutableRawBufferPointer
  private let events: UnsafeMutablePointer<epoll_event>
  private var table = ConnectionTable()
  private var waiting: [Connection] = []
  private var again: [Connection] = []
  private var records: [Record] = []
  private var gone: [Call] = []
  /// Of sinks that have something to do: each is woken once for all that is read at a time.
  private var fed: [BodyFeed] = []
  private var isStopping = false
  /// When it wakes by itself, in monotonic nanoseconds.
  private var wakesAt: UInt64 = 0

  private static let eventCount = 256
  private static let mailTag = UInt64.max

  init(
    handler: any RequestHandler, limits: Limits, pool: BodyPool, answers: ByteBudget, counters: ServerCounters,
    sinkThreads: BodyThreads, sourceThreads: BodyThreads, tls: TLSContext? = nil
  ) throws(Fault) {
    (self.handler, self.limits, self.pool, self.answers) = (handler, limits, pool, answers)
    (self.counters, self.tls) = (counters, tls)
    (self.sinkThreads, self.sourceThreads) = (sinkThreads, sourceThreads)
    mailbox = try Mailbox()
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    unsafe block = .allocate(byteCount: 64 << 10, alignment: 64)
    unsafe events = .allocate(capacity: Self.eventCount)
    unsafe pthread_mutex_init(loopLock, nil)
    timerWheel = TimerWheel(now: now)
    scratch.reserveCapacity(32 << 10)
    guard epoll >= 0,
      ridley_epoll_control(epoll, EPOLL_CTL_ADD, mailbox.descriptor, EPOLLIN.rawValue, Self.mailTag) == 0
    else { throw Fault(.exhausted, "there are no file descriptors left") }
  }

  deinit {
    close(epoll)
    unsafe block.deallocate()
    unsafe events.deallocate()
    unsafe pthread_mutex_destroy(loopLock)
    unsafe loopLock.deallocate()
  }

  // MARK: for any thread

  func post(_ message: Message) { mailbox.post(message) }

  /// Gives an answer to its connection: at once where the loop sleeps or this is its thread, else through the mailbox.
  func answer(_ call: Call, _ response: Response, _ flow: Flow?) {
    if isHere {
      hand(call, response, flow)
    } else if flow == nil, enterIfAsleep() {
      now = Clock.now
      hand(call, response, nil)
      settle()
      let oversleeps = timerWheel.end < wakesAt || !again.isEmpty
      leave()
      if oversleeps { mailbox.wake() }
    } else if !mailbox.post(.answer(call, response, flow)) {
      flow?.leave()
    }
  }

  /// Runs something on the loop's thread; false where the loop is over.
  @discardableResult func run(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard isHere else { return mailbox.post(.run(body)) }
    body()
    return true
  }

  /// Whether this thread does the loop's work now.
  private var isHere: Bool { holder.load(ordering: .relaxed) == currentThread() }

  private func enterIfAsleep() -> Bool {
    guard unsafe pthread_mutex_trylock(loopLock) == 0 else { return false }
    holder.store(currentThread(), ordering: .relaxed)
    return true
  }

  // MARK: its thread

  /// Returns once it was told to stop and has closed all connections.
  func serve() {
    ridley_block_signals()
    enter()
    defer { leave() }
    while !isStopping || table.count > 0 { turn() }
    for message in mailbox.shut() {
      switch message {
      case .answer(_, _, let flow?): flow.leave()
      case .run(let body): body()
      default: break
      }
    }
  }

  /// From now on this thread does the loop's work.
  func enter() {
    unsafe pthread_mutex_lock(loopLock)
    holder.store(currentThread(), ordering: .relaxed)
  }

  func leave() {
    holder.store(0, ordering: .relaxed)
    unsafe pthread_mutex_unlock(loopLock)
  }

  /// Does all there is to do, and says whether there was anything; sleeps until there is, or until a deadline.
  @discardableResult func turn(sleeps: Bool = true) -> Bool {
    let wait = sleeps && again.isEmpty ? timerWheel.wait(from: now) : 0
    wakesAt = timerWheel.end
    leave()
    let count = unsafe epoll_wait(epoll, events, Int32(Self.eventCount), wait)
    enter()
    now = Clock.now
    for place in 0..<max(0, count) {
      let (tag, bits) = unsafe (ridley_event_tag(events, place), ridley_event_bits(events, place))
      if tag == Self.mailTag {
        for message in mailbox.take() { obey(message) }
      } else {
        table[tag]?.handle(bits)
      }
      settle()
    }
    readAgain()
    for connection in timerWheel.advance(to: now) where !connection.isClosed { connection.expire(now) }
    settle()
    return count > 0 || !again.isEmpty
  }

  /// Those that have read their share and may have more, though epoll will not say so.
  private func readAgain() {
    guard !again.isEmpty else { return }
    var round: [Connection] = []
    swap(&round, &again)
    for connection in round where !connection.isClosed {
      connection.handle(EPOLLIN.rawValue)
      settle()
    }
  }

  private func obey(_ message: Message) {
    switch message {
    case .adopt(let descriptor, let peer): adopt(descriptor, peer)
    case .answer(let call, let response, let flow):
      hand(call, response, flow)
      settle()
    case .flow(let call):
      call.connection.session?.flow(call)
      settle()
    case .fed(let feed):
      feed.connection.session?.fed(feed)
      settle()
    case .run(let body): body()
    case .endBodies:
      for connection in table.all { connection.session?.endBodies() }
      settle()
    case .drain:
      isDraining = true
      for connection in table.all { connection.drain() }
    case .stop:
      (isDraining, isStopping) = (true, true)
      for connection in table.all { connection.close() }
    }
  }

  private func hand(_ call: Call, _ response: Response, _ flow: Flow?) {
    if let session = call.connection.session { session.answer(call, response, flow) } else { flow?.leave() }
  }

  private func adopt(_ descriptor: Int32, _ peer: Peer) {
    let connection = table.add { Connection(self, descriptor, peer: peer, tag: $0) }
    guard ridley_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, connection.events, connection.tag) == 0, !isStopping,
      !connection.isBroken
    else { return connection.close() }
    connection.arm(limits.headSeconds)
    if isDraining { connection.drain() }
  }

  /// What connections put off until none is in the middle of anything; each may put off more.
  private func settle() {
    defer { while let feed = fed.popLast() { feed.goOn() } }
    while !waiting.isEmpty || !gone.isEmpty || !records.isEmpty {
      while let connection = waiting.popLast() { connection.proceed() }
      while let call = gone.popLast() { call.leave() }
      var place = 0
      while place < records.count {
        handler.ended(records[place])
        place += 1
      }
      records.removeAll(keepingCapacity: true)
    }
  }

  // MARK: for its connections

  func readAgain(_ connection: Connection) { again.append(connection) }

  func ready(_ connection: Connection) { waiting.append(connection) }

  /// The client of this call left, which is told when no connection is in the middle of anything.
  func left(_ call: Call) { gone.append(call) }

  func wakesSink(of feed: BodyFeed) { fed.append(feed) }

  func ended(_ record: Record) {
    counters.served(record)
    records.append(record)
  }

  /// Waits for what the connection now wants to know.
  func watch(_ connection: Connection) {
    _ = ridley_epoll_control(epoll, EPOLL_CTL_MOD, connection.descriptor, connection.events, connection.tag)
  }

  /// The connection is about to be closed.
  ///
  /// Closing takes it out of epoll only where no forked process has it too.
  func forget(_ connection: Connection) {
    _ = ridley_epoll_control(epoll, EPOLL_CTL_DEL, connection.descriptor, 0, 0)
    timerWheel.remove(connection)
    table.remove(connection.tag)
    load.subtract(1, ordering: .relaxed)
    counters.closed(connection.peer)
  }
}

/// An address that tells threads apart; in one place, because each copy of the C function has addresses of its own.
@inline(never) private func currentThread() -> UInt { unsafe UInt(bitPattern: ridley_thread()) }
