/// The scheduler of an inference unit: who goes into the next batch, and which lane runs it.
///
/// A lane runs one batch after the other on a compiled copy. A batch starts as soon as a lane is free and takes what waits then;
/// it never waits to fill up. What waits is bounded, fair between sources and in time (see ``Intake``). A value: time is passed in, in
/// monotonic nanoseconds, and what is to be done is given back.
public struct BatchScheduler<Source: Hashable & Sendable, Item: Sendable>: Sendable {
  public typealias Portion = Intake<Source, Item>.Portion
  public typealias Ticket = Intake<Source, Item>.Ticket

  /// What a lane does.
  public struct Lane: Sendable {
    public enum Phase: Sendable { case idle, running, answering }

    /// Rows that fit into one batch.
    public let room: Int
    /// It runs one row on all cores: the quickest while requests come one by one.
    public let isLowLatency: Bool
    public fileprivate(set) var phase = Phase.idle
    /// What it runs, or ran last and answers now.
    public fileprivate(set) var batch: [Portion] = []
    /// Rows of that.
    public fileprivate(set) var rowCount = 0
    fileprivate var since: UInt64 = 0
  }

  /// What became of an item that asked to be let in.
  public enum Admission: Sendable {
    case accepted(Ticket)
    /// Its deadline has passed.
    case late
    /// Too much waits already, or it could not be answered in time: about so many nanoseconds of work stand before it.
    case refused(wait: Double)
    case closed
  }

  /// Lanes whose batch starts now; mostly one at most, which costs no memory.
  public struct Starts: Sendable {
    private var first: Int?
    private var others: [Int] = []

    public var isEmpty: Bool { first == nil }

    mutating func add(_ lane: Int) { if first == nil { first = lane } else { others.append(lane) } }

    public func forEach(_ body: (Int) -> Void) {
      if let first { body(first) }
      for lane in others { body(lane) }
    }
  }

  private var intake: Intake<Source, Item>
  public private(set) var lanes: [Lane] = []
  public private(set) var isClosed = false
  /// Rows of batches that failed, to be run on their own: one bad input must not take its neighbours with it.
  private var again: [Portion] = []
  /// Items in a row that found an idle unit.
  private var alone = 0
  /// Nanoseconds of one row, smoothed.
  private var rowTime = 0.0
  private var lowLatencyIsWished = false

  /// - Parameters:
  ///   - limit: rows that may wait.
  ///   - turn: rows that a source sends before the next one has its turn.
  public init(limit: Int, turn: Int) { intake = Intake(limit: limit, turn: turn) }

  /// Rows that wait.
  public var waiting: Int { intake.rows }

  /// Rows that run.
  public var running: Int { lanes.reduce(0) { $0 + ($1.phase == .running ? $1.rowCount : 0) } }

  /// Everything that was let in was answered.
  public var isIdle: Bool { !hasWork && lanes.allSatisfy { $0.phase == .idle } }

  private var hasWork: Bool { !intake.isEmpty || !again.isEmpty }

  /// One more copy that can run; gives its number.
  public mutating func addLane(room: Int, isLowLatency: Bool = false) -> Int {
    lanes.append(Lane(room: room, isLowLatency: isLowLatency))
    lanes[lanes.count - 1].batch.reserveCapacity(room)
    return lanes.count - 1
  }

  /// Lets nothing in any more.
  public mutating func close() { isClosed = true }

  /// Lets an item of `rows` rows in, or says why not; start what can start afterwards.
  public mutating func admit(
    _ item: Item, rows: Int, from source: Source, deadline: UInt64, now: UInt64
  ) -> Admission {
    guard !isClosed else { return .closed }
    guard deadline > now else { return .late }
    let wait = wait(rows: rows, from: source)
    guard Double(deadline - now) > wait, let ticket = intake.add(item, rows: rows, from: source, deadline: deadline)
    else { return .refused(wait: wait) }
    alone = running == 0 && intake.count == 1 ? alone + 1 : 0
    return .accepted(ticket)
  }

