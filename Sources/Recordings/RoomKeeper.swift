internal import Base
internal import Catalog
internal import Glibc

/// The thread that removes what is too old or too much, so that there is room for what comes.
///
/// ``letsWrite()`` says before each write whether there is; where nothing may be removed it says why not.
final class RoomKeeper: Sendable {
  private struct State {
    var retention = Retention()
    /// By id; `nil` before they were asked for.
    var kept: [ULID: KeptRecording]?
    /// Their bytes.
    var keptBytes = 0
    var nextLook: UInt64 = 0
    /// Bytes of files that are not kept yet.
    var open = 0
    /// Bytes that were ever written.
    var written = 0
    var isWanted = false
    /// Free bytes that somebody else waits for, and until when.
    var asked: (byteCount: Int, until: UInt64) = (0, 0)
    /// Before this moment nothing more is removed for the disk's sake: what went last did not free it.
    var rests: UInt64 = 0
    /// Why nothing may be written; `nil` where something may, or nobody knows yet.
    var refusal: String?
    /// Whoever asked last was refused for that.
    var isStopped = false
    var isOver = false

    mutating func add(_ one: KeptRecording) {
      remove(one.id)
      kept?[one.id] = one
      keptBytes += one.byteCount
    }

    mutating func remove(_ id: ULID) { keptBytes -= kept?.removeValue(forKey: id)?.byteCount ?? 0 }
  }

  private let folder: String
  private let keeper: any RecordingKeeper
  private let complain: @Sendable (Fault) -> Void
  private let state = Monitor(State())
  private let worker = Monitor<NativeThread?>(nil)
  private let began = Clock.now

  /// Nanoseconds between two rounds, and between two looks at all that is kept.
  private static let (interval, look) = (UInt64(5_000_000_000), UInt64(300_000_000_000))
  /// Bytes of one write, and of the tables that finish a file: so much has to be there.
  static let most = 3 << 20
  /// Bytes for which room is made beyond that, at most.
  private static let step = 16 << 20
  /// Nanoseconds in which the streams of a server are taken up, and for which nothing is removed in vain.
  private static let (settling, resting) = (UInt64(60_000_000_000), UInt64(30_000_000_000))

  /// Nanoseconds for which room is kept for who asked for it.
  private static let patience: UInt64 = 120_000_000_000

  init(
    _ folder: String, _ keeper: any RecordingKeeper, _ rules: RetentionRules,
    complain: @escaping @Sendable (Fault) -> Void
  ) {
    (self.folder, self.keeper, self.complain) = (folder, keeper, complain)
    state.update { $0.retention.rules = rules }
    worker.update { $0 = NativeThread { [self] in run() } }
  }

  func limit(_ stream: Retention.Stream, _ limit: Retention.Limit) {
    state.update { state in
      state.retention.limits[stream] = limit
      state.isWanted = true
    }
  }

  func add(_ one: KeptRecording) {
    state.update { state in
      if state.kept != nil { state.add(one) }
      state.open = max(0, state.open - one.byteCount)
    }
  }

  /// So many bytes were written.
  func note(_ byteCount: Int) {
    state.update { state in
      state.open += byteCount
      state.written += byteCount
    }
  }

  /// Whether something may be written now; where not, room is made for it if that can be.
  ///
  /// Once it was refused a little room is not enough: writing would begin and stop again with each file that comes and goes beside it.
  func letsWrite() -> Bool {
    let byteCount = Self.most
    let free = (try? FileSystem.freeByteCount(in: folder)) ?? 0
    return state.update { state in
      let rules = state.retention.rules
      let isThere =
        !(state.isStopped && state.refusal != nil) && free - byteCount >= rules.free && state.kept != nil
        && state.keptBytes + state.open + byteCount <= rules.space ?? .max
      if !isThere { state.isWanted = true }
      state.isStopped = !isThere && state.refusal != nil
      return isThere
    }
  }

  /// Somebody else needs so many free bytes of the disk within the next minutes: the oldest recordings go for them, where that suffices.
  func ask(_ byteCount: Int) {
    state.update { state in
      state.asked = (byteCount, Clock.now + Self.patience)
      state.isWanted = true
    }
  }

