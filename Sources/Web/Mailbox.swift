internal import Base
internal import CEpoll
internal import Glibc

/// What other threads tell a loop.
enum Message: Sendable {
  case adopt(Int32, Peer)
  case answer(Call, Response, Flow?)
  /// There is more of an answer that is made bit by bit.
  case flow(Call)
  /// A sink has begun, or has room again.
  case fed(BodyFeed)
  case run(@Sendable () -> Void)
  case drain
  /// Bodies that go to sinks are not waited for any longer.
  case endBodies
  case stop
}

/// The message queue of a loop, which sleeps in epoll and is woken through a descriptor.
final class Mailbox: Sendable {
  private struct Box {
    var messages: [Message] = []
    /// Set when the loop is woken, and off when it has looked.
    var isSignalled = false
    /// The loop is over, and nothing is taken any more.
    var isShut = false
  }

  let descriptor: Int32
  private let box = Monitor(Box())

  init() throws(Fault) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard descriptor >= 0 else { throw Fault(.exhausted, "there are no file descriptors left") }
  }

  deinit { close(descriptor) }

  /// False where the loop is over.
  @discardableResult func post(_ message: Message) -> Bool {
    let (isTaken, mustWake) = box.update { box in
      guard !box.isShut else { return (false, false) }
      box.messages.append(message)
      defer { box.isSignalled = true }
      return (true, !box.isSignalled)
    }
    if mustWake { wake() }
    return isTaken
  }

  func wake() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
  }

  /// Takes nothing any more; what was not looked at yet.
  func shut() -> [Message] {
    box.update { box in
      defer { (box.messages, box.isShut) = ([], true) }
      return box.messages
    }
  }

  /// All that came; for the loop.
  func take() -> [Message] {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
    return box.update { box in
      defer { (box.messages, box.isSignalled) = ([], false) }
      return box.messages
    }
  }
}
