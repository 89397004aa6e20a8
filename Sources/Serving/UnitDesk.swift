internal import Base
internal import Batching
internal import Inference

extension UnitCore {
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
}

extension UnitCore.Desk {
  /// Nanoseconds until the last row of a new ask would be answered.
  func wait(for ask: Ask) -> Double {
    guard rowTime > 0 else { return 0 }
    let before = intake.isEmpty ? 0 : intake.rowsBefore(newRowOf: ask.source)
    let lanes = Double(max(1, self.lanes.count { !$0.isSolo }))
    return (Double(before + ask.rowCount - 1 + running) / lanes).rounded(.up) * rowTime
  }

  mutating func free(_ station: Station) { lanes[station.number / 2].running = nil }

  mutating func startsNow() -> [UnitCore.Start] {
    if !hasWork { return [] }
    var late: [Ask] = []
    let starts = starts(now: 0, &late)  // nothing is late at time zero: the clock finds it soon
    return starts
  }

  /// Batches for the copies that are free.
  mutating func starts(now: UInt64, _ late: inout [Ask]) -> [UnitCore.Start] {
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
