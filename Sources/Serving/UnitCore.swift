internal import Base
internal import Batching
internal import Inference
internal import Isolation

/// What asks, the engine's callbacks and the clock share.
final class UnitCore: @unchecked Sendable {  // stations are used by their current owner only
  /// Batches that ended and wait to be read.
  private struct Inbox: Sendable {
    var stations: [Station] = []
    var isOver = false
  }

  let network: CompiledNetwork
  let limits: Unit.Limits
  let ledger: Ledger
  private let desk: Monitor<Desk>
  /// What the answering thread sleeps on: not the desk, which changes some times with every ask.
  private let inbox = Monitor(Inbox())
  private let mark: Witness.Mark

  init(_ network: CompiledNetwork, _ limits: Unit.Limits, _ ledger: Ledger, _ mark: Witness.Mark) throws(Fault) {
    (self.network, self.limits, self.ledger, self.mark) = (network, limits, ledger, mark)
    desk = Monitor(Desk(intake: Intake(limit: limits.queue, turn: network.batch)))
    try add(network, isSolo: false)
  }

  /// Uses all copies of a network that are there.
  func add(_ network: CompiledNetwork, isSolo: Bool) throws(Fault) {
    for copy in 0..<network.readyCopies {
      let first = desk.update { $0.stations.count }
      for number in first..<first + Lane.places {
        let station = try Station(number: number, network, copy: copy) { [unowned self] in ended($0) }
        desk.update { $0.stations.append(station) }
      }
      desk.update { $0.lanes.append(Lane(isSolo: isSolo, idle: Array(first..<first + Lane.places))) }
    }
  }

  var load: (waiting: Int, running: Int) {
    desk.update { desk in
      (
        desk.intake.rows,
        desk.lanes.flatMap(\.running).reduce(0) { $0 + desk.stations[$1].rowCount }
      )
    }
  }

  func submit(_ ask: Ask) throws(ServedVersion.Refusal) {
    let now = Clock.now
    var late: [Ask] = []
    let starts = try desk.update { (desk) throws(ServedVersion.Refusal) -> [Start] in
      guard !desk.isClosed else {
        throw ServedVersion.Refusal(retryAfter: 0, fault: Fault(.closed, "the model was replaced in this moment"))
      }
      if ask.deadline <= now {
        ask.arrived = now
        late.append(ask)
        return []
      }
      let wait = desk.wait(for: ask)
      guard ask.deadline > now + UInt64(wait),
        let ticket = desk.intake.add(ask, rows: ask.rowCount, from: ask.source, deadline: ask.deadline)
      else {
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

  private func refusal(after wait: Double, _ desk: Desk) -> ServedVersion.Refusal {
    let fault = Fault(
      .exhausted,
      "\(desk.intake.rows) inputs wait already, about \(Int(wait / 1e6)) ms of work: ask again later, or less often")
    return ServedVersion.Refusal(retryAfter: max(0.01, wait / 1e9), fault: fault)
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
        desk.lanes.contains { !$0.running.isEmpty && now > $0.since && now - $0.since > limits.stall }
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
        asks += lane.running.flatMap { desk.stations[$0].portions.map(\.item) }
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
          desk.free(start.station, now: Clock.now)
          desk.giveBack(start.station)
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
  private func ended(_ number: Int) {
    mark.end()
    let now = Clock.now
    var late: [Ask] = []
    let (station, place) = desk.update { desk in
      let station = desk.stations[number]
      return (station, station.place)
    }
    let next = desk.update { desk in
      let time = Double(now - desk.lanes[number / Lane.places].since) / Double(station.rowCount)
      desk.rowTime += (time - desk.rowTime) * (desk.rowTime == 0 ? 1 : 0.1)
      desk.free(station, now: now)
      station.ended = now
      return desk.starts(now: now, &late)
    }
    for _ in next { ledger.started(.free) }
    run(next)
    // The engine's thread goes on with the next batch while this one is read.
    if place?({ [self] in read(station) }) != true { inbox.update { $0.stations.append(station) } }
    end(late, .late)
  }

  /// The answering thread: reads answers until the unit is over.
  func answer() {
    while let station = inbox.wait(until: { inbox -> Station?? in
      inbox.stations.isEmpty ? (inbox.isOver ? .some(nil) : nil) : .some(inbox.stations.removeFirst())
    }) {
      read(station)
    }
  }

  /// Takes the answers out, and lets the place be used again.
  private func read(_ station: Station) {
    deliver(station)
    let next = desk.update { desk in
      desk.giveBack(station)
      return desk.startsNow()
    }
    for _ in next { ledger.started(.free) }
    run(next)
  }

  /// Ends the answering thread.
  func finish() { inbox.update { $0.isOver = true } }

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
    desk.update { _ in ask.letGo() }?(outcome, times)
  }
}

extension Intake.Portion {
  /// Its rows one by one.
  var single: [Self] { (first..<first + count).map { Self(item: item, first: $0, count: 1, isLast: isLast) } }
}

extension Ask {
  /// All rows as one answer.
  func answer(like specs: [TensorSpec]) -> Answer {
    let bytes = specs.indices.map { index in gathered.flatMap { $0[index] } }
    let whole = specs.map { spec in
      TensorSpec(name: spec.name, shape: [rowCount] + spec.shape.dropFirst(), element: spec.element)
    }
    return Answer(whole, bytes)
  }
}
