internal import Base
internal import CEpoll
internal import Glibc
internal import Synchronization

/// Takes connections and gives each to the loop that has fewest.
///
/// A thread of its own: the kernel's own spreading puts a few heavy clients onto one loop as often as not. Connections over a limit
/// are told so; where there are no descriptors left, those that come wait in the system's backlog until there are some.
final class Acceptor: @unchecked Sendable {  // one thread serves, and no other looks
  private let listener: Listener
  private let loops: [Loop]
  private let counters: ServerCounters
  private let bell: Mailbox
  /// What a connection over a limit is told; empty where TLS would have to be spoken first.
  private let refusal: [UInt8]
  private var leaving: [TurnedAway] = []

  /// Bytes of answers that the system takes beyond what is on its way to a client.
  private static let unsentInSystem: Int32 = 512 << 10
  /// Milliseconds between two attempts while there are no descriptors.
  private static let pause: Int32 = 50

  init(_ listener: Listener, _ loops: [Loop], _ counters: ServerCounters, bell: Mailbox, refusal: [UInt8]) {
    (self.listener, self.loops, self.counters, self.bell) = (listener, loops, counters, bell)
    self.refusal = refusal
  }

  /// Returns once the bell was rung, with all connections taken that had come until then.
  func serve() {
    ridley_block_signals()
    var isPaused = false
    while true {
      var waiting = (
        pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
      )
      let (count, patience) = (isPaused ? 1 : 2, isPaused || !leaving.isEmpty ? Self.pause : -1)
      _ = unsafe withUnsafeMutablePointer(to: &waiting) { both in
        unsafe both.withMemoryRebound(to: pollfd.self, capacity: 2) { unsafe poll($0, nfds_t(count), patience) }
      }
      leaving.removeAll { $0.isOver(Clock.now) }
      var step = Step.more
      while step == .more { step = acceptOne() }
      isPaused = step == .noDescriptor
      if waiting.0.revents != 0 { return }
    }
  }

  private enum Step { case more, none, noDescriptor }

  private func acceptOne() -> Step {
    var storage = sockaddr_storage()
    let descriptor = unsafe ridley_accept(listener.descriptor, &storage)
    guard descriptor >= 0 else {
      switch errno {
      case EMFILE, ENFILE, ENOMEM, ENOBUFS: return .noDescriptor
      case ECONNABORTED, EINTR, EPROTO: return .more
      default: return .none
      }
    }
    let peer = Peer(storage)
    guard counters.admit(peer) else {
      let told = TurnedAway(descriptor, refusal, at: Clock.now)
      // Few enough that they take nothing from others, and long enough for a client to read why.
      if leaving.count >= TurnedAway.limit { leaving.removeFirst() }
      if !refusal.isEmpty { leaving.append(told) }
      return .more
    }
    var one: Int32 = 1
    unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    // What a client does not take is to wait here, where it is counted, and not by the megabyte in the system.
    var unsent = Self.unsentInSystem
    unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &unsent, 4)
    let loop = loops.min { $0.load.load(ordering: .relaxed) < $1.load.load(ordering: .relaxed) }!
    loop.load.add(1, ordering: .relaxed)
    loop.post(.adopt(descriptor, peer))
    return .more
  }
}

/// A connection that is told why it is not served, and given a moment to read that: closed at once, what its client has sent
/// would have the system throw the answer away.
private final class TurnedAway {
  static let limit = 16
  private static let nanoseconds: UInt64 = 500_000_000

  private let descriptor: Int32
  private let since: UInt64

  init(_ descriptor: Int32, _ refusal: [UInt8], at now: UInt64) {
    (self.descriptor, since) = (descriptor, now)
    guard !refusal.isEmpty else { return }
    _ = unsafe refusal.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    shutdown(descriptor, Int32(SHUT_WR))
  }

  deinit { close(descriptor) }

  /// Reads away what came meanwhile.
  func isOver(_ now: UInt64) -> Bool {
    var block = [UInt8](repeating: 0, count: 16 << 10)
    let count = unsafe recv(descriptor, &block, block.count, Int32(MSG_DONTWAIT))
    return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR || now > since + Self.nanoseconds
  }
}
