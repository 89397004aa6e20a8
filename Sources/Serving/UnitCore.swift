internal import Base
internal import Batching
internal import Inference
internal import Isolation

/// What asks, the lanes and the clock share.
final class UnitCore: Sendable {
  private let limits: Unit.Limits
  private let ledger: Ledger
  private let desk: Monitor<Desk>
  private let mark: Witness.Mark
  private let threads = Monitor<[Worker]>([])

  init(_ network: CompiledNetwork, _ limits: Unit.Limits, _ ledger: Ledger, _ mark: Witness.Mark) throws(Fault) {
    (self.limits, self.ledger, self.mark) = (limits, ledger, mark)
    desk = Monitor(Desk(intake: Intake(limit: limits.queue, turn: network.batch)))
    try add(network, isSolo: false)
  }

  /// Uses all copies of a network that are there.
  func add(_ network: CompiledNetwork, isSolo: Bool) throws(Fault) {
    let lanes = try (0..<network.readyCopies).map { (copy) throws(Fault) in
      try Lane(network, copy: copy, isSolo: isSolo)
    }
    desk.update { $0.seats += lanes.map { Seat(lane: $0) } }
    threads.update { threads in threads += lanes.map { lane in Worker { self.work(lane) } } }
  }

  var load: (waiting: Int, running: Int) { desk.update { ($0.intake.rows, $0.running) } }

  func submit(_ ask: Ask) throws(ServedVersion.Refusal) {
    var late: [Ask] = []
    let starts = try desk.update { (desk) throws(ServedVersion.Refusal) -> [Start] in
      let now = Clock.now
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
      desk.alone = desk.running == 0 && desk.intake.count == 1 ? desk.alone + 1 : 0
      (ask.ticket, ask.arrived) = (ticket, now)
      return desk.starts(now: now, &late)
    }
    give(starts, .arrival)
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
        desk.seats.contains { $0.phase == .running && now > $0.since && now - $0.since > limits.stall }
      )
    }
    end(late, .late)
    return hangs
  }

  func close() { desk.update { $0.isClosed = true } }

  var isIdle: Bool { desk.update { $0.isIdle } }

  func drain() { desk.wait { $0.isIdle ? () : nil } }

  /// Ends the lanes, which have nothing to do any more.
  func finish() {
    for seat in desk.update({ $0.seats }) { seat.lane.finish() }
    for thread in threads.update({ $0 }) { thread.join() }
  }

  func takeWishForSolo() -> Bool {
    desk.update { desk in
      guard desk.alone > 2, !desk.soloIsWished, !desk.isClosed else { return false }
      desk.soloIsWished = true
      return true
    }
  }

  func abandon(_ fault: Fault) {
    let (asks, lanes) = desk.update { desk in
      desk.isClosed = true
      let asks = desk.intake.removeAll() + (desk.again + desk.seats.flatMap(\.batch)).map(\.item)
      return (asks, desk.seats.map(\.lane))
    }
    end(asks, .failed(fault))
    // One of them hangs, and ends when it comes back, if it ever does.
    for lane in lanes { lane.finish() }
    for thread in threads.update({ $0 }) { thread.leave() }
  }

  /// A lane's thread.
  private func work(_ lane: Lane) {
    while var batch = lane.next() {
      while true {
        run(batch, on: lane)
        guard let next = follow(lane) else { break }
        batch = next
      }
    }
  }

  /// Infers, and hands the answers out.
  private func run(_ batch: Lane.Batch, on lane: Lane) {
    let began = Clock.now
    mark.begin()
    let result = Result { () throws(Fault) in try lane.infer(batch) }
    mark.end()
    let now = Clock.now
    ledger.ran(rows: batch.rowCount, nanoseconds: now - began)
    var late: [Ask] = []
    let starts = desk.update { desk in
      desk.inferred(on: lane, now: now)
      // Others waited for the cores, not for the answer to be written.
      return lane.isSolo ? desk.starts(now: Clock.now, &late) : []
    }
    give(starts, .free)
    end(late, .late)
    switch result {
    case .success(let answers):
      var place = 0
      for portion in batch {
        take(answers[place..<place + portion.count], portion)
        place += portion.count
      }
    case .failure(let fault) where batch.rowCount == 1: end(batch.map(\.item), .failed(fault))
    case .failure: desk.update { $0.again += batch.flatMap(\.single) }
    }
  }

  /// What a lane does next; others may get something too.
  private func follow(_ lane: Lane) -> Lane.Batch? {
    var late: [Ask] = []
    let starts = desk.update { desk in
      desk.free(lane)
      return desk.starts(now: Clock.now, &late)
    }
    give(starts.filter { $0.lane !== lane }, .free)
    end(late, .late)
    guard let own = starts.first(where: { $0.lane === lane }) else { return nil }
    ledger.started(.free)
    return own.batch
  }

  private func give(_ starts: [Start], _ reason: Ledger.Reason) {
    for start in starts {
      ledger.started(reason)
      start.lane.give(start.batch)
    }
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
