internal import Base
internal import Objects

/// Sends one body to one receiver; made and used by one thread.
final class OTLPClient {
  /// What became of it.
  enum Outcome: Sendable, Equatable {
    case taken
    /// It took the rest.
    case refused(count: Int, reason: String)
    /// It takes none of it, now or later.
    case denied(String)
    /// It may take it later, after so many seconds where it says so.
    case again(String, after: Double?)
    /// It was given up from here.
    case stopped
  }

  private let receiver: TelemetrySettings.Receiver
  private var connection: ServerConnection?

  init(_ receiver: TelemetrySettings.Receiver) { self.receiver = receiver }

  /// `goesOn` is asked about once a second.
  func send(_ body: [UInt8], goesOn: () -> Bool) -> Outcome {
    var request = ServerRequest("POST", receiver.address)
    request.headers = [("Content-Type", "application/x-protobuf")] + receiver.headers
    request.body = .bytes(body)
    var taken = false
    do throws(Fault) {
      let connection = try open()
      let answer = try connection.send(request, goesOn: { _ in goesOn() }, head: { _ in taken = true })
      return Self.outcome(answer, isProtobuf: answer["content-type"]?.hasPrefix("application/x-protobuf") ?? false)
    } catch {
      // What was taken stays taken, whatever becomes of the rest of the answer.
      if taken { return .taken }
      if error.kind == .closed { return .stopped }
      return error.kind == .unavailable ? .again(error.message, after: nil) : .denied(error.message)
    }
  }

  private func open() throws(Fault) -> ServerConnection {
    if let connection { return connection }
    var limits = ServerConnection.Limits()
    let seconds = max(1, Int(receiver.seconds.rounded(.up)))
    (limits.connectSeconds, limits.stallSeconds, limits.totalSeconds) = (seconds, seconds, seconds)
    limits.answerByteCount = 64 << 10
    let made = try ServerConnection(limits: limits, authorities: receiver.authorities)
    connection = made
    return made
  }

  private static func outcome(_ answer: ServerAnswer, isProtobuf: Bool) -> Outcome {
    switch answer.status {
    case 200...299:
      guard isProtobuf, let refusal = OTLPMessage.refusal(in: answer.body) else { return .taken }
      return .refused(count: refusal.count, reason: refusal.reason)
    case 429, 502, 503, 504:
      let seconds = answer["retry-after"].flatMap { Int($0) }.map { Double(max(0, $0)) }
      return .again("it answered \(answer.status)", after: seconds)
    default:
      let reason = isProtobuf ? OTLPMessage.reason(in: answer.body) : ""
      return .denied("it answered \(answer.status)\(reason.isEmpty ? "" : ": \(reason)")")
    }
  }
}
