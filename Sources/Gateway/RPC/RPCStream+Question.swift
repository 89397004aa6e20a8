internal import Base
internal import OpenInference

extension RPCStream.Question {
  /// Whether nobody waits for the answer any more.
  var isGone: Bool { stream.isOver }

  /// Answers with a message, which may be in several runs of bytes.
  func answer(_ parts: [UInt8]...) {
    let count = parts.reduce(0) { $0 + $1.count }
    stream.answer(self, [RPC.prefix(count)] + parts)
  }

  /// Calls `body` where the client leaves, or the call ends, before there is an answer.
  func onGone(_ body: @escaping @Sendable () -> Void) { stream.onGone(number, body) }

  /// Asks it by `again` once there may be room for it.
  func waitForRoom(isAgain: Bool, _ again: @escaping @Sendable () -> Void) { stream.park(isAgain: isAgain, again) }

  /// Answers, as `ModelStreamInfer` does, that there is no answer.
  func fail(_ failure: Failure, id: String?) { answer(StreamedAnswer.failure(failure.fault.message, id: id)) }
}
