internal import Base
internal import Batching
internal import Inference

extension UnitCore {
  /// A compiled copy, and the places to run in it: one is read while another runs and a third waits behind that.
  struct Lane {
    static let places = 3

    let isSolo: Bool
    var idle: [Int]
    /// In the order in which the engine runs them.
    var running: [Int] = []
    /// When the first of these began, in monotonic nanoseconds.
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
    /// Rows of batches that failed, to be run on their own: one bad input must not take its neighbours with it.
    var again: [Intake<String, Ask>.Portion] = []
    var soloIsWished = false
    var isClosed = false

    /// Something waits for a copy.
    var hasWork: Bool { !intake.isEmpty || !again.isEmpty }

    var running: Int { lanes.reduce(0) { $0 + $1.running.count } }
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

  /// The engine has gone on to the next batch of the copy, if there is one.
  mutating func free(_ station: Station, now: UInt64) {
    let lane = station.number / UnitCore.Lane.places
    lanes[lane].running.removeAll { $0 == station.number }
    lanes[lane].since = now
  }

  /// The place can be used again.
  mutating func giveBack(_ station: Station) {
    busy -= 1
    lanes[station.number / UnitCore.Lane.places].idle.append(station.number)
  }

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
      let moment = max(now, Clock.now)
      if lanes[lane].running.isEmpty { lanes[lane].since = moment }
      lanes[lane].running.append(station.number)
      busy += 1
      for portion in portions where portion.item.started == nil { portion.item.started = moment }
      starts.append(UnitCore.Start(station: station, portions: portions))
    }
    return starts
  }

  /// While asks come one by one, each gets all cores; else each copy works on its own.
  private var freeLane: Int? {
    if let solo = lanes.firstIndex(where: \.isSolo) {
      if !lanes[solo].running.isEmpty { return nil }
      if running == 0, alone > 2, intake.rows == 1, again.isEmpty, !lanes[solo].idle.isEmpty { return solo }
    }
    return lane(running: 0) ?? (canQueue ? lane(running: 1) : nil)
  }

  private func lane(running count: Int) -> Int? {
    lanes.firstIndex { !$0.isSolo && $0.running.count == count && !$0.idle.isEmpty }
  }

  /// An engine that finds its next batch at hand loses no time between two.
  ///
  /// Worth it where the time is short and nothing is to be gained by waiting for company; a long one would hold up what is
  /// more urgent.
  private var canQueue: Bool { stations[0].room == 1 && rowTime > 0 && rowTime < Self.shortTime }

  /// 20 ms.
  private static let shortTime = 20e6
}
