internal import Base
internal import Batching
internal import Inference
internal import Isolation

/// The asynchronous, always-on part that owns one compiled network and turns asks into batches.
///
/// A batch starts as soon as a compiled copy is free and takes what waits then; nobody waits for it to fill. What waits is
/// bounded, fair between sources and dropped once it is late.
final class Unit: Sendable {
  /// Why an ask was not let in.
  struct Refusal: Error {
    /// Seconds after which there may be room.
    let retryAfter: Double
    let fault: Fault
  }

  struct Limits: Sendable {
    /// Rows that may wait.
    var queue = 256
    /// Nanoseconds after which a running inference counts as hung.
    var stall: UInt64 = 30_000_000_000
  }

  private let core: UnitCore

  private let worker: Worker

  init(_ network: CompiledNetwork, limits: Limits, ledger: Ledger, mark: Witness.Mark) throws(Fault) {
    let core = try UnitCore(network, limits, ledger, mark)
    self.core = core
    worker = Worker { core.answer() }
  }

  /// What is left is failed, and freed on a thread that is not the engine's: the last owner may be its callback.
  deinit {
    let (core, worker) = (core, worker)
    core.close()
    Background.run {
      core.drain()
      core.finish()
      worker.join()
    }
  }

  /// A network compiled for one inference on all cores, used while asks come one by one.
  func add(solo network: CompiledNetwork) throws(Fault) { try core.add(network, isSolo: true) }

  func submit(_ ask: Ask) throws(Refusal) { try core.submit(ask) }

  /// It may be answered all the same, if the engine has it already.
  func cancel(_ ask: Ask) { core.cancel(ask) }

  /// Lets nobody in any more, and sleeps until everything accepted was answered.
  func drain() {
    core.close()
    core.drain()
  }

  /// Asks come one by one, and there is no copy yet that works on one with all cores; true once.
  func takeWishForSolo() -> Bool { core.takeWishForSolo() }

  /// Drops what is late; says whether an inference hangs.
  func check(now: UInt64) -> Bool { core.check(now: now) }

  /// Fails everything inside, because the engine does not come back.
  func abandon(_ fault: Fault) { core.abandon(fault) }

  var load: (waiting: Int, running: Int) { core.load }
}

/// What asks, the engine's callbacks and the clock share.
final class UnitCore: @unchecked Sendable {  // stations are used by their current owner only
  /// A compiled copy, and two places to run in it: one is read while the other runs.
  struct Lane {
    let isSolo: Bool
    var idle: [Int]
    var running: Int?
    var since: UInt64 = 0
  }

  struct Desk {
    var intake: Intake<String, Ask>
    var lanes: [Lane] = []
    var stations: [Station] = []
    /// Asks in a row that found nobody else.
    var alone = 0
    /// Nanoseconds of one row, smoothed.
    var rowTime = 0.0
    /// Batches that run or are being read.
    var busy = 0
    /// Batches that ended and wait to be read.
    var ended: [Station] = []
    /// Rows of batches that failed, to be run on their own: one bad input must not take its neighbours with it.
    var again: [Intake<String, Ask>.Portion] = []
    var soloIsWished = false
    var isClosed = false
    var isOver = false

    /// Something waits for a copy.
    var hasWork: Bool { !intake.isEmpty || !again.isEmpty }

    var running: Int { lanes.count { $0.running != nil } }
  }

  /// A batch that starts.
  struct Start {
    let station: Station
    let portions: [Intake<String, Ask>.Portion]
  }

  let network: CompiledNetwork
  let limits: Unit.Limits
  let ledger: Ledger
  private let desk: Monitor<Desk>
  private let mark: Witness.Mark

  init(_ network: CompiledNetwork, _ limits: Unit.Limits, _ ledger: Ledger, _ mark: Witness.Mark) throws(Fault) {
    (self.network, self.limits, self.ledger, self.mark) = (network, limits, ledger, mark)
    desk = Monitor(Desk(intake: Intake(limit: limits.queue, turn: network.batch)))
    try add(network, isSolo: false)
  }

  /// Uses all copies of a network that are there.
  func add(_ network: CompiledNetwork, isSolo: Bool) throws(Fault) {
    for copy in 0..<network.readyCopies {
      for _ in 0..<2 {
        let number = desk.update { $0.stations.count }
        let station = try Station(number: number, network, copy: copy) { [unowned self] in ended($0) }
        desk.update { $0.stations.append(station) }
      }
      desk.update { $0.lanes.append(Lane(isSolo: isSolo, idle: [$0.stations.count - 2, $0.stations.count - 1])) }
    }
  }

  var load: (waiting: Int, running: Int) {
    desk.update { desk in
      (
        desk.intake.rows,
        desk.lanes.reduce(0) { $0 + ($1.running.map { desk.stations[$0].rowCount } ?? 0) }
      )
    }
  }

