internal import Base

/// What is given up when a client leaves before its answer: whoever is at work on it by then.
final class Leaving: Sendable {
  private let body = Monitor<(@Sendable () -> Void)?>(nil)

  /// From now on this is given up.
  func cancels(_ body: @escaping @Sendable () -> Void) { self.body.update { $0 = body } }

  /// The client has left.
  func left() {
    let body = body.update { body in
      defer { body = nil }
      return body
    }
    body?()
  }
}
