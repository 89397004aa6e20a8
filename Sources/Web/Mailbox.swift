internal import Base
internal import CEpoll
internal import Glibc

/// What other threads tell a loop.
enum Message: Sendable {
  case adopt(Int32, Peer)
  case answer(Call, Response, Flow?)
  /// There is more of an answer that is made bit by bit.
  case flow(Call)
  case run(@Sendable () -> Void)
  case drain
  case stop
}

/// Messages for a loop, which sleeps in epoll and is woken through a descriptor.
final class Mailbox: Sendable {
  private struct Box {
    var messages: [Message] = []
    /// Set when the loop is woken, and off when it has looked.
    var isSignalled = false
  }

  let descriptor: Int32
  private let box = Monitor(Box())

  init() throws(Fault) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard descriptor >= 0 else { throw Fault(.exhausted, "there are no file descriptors left") }
  }

  deinit { close(descriptor) }

  func post(_ message: Message) {
    let mustWake = box.update { box in
      box.messages.append(message)
      defer { box.isSignalled = true }
      return !box.isSignalled
    }
    guard mustWake else { return }
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
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
