internal import Base
internal import OpenInference
internal import Web

/// A client of the health check's `Watch`: told how it is, and again whenever that changes.
///
/// The watchdog's thread alone looks.
final class HealthWatch: RPCWatch, @unchecked Sendable {  // `last` is that thread's
  private let answers: ResponseStream
  private let deadline: UInt64
  private let status: @Sendable () -> HealthMessage.Status
  private var last: HealthMessage.Status

  /// Begins the answer with how it is now.
  init(_ exchange: Exchange, deadline: UInt64, status: @escaping @Sendable () -> HealthMessage.Status) {
    let current = status()
    (self.status, self.deadline, last) = (status, deadline, current)
    answers = exchange.stream(.rpcStream(Self.bytes(current)).traced(exchange.request))
  }

  private static func bytes(_ status: HealthMessage.Status) -> [UInt8] {
    let message = HealthMessage.answer(status)
    return RPC.prefix(message.count) + message
  }

  func look(at now: UInt64) -> Bool {
    guard now < deadline else {
      answers.end(trailers: RPC.Ending(.late).trailers)
      return false
    }
    let current = status()
    // What earlier bytes keep from going out is told the next time.
    if current != last, answers.offer(Self.bytes(current)) { last = current }
    return !answers.isGone
  }
}