  /// Nanoseconds until the last of so many new rows would be answered.
  private func wait(rows: Int, from source: Source) -> Double {
    guard rowTime > 0 else { return 0 }
    let before = intake.isEmpty ? 0 : intake.rowsBefore(newRowOf: source)
    let working = Double(max(1, lanes.count { !$0.isLowLatency }))
    return (Double(before + rows - 1 + running) / working).rounded(.up) * rowTime
  }

  /// Forgets what still waits of an item.
  public mutating func remove(_ ticket: Ticket) { _ = intake.remove(ticket) }

  /// Takes out what is past its deadline.
  public mutating func takeLate(now: UInt64) -> [Item] { intake.isEmpty ? [] : intake.takeLate(now: now) }

  /// Gives batches to the lanes that are free, and puts what is past its deadline into `late`.
  ///
  /// Read the clock where no other item can come in between, so that nothing that waits came after `now`.
  public mutating func start(now: UInt64, late: inout [Item]) -> Starts {
    var starts = Starts()
    while hasWork, let lane = freeLane {
      if again.isEmpty {
        intake.take(lanes[lane].room, now: now, into: &lanes[lane].batch, late: &late)
      } else {
        lanes[lane].batch.append(again.removeFirst())
      }
      guard !lanes[lane].batch.isEmpty else { break }
      lanes[lane].rowCount = lanes[lane].batch.reduce(0) { $0 + $1.count }
      (lanes[lane].phase, lanes[lane].since) = (.running, now)
      starts.add(lane)
    }
    return starts
  }

  /// While rows come one by one, each gets all cores; else each lane works on its own.
  private var freeLane: Int? {
    if let lowLatency = lanes.firstIndex(where: \.isLowLatency) {
      if lanes[lowLatency].phase == .running { return nil }
      if alone > 2, intake.rows == 1, again.isEmpty, running == 0 {
        return lanes[lowLatency].phase == .idle ? lowLatency : nil
      }
    }
    return lanes.firstIndex { !$0.isLowLatency && $0.phase == .idle }
  }

  /// A lane's batch has run, and is answered now.
  public mutating func ran(on lane: Int, now: UInt64) {
    precondition(lanes[lane].phase == .running, "a lane ends what it does not run")
    let time = Double(now - lanes[lane].since) / Double(lanes[lane].rowCount)
    rowTime += (time - rowTime) * (rowTime == 0 ? 1 : 0.1)
    lanes[lane].phase = .answering
  }

  /// The batch of a lane failed as a whole: its rows run again, each alone.
  public mutating func retryAlone(on lane: Int) { again += lanes[lane].batch.flatMap(\.single) }

  /// A lane has handed its answers out.
  ///
  /// Let go of its batch before, and its memory is used again.
  public mutating func free(_ lane: Int) {
    lanes[lane].batch.removeAll(keepingCapacity: true)
    (lanes[lane].phase, lanes[lane].rowCount) = (.idle, 0)
  }

  /// Whether a batch has been running for longer than `stall` nanoseconds: the watchdog's question.
  public func isHung(now: UInt64, stall: UInt64) -> Bool {
    lanes.contains { $0.phase == .running && now > $0.since && now - $0.since > stall }
  }

  /// Whether rows come one by one and there is no lane yet that runs one on all cores; true once.
  public mutating func takeLowLatencyWish() -> Bool {
    guard alone > 2, !lowLatencyIsWished, !isClosed else { return false }
    lowLatencyIsWished = true
    return true
  }

  /// Closes, and gives everything that waits or runs; an item may be in it more than once.
  public mutating func abandon() -> [Item] {
    isClosed = true
    return intake.removeAll() + again.map(\.item) + lanes.flatMap { $0.batch.map(\.item) }
  }
}

extension Intake.Portion {
  /// Its rows one by one.
  var single: [Self] { (first..<first + count).map { Self(item: item, first: $0, count: 1, isLast: isLast) } }
}
