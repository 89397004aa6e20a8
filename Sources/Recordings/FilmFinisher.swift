internal import Base
internal import Catalog
internal import Glibc
internal import Synchronization

/// The thread that finishes files which are not written any more, and has them kept.
///
/// Those that wait stay on the disk, where the next process finds them.
final class FilmFinisher: Sendable {
  struct Order: Sendable {
    let path: String
    /// With what is shown at this moment in ticks it ends.
    var until: Int?
    /// Whose it is, where that is known.
    var place: RecordingDesk.Place?
    var failures: UInt64 = 0
    var due: UInt64 = 0
  }

  enum Outcome {
    case kept(KeptRecording), waiting(Fault)
    /// There was no picture in the file; what it was to be, where it said so.
    case nothing(RecordingLabel?)
    case lost(RecordingLabel, Fault)
    /// Another process has it still, or one that is dying.
    case busy
  }

  private struct State {
    var orders: [Order] = []
    var isBusy = false
    var isOver = false
  }

  private let state = Monitor(State())
  private let worker: NativeThread

  /// `tell` hears what became of each, also where it is tried again.
  init(_ keeper: any RecordingKeeper, tell: @escaping @Sendable (Order, Outcome) -> Void) {
    let state = state
    worker = NativeThread {
      while let order = Self.next(state) {
        let outcome = Self.work(order, keeper)
        tell(order, outcome)
        state.update { state in
          state.isBusy = false
          switch outcome {
          case .waiting, .busy: break
          case .kept, .nothing, .lost: return
          }
          var again = order
          again.failures += 1
          again.due = Clock.now + min(30, 1 << min(again.failures, 5)) * 1_000_000_000
          state.orders.append(again)
        }
      }
    }
  }

  func add(_ order: Order) { state.update { $0.orders.append(order) } }

  /// Nothing waits, or is being finished.
  var isIdle: Bool { state.update { $0.orders.isEmpty && !$0.isBusy } }

  /// Finishes what waits, once more each; call it once.
  func finish() {
    state.update { $0.isOver = true }
    worker.join()
  }

  private static func next(_ state: Monitor<State>) -> Order? {
    while true {
      let due = state.update { $0.orders.map(\.due).min() } ?? .max
      let found = state.wait(before: min(due, Clock.now + 60_000_000_000)) { state -> Order?? in
        let now = state.isOver ? UInt64.max : Clock.now
        guard let place = state.orders.firstIndex(where: { $0.due <= now }) else {
          return state.isOver ? .some(nil) : nil
        }
        let order = state.orders.remove(at: place)
        // In the end what fails is left for the next process.
        if state.isOver, order.failures > 0 { return .some(nil) }
        state.isBusy = true
        return order
      }
      if let found { return found }
    }
  }

  private static func work(_ order: Order, _ keeper: any RecordingKeeper) -> Outcome {
    let (lock, film): (FileLock, FinishedFilm)
    do throws(Fault) {
      guard let own = try FileLock(order.path) else { return .nothing(nil) }
      guard own.isHeld else { return .busy }
      lock = own
      guard let found = try FinishedFilm(finishing: order.path, until: order.until) else {
        let label = try FilmScan(order.path)?.label
        try FileSystem.remove(order.path)
        return .nothing(label)
      }
      film = found
    } catch { return .waiting(error) }
    defer { withExtendedLifetime(lock) {} }
    do throws(Fault) {
      let kept = try keeper.keep(film)
      try FileSystem.remove(order.path)
      return .kept(kept)
    } catch {
      // It is lost where nobody will ever take it, and nothing else is a reason to take it away.
      guard [.badInput, .unsupported, .notFound, .denied].contains(error.kind) else { return .waiting(error) }
      try? FileSystem.remove(order.path)
      return .lost(film.label, error)
    }
  }
}

/// A file that one process has to itself as long as this lives, unless another had it before.
final class FileLock {
  let isHeld: Bool
  private let descriptor: Int32

  /// `nil` where it is not there.
  init?(_ path: String) throws(Fault) {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    isHeld = descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw SystemError.last.fault("read", path)
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    // Let go by itself: a process that is just being started by this one still has the descriptor, and closing alone would leave the lock to it.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