  /// Why nothing may be written, though what may be removed is gone.
  var refusal: String? { state.update(\.refusal) }

  /// Ends the thread; call it once.
  func stop() {
    state.update { $0.isOver = true }
    worker.update { $0.take() }?.join()
  }

  private func run() {
    var told: Fault?
    while true {
      let isOver = state.wait(before: Clock.now + Self.interval) { state -> Bool? in
        guard state.isWanted || state.isOver || state.kept == nil else { return nil }
        return state.isOver
      }
      if isOver == true { return }
      do throws(Fault) {
        try round()
        told = nil
      } catch {
        if error != told { complain(error.at("recordings")) }
        told = error
      }
      // What is asked for again and again is not done again at once.
      Clock.sleep(until: Clock.now + 200_000_000)
    }
  }

  private func round() throws(Fault) {
    state.update { $0.isWanted = false }
    if state.update({ $0.kept == nil || Clock.now > $0.nextLook }) { try look() }
    let open = try openByteCount()
    state.update { $0.open = open }
    var plan = try plan([])
    if !plan.remove.isEmpty || plan.lacking > 0 { plan = try self.plan(try keeper.held()) }
    try remove(plan.remove)
    state.update { $0.refusal = plan.lacking > 0 ? Self.words(plan.lacking, $0.retention.rules) : nil }
  }

  private func look() throws(Fault) {
    let before = state.update { Set(($0.kept ?? [:]).keys) }
    let all = try keeper.recordings()
    state.update { state in
      // What was kept meanwhile may be in none of the pages.
      let added = (state.kept ?? [:]).values.filter { !before.contains($0.id) }
      (state.kept, state.keptBytes) = ([:], 0)
      for one in all + added { state.add(one) }
      state.nextLook = Clock.now + Self.look
    }
  }

  /// Bytes that others still hold do not become free: then it is not gone on with at once.
  private func remove(_ all: [KeptRecording]) throws(Fault) {
    guard !all.isEmpty else { return }
    // What is written meanwhile takes what becomes free.
    let (free, written) = (try FileSystem.freeByteCount(in: folder), state.update(\.written))
    for one in all {
      do throws(Fault) { try keeper.remove(one.id) } catch  where error.kind == .notFound {}
      state.update { $0.remove(one.id) }
    }
    let freed = try FileSystem.freeByteCount(in: folder) - free + state.update(\.written) - written
    guard freed < all.reduce(0, { $0 + $1.byteCount }) / 4 else { return }
    state.update { $0.rests = Clock.now + Self.resting }
  }

  private func plan(_ held: [HeldTime]) throws(Fault) -> Retention.Plan {
    let free = try FileSystem.freeByteCount(in: folder)
    let asked = state.update(\.asked)
    var (retention, kept, open) = state.update { ($0.retention, Array(($0.kept ?? [:]).values), $0.open) }
    retention.held = held
    // A server that only answers knows no stream's rules, and leaves what others record.
    retention.judgesAll = keeper.isOnDisk && Clock.now > began + Self.settling
    retention.freesDisk = keeper.isOnDisk && Clock.now > state.update(\.rests)
    retention.asked = Clock.now < asked.until ? asked.byteCount : 0
    let wanted = Self.most + min(Self.step, retention.rules.free / 4)
    return retention.plan(kept, now: Int(Clock.seconds * 1000), free: free, open: open, wanted: wanted)
  }

  private func openByteCount() throws(Fault) -> Int {
    try FileSystem.list(folder).reduce(0) { sum, name in
      sum + ((try? FileSystem.byteCount(of: "\(folder)/\(name)")) ?? 0)
    }
  }

  private static func words(_ lacking: Int, _ rules: RetentionRules) -> String {
    let space = rules.space.map { ", and recordings may have \(Units.text(bytes: $0))" } ?? ""
    return
      "the disk is short: \(Units.text(bytes: rules.free)) of it stay free\(space), and what is left may not be removed: release holds, or make room"
  }
}
