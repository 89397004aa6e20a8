internal import Base
internal import CEpoll
internal import Glibc
internal import Synchronization

/// Takes connections and gives each to the loop that has fewest.
///
/// A thread of its own: the kernel's own spreading puts a few heavy clients onto one loop as often as not.
final class Acceptor: @unchecked Sendable {  // one thread serves, and no other looks
  private let listener: Listener
  private let loops: [Loop]
  private let counters: ServerCounters
  private let bell: Mailbox
  /// Held back, so that a connection can be taken and closed where there is no descriptor left; else it would be
  /// offered again and again.
  private var reserve: Int32

  init(_ listener: Listener, _ loops: [Loop], _ counters: ServerCounters, bell: Mailbox) {
    self.listener = listener
    (self.loops, self.counters, self.bell) = (loops, counters, bell)
    reserve = Self.spare()
  }

  deinit { if reserve >= 0 { close(reserve) } }

  /// Returns once the bell was rung, with all connections taken that had come until then.
  func serve() {
    ridley_block_signals()
    while true {
      var waiting = (
        pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0)
      )
      _ = unsafe withUnsafeMutablePointer(to: &waiting) { both in
        unsafe both.withMemoryRebound(to: pollfd.self, capacity: 2) { unsafe poll($0, 2, -1) }
      }
      while acceptOne() {}
      if waiting.1.revents != 0 { return }
    }
  }

  /// Whether there may be more.
  private func acceptOne() -> Bool {
    var storage = sockaddr_storage()
    let descriptor = unsafe ridley_accept(listener.descriptor, &storage)
    guard descriptor >= 0 else {
      switch errno {
      case EMFILE, ENFILE, ENOMEM, ENOBUFS: return turnAway()
      case ECONNABORTED, EINTR, EPROTO: return true
      default: return false
      }
    }
    let peer = Peer(storage)
    guard counters.admit(peer) else {
      close(descriptor)
      return true
    }
    var one: Int32 = 1
    unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    let loop = loops.min { $0.load.load(ordering: .relaxed) < $1.load.load(ordering: .relaxed) }!
    loop.load.add(1, ordering: .relaxed)
    loop.post(.adopt(descriptor, peer))
    return true
  }

  private func turnAway() -> Bool {
    if reserve >= 0 { close(reserve) }
    let descriptor = accept(listener.descriptor, nil, nil)
    if descriptor >= 0 {
      close(descriptor)
      counters.turnedAway()
    }
    reserve = Self.spare()
    if reserve < 0 { usleep(20_000) }
    return descriptor >= 0
  }

  private static func spare() -> Int32 { unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }
}