  func submit(_ ask: Ask) throws(Unit.Refusal) {
    let now = Clock.now
    var late: [Ask] = []
    let starts = try desk.update { (desk) throws(Unit.Refusal) -> [Start] in
      guard !desk.isClosed else {
        throw Unit.Refusal(retryAfter: 0, fault: Fault(.closed, "the model was replaced in this moment"))
      }
      if ask.deadline <= now {
        ask.arrived = now
        late.append(ask)
        return []
      }
      let wait = desk.wait(for: ask)
      guard ask.deadline > now + UInt64(wait), let ticket = admit(ask, &desk) else {
        ledger.add(.refused)
        throw refusal(after: wait, desk)
      }
      desk.alone = desk.busy == 0 && desk.intake.count == 1 ? desk.alone + 1 : 0
      (ask.ticket, ask.arrived) = (ticket, now)
      return desk.starts(now: now, &late)
    }
    if !starts.isEmpty { ledger.started(.arrival) }
    run(starts)
    end(late, .late)
  }

  private func admit(_ ask: Ask, _ desk: inout Desk) -> Int? {
    desk.intake.add(ask, rows: ask.rowCount, from: ask.source, deadline: ask.deadline)
  }

  private func refusal(after wait: Double, _ desk: Desk) -> Unit.Refusal {
    let fault = Fault(
      .exhausted,
      "\(desk.intake.rows) inputs wait already, about \(Int(wait / 1e6)) ms of work: ask again later, or less often")
    return Unit.Refusal(retryAfter: max(0.01, wait / 1e9), fault: fault)
  }

  func cancel(_ ask: Ask) {
    let isOver = desk.update { desk in
      guard let ticket = ask.ticket, !ask.isOver else { return false }
      ask.isOver = true
      _ = desk.intake.remove(ticket)
      return true
    }
    if isOver { finish(ask, .cancelled) }
  }

  /// Late asks are answered even while the engine is busy with something long.
  func check(now: UInt64) -> Bool {
    let (late, hangs) = desk.update { desk in
      (
        desk.intake.isEmpty ? [] : desk.intake.takeLate(now: now),
        desk.lanes.contains { $0.running != nil && now > $0.since && now - $0.since > limits.stall }
      )
    }
    end(late, .late)
    return hangs
  }

  func close() { desk.update { $0.isClosed = true } }

  func drain() { desk.wait { !$0.hasWork && $0.busy == 0 ? () : nil } }

  func takeWishForSolo() -> Bool {
    desk.update { desk in
      guard desk.alone > 2, !desk.soloIsWished, !desk.isClosed else { return false }
      desk.soloIsWished = true
      return true
    }
  }

  func abandon(_ fault: Fault) {
    let asks = desk.update { desk in
      desk.isClosed = true
      var asks = desk.intake.removeAll()
      for lane in desk.lanes {
        guard let running = lane.running else { continue }
        asks += desk.stations[running].portions.map(\.item)
      }
      return asks
    }
    end(asks, .failed(fault))
  }

  private func run(_ starts: [Start]) {
    for start in starts {
      mark.begin()
      do throws(Fault) {
        try start.station.start(start.portions)
      } catch {
        mark.end()
        let next = desk.update { desk in
          desk.free(start.station)
          desk.busy -= 1
          desk.lanes[start.station.number / 2].idle.append(start.station.number)
          return desk.startsNow()
        }
        end(start.portions.map(\.item), .failed(error))
        run(next)
      }
    }
  }

  /// Called by the engine on its own thread, once for each started batch: starts the next one.
  ///
  /// Whether it failed is not known before this returns, so the answers are read elsewhere.
  private func ended(_ station: Station) {
    mark.end()
    let now = Clock.now
    var late: [Ask] = []
    let next = desk.update { desk in
      let time = Double(now - desk.lanes[station.number / 2].since) / Double(station.rowCount)
      desk.rowTime += (time - desk.rowTime) * (desk.rowTime == 0 ? 1 : 0.1)
      desk.free(station)
      station.ended = now
      desk.ended.append(station)
      return desk.starts(now: now, &late)
    }
    for _ in next { ledger.started(.free) }
    run(next)
    end(late, .late)
  }

  /// The answering thread: reads answers until the unit is over.
  func answer() {
    while let station = desk.wait(until: { desk -> Station?? in
      desk.ended.isEmpty ? (desk.isOver ? .some(nil) : nil) : .some(desk.ended.removeFirst())
    }) {
      deliver(station)
      let next = desk.update { desk in
        desk.busy -= 1
        desk.lanes[station.number / 2].idle.append(station.number)
        return desk.startsNow()
      }
      for _ in next { ledger.started(.free) }
      run(next)
    }
  }

  /// Ends the answering thread.
  func finish() { desk.update { $0.isOver = true } }

