internal import Base
internal import Inference
internal import OpenInference
internal import Web

/// Where the answer to an inference goes: back to its request, or to a message of a call that goes on.
protocol InferReply: Sendable {
  /// Nobody waits for the answer any more.
  var isGone: Bool { get }
  /// When what it answers was there, in monotonic nanoseconds.
  var arrivedAt: UInt64 { get }
  /// Where too much waits it is asked again later, and not refused.
  var isPatient: Bool { get }
  /// Answers, once.
  func answer(_ outcome: InferenceRequest.Outcome, of call: TensorCall)
  /// Calls `body` where the client leaves before there is an answer.
  func onGone(_ body: @escaping @Sendable () -> Void)
}

extension Exchange: InferReply {
  var arrivedAt: UInt64 { request.receivedAt }
  var isPatient: Bool { false }

  func answer(_ outcome: InferenceRequest.Outcome, of call: TensorCall) {
    answer(call.response(to: outcome, request).traced(request))
  }
}

extension RPCStream.Question: InferReply {
  var isPatient: Bool { true }

  func answer(_ outcome: InferenceRequest.Outcome, of call: TensorCall) {
    do throws(Failure) {
      let message = try call.message(to: outcome, isStreamed: true)
      answer(StreamedAnswer.head(byteCount: message.count), message)
    } catch { fail(error, id: call.head.id) }
  }
}
