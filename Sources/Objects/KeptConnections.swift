internal import Base
internal import Synchronization

/// Connections to one service that no thread uses now; each is one thread's, or lies here.
///
/// One whose request had no answer is not kept.
final class KeptConnections: Sendable {
  private let limits: ServerConnection.Limits
  private let authorities: String?
  private let idle = Mutex<[Idle]>([])

  private static let most = 8

  /// `authorities` is a file of certificates to trust in place of the system's.
  init(_ limits: ServerConnection.Limits, authorities: String?) {
    (self.limits, self.authorities) = (limits, authorities)
  }

  func send(_ request: ServerRequest) throws(Fault) -> ServerAnswer {
    let connection = try take()
    let answer = try connection.send(request)
    idle.withLock { idle in if idle.count < Self.most { idle.append(Idle(connection: connection)) } }
    return answer
  }

  private func take() throws(Fault) -> ServerConnection {
    if let kept = idle.withLock({ $0.popLast() }) { return kept.connection }
    return try ServerConnection(limits: limits, authorities: authorities)
  }

  private struct Idle: @unchecked Sendable {  // one thread has it, or the list
    let connection: ServerConnection
  }
}