  private func deliver(_ station: Station) {
    let portions = station.portions
    ledger.ran(rows: station.rowCount, nanoseconds: station.ended - station.started)
    do throws(Fault) {
      let answers = try station.slot.answers()
      var place = 0
      for portion in portions {
        take(answers[place..<place + portion.count], portion)
        place += portion.count
      }
    } catch {
      if station.rowCount > 1 {
        desk.update { $0.again += portions.flatMap(\.single) }
      } else {
        end(portions.map(\.item), .failed(error))
      }
    }
    station.forget()
  }

  private func take(_ answers: ArraySlice<Outputs>, _ portion: Intake<String, Ask>.Portion) {
    let ask = portion.item
    if ask.rowCount == 1 {
      let isLast = desk.update { _ in
        defer { ask.isOver = true }
        return !ask.isOver
      }
      if isLast { finish(ask, .answered(Answer(answers[answers.startIndex]))) }
      return
    }
    let copies = answers.map { row in
      row.specs.indices.map { index in row.withBytes(index) { bytes in bytes.withUnsafeBytes { [UInt8]($0) } } }
    }
    let isLast = desk.update { _ in
      guard !ask.isOver else { return false }
      if ask.gathered.isEmpty { ask.gathered = Array(repeating: [], count: ask.rowCount) }
      for (offset, row) in copies.enumerated() { ask.gathered[portion.first + offset] = row }
      ask.left -= portion.count
      ask.isOver = ask.left == 0
      return ask.isOver
    }
    guard isLast else { return }
    finish(ask, .answered(ask.answer(like: answers[answers.startIndex].specs)))
  }

  private func end(_ asks: [Ask], _ outcome: Ask.Outcome) {
    for ask in asks {
      let isFirst = desk.update { desk in
        guard !ask.isOver else { return false }
        ask.isOver = true
        if let ticket = ask.ticket { _ = desk.intake.remove(ticket) }
        return true
      }
      if isFirst { finish(ask, outcome) }
    }
  }

  private func finish(_ ask: Ask, _ outcome: Ask.Outcome) {
    let now = Clock.now
    let started = ask.started ?? now
    let times = Ask.Times(queued: started - ask.arrived, inferred: now - started)
    ledger.ended(outcome, times)
    ask.finish(outcome, times)
  }
}

extension UnitCore.Desk {
  /// Nanoseconds until the last row of a new ask would be answered.
  fileprivate func wait(for ask: Ask) -> Double {
    guard rowTime > 0 else { return 0 }
    let before = intake.isEmpty ? 0 : intake.rowsBefore(newRowOf: ask.source)
    let lanes = Double(max(1, self.lanes.count { !$0.isSolo }))
    return (Double(before + ask.rowCount - 1 + running) / lanes).rounded(.up) * rowTime
  }

  fileprivate mutating func free(_ station: Station) { lanes[station.number / 2].running = nil }

  fileprivate mutating func startsNow() -> [UnitCore.Start] {
    if !hasWork { return [] }
    var late: [Ask] = []
    let starts = starts(now: 0, &late)  // nothing is late at time zero: the clock finds it soon
    return starts
  }

  /// Batches for the copies that are free.
  fileprivate mutating func starts(now: UInt64, _ late: inout [Ask]) -> [UnitCore.Start] {
    var starts: [UnitCore.Start] = []
    while hasWork, let lane = freeLane {
      let station = stations[lanes[lane].idle.last!]
      let portions = again.isEmpty ? intake.take(station.room, now: now, late: &late) : [again.removeFirst()]
      guard !portions.isEmpty else { break }
      lanes[lane].idle.removeLast()
      (lanes[lane].running, lanes[lane].since) = (station.number, max(now, Clock.now))
      busy += 1
      for portion in portions where portion.item.started == nil { portion.item.started = lanes[lane].since }
      starts.append(UnitCore.Start(station: station, portions: portions))
    }
    return starts
  }

  /// While asks come one by one, each gets all cores; else each copy works on its own.
  private var freeLane: Int? {
    if let solo = lanes.firstIndex(where: \.isSolo) {
      if lanes[solo].running != nil { return nil }
      if running == 0, alone > 2, intake.rows == 1, again.isEmpty, !lanes[solo].idle.isEmpty { return solo }
    }
    return lanes.firstIndex { !$0.isSolo && $0.running == nil && !$0.idle.isEmpty }
  }
}

extension Intake.Portion {
  /// Its rows one by one.
  fileprivate var single: [Self] { (first..<first + count).map { Self(item: item, first: $0, count: 1, isLast: isLast) } }
}

extension Ask {
  /// All rows as one answer.
  fileprivate func answer(like specs: [TensorSpec]) -> Answer {
    let bytes = specs.indices.map { index in gathered.flatMap { $0[index] } }
    let whole = specs.map { spec in
      TensorSpec(name: spec.name, shape: [rowCount] + spec.shape.dropFirst(), element: spec.element)
    }
    return Answer(whole, bytes)
  }
}
