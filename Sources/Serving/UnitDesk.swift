internal import Base
internal import Batching

extension UnitCore {
  /// What a lane does.
  struct Seat {
    enum Phase { case idle, running, answering }

    let lane: Lane
    var phase = Phase.idle
    /// What it runs, or ran last and hands out.
    var batch: Lane.Batch = []
    /// When that was taken, in monotonic nanoseconds.
    var since: UInt64 = 0
  }

  struct Desk {
    var intake: Intake<String, Ask>
    var seats: [Seat] = []
    /// Asks in a row that found nobody else.
    var alone = 0
    /// Nanoseconds of one row, smoothed.
    var rowTime = 0.0
    /// Rows of batches that failed, to be run on their own: one bad input must not take its neighbours with it.
    var again: Lane.Batch = []
    var soloIsWished = false
    var isClosed = false
  }

  /// A batch that starts.
  struct Start {
    let lane: Lane
    let batch: Lane.Batch
  }
}

extension UnitCore.Desk {
  /// Something waits for a lane.
  var hasWork: Bool { !intake.isEmpty || !again.isEmpty }

  var isIdle: Bool { !hasWork && seats.allSatisfy { $0.phase == .idle } }

  /// Rows in the engine.
  var running: Int { seats.reduce(0) { $0 + ($1.phase == .running ? $1.batch.rowCount : 0) } }

  /// Nanoseconds until the last row of a new ask would be answered.
  func wait(for ask: Ask) -> Double {
    guard rowTime > 0 else { return 0 }
    let before = intake.isEmpty ? 0 : intake.rowsBefore(newRowOf: ask.source)
    let lanes = Double(max(1, seats.count { !$0.lane.isSolo }))
    return (Double(before + ask.rowCount - 1 + running) / lanes).rounded(.up) * rowTime
  }

  /// The engine is done with a lane's batch, whose answers are handed out now.
  mutating func inferred(on lane: Lane, now: UInt64) {
    let seat = seats.firstIndex { $0.lane === lane }!
    let time = Double(now - seats[seat].since) / Double(seats[seat].batch.rowCount)
    rowTime += (time - rowTime) * (rowTime == 0 ? 1 : 0.1)
    seats[seat].phase = .answering
  }

  /// The lane has nothing to do.
  mutating func free(_ lane: Lane) {
    let seat = seats.firstIndex { $0.lane === lane }!
    (seats[seat].phase, seats[seat].batch) = (.idle, [])
  }

  /// Batches for the lanes that are free; `now` was read under the lock, so nothing that waits came later.
  mutating func starts(now: UInt64, _ late: inout [Ask]) -> [UnitCore.Start] {
    var starts: [UnitCore.Start] = []
    while hasWork, let seat = freeSeat {
      let lane = seats[seat].lane
      let batch = again.isEmpty ? intake.take(lane.room, now: now, late: &late) : [again.removeFirst()]
      guard !batch.isEmpty else { break }
      for portion in batch where portion.item.started == nil { portion.item.started = now }
      (seats[seat].phase, seats[seat].batch, seats[seat].since) = (.running, batch, now)
      starts.append(UnitCore.Start(lane: lane, batch: batch))
    }
    return starts
  }

  /// While asks come one by one, each gets all cores; else each lane works on its own.
  private var freeSeat: Int? {
    if let solo = seats.first(where: \.lane.isSolo) {
      if solo.phase == .running { return nil }
      if alone > 2, intake.rows == 1, again.isEmpty, running == 0 {
        return solo.phase == .idle ? seats.firstIndex { $0.lane === solo.lane } : nil
      }
    }
    return seats.firstIndex { !$0.lane.isSolo && $0.phase == .idle }
  }
}
