public import Base
internal import Synchronization

/// Connections to one service that no thread uses now; each is one thread's, or lies here.
///
/// One whose request had no answer is not kept.
public final class KeptConnections: Sendable {
  private let limits: ServerConnection.Limits
  private let authorities: String?
  private let peer: ServerConnection.PinnedPeer?
  private let idle = Mutex<[Idle]>([])

  private static let most = 8

  /// `authorities` is a file of certificates to trust in place of the system's; with `peer` a key counts in place of both.
  public init(
    _ limits: ServerConnection.Limits, authorities: String?, peer: ServerConnection.PinnedPeer? = nil
  ) {
    (self.limits, self.authorities, self.peer) = (limits, authorities, peer)
  }

  /// As ``ServerConnection/send(_:into:goesOn:head:)``, for any number of threads at a time.
  public func send(
    _ request: ServerRequest, into sink: (([UInt8]) throws(Fault) -> Void)? = nil,
    goesOn: (Int) -> Bool = { _ in true }, head: ((ServerAnswer) throws(Fault) -> Void)? = nil
  ) throws(Fault) -> ServerAnswer {
    let connection = try take()
    let answer = try connection.send(request, into: sink, goesOn: goesOn, head: head)
    idle.withLock { idle in if idle.count < Self.most { idle.append(Idle(connection: connection)) } }
    return answer
  }

  private func take() throws(Fault) -> ServerConnection {
    if let kept = idle.withLock({ $0.popLast() }) { return kept.connection }
    return try ServerConnection(limits: limits, authorities: authorities, peer: peer)
  }

  private struct Idle: @unchecked Sendable {  // one thread has it, or the list
    let connection: ServerConnection
  }
}
