internal import Base
internal import Inference
internal import Media
internal import Pipelines
internal import Predictions
internal import Vision

/// Room for one question to a model and its answer: the input's memory, the request, what came of it; used again and again.
///
/// Belongs to the execution that asks, and to the model's unit from ``begin(_:_:deadline:trace:)`` until it lies in the completion queue: never to
/// both at once.
final class InferenceJob: @unchecked Sendable {
  enum Outcome {
    case answered([Prediction])
    /// For each frame of a window's block.
    case answeredWindow([[Prediction]])
    case late
    case cancelled
    case failed(Fault)
    case lost(Fault)
  }

  /// The model's number in the execution.
  let queue: Int
  let input: InputMemory
  private var request: InferenceRequest?
  /// What is asked.
  private(set) var question: FrameScheduler.Job?
  private(set) var outcome = Outcome.answered([])
  /// Nanoseconds in the unit's queue, and from there until the decoded answer.
  private(set) var (queued, inferred) = (0, 0)
  private var watch = Stopwatch()
  private var placement: Placement?

  init(queue: Int, _ input: InputMemory, source: String, _ head: Head, _ done: CompletionQueue) {
    (self.queue, self.input) = (queue, input)
    // They hold each other until ``letGo()``, so that what is inside a unit outlives the execution that asked.
    request = InferenceRequest([input.bytes], rows: 1, source: source, isReused: true) { [self] outcome, times in
      end(outcome, times, head)
      done.put(self)
    }
  }

  /// It is not used again.
  func letGo() { request = nil }

  /// Takes a question, which ``submit(to:)`` brings to the model.
  func begin(_ question: FrameScheduler.Job, _ placement: Placement, deadline: UInt64, trace: Trace?) {
    (self.question, self.placement) = (question, placement)
    watch = Stopwatch()
    request?.renew(deadline: deadline, trace: trace)
  }

  func submit(to target: any InferenceTarget) throws(AdmissionRefusal) {
    guard let request else { preconditionFailure("a job is used after it was let go") }
    try target.submit(request)
  }

  func cancel(at target: any InferenceTarget) { if let request { target.cancel(request) } }

  /// Lets go of the answer.
  func clear() { outcome = .answered([]) }

  /// Reads the model's answer, on the unit's thread.
  private func end(_ result: InferenceRequest.Outcome, _ times: InferenceRequest.Times, _ head: Head) {
    switch result {
    case .answered(let outputs):
      guard let placement else { preconditionFailure("an answer came to what was never asked") }
      do throws(Fault) {
        if question?.block == nil {
          outcome = .answered(try head.decode(outputs, at: placement))
        } else {
          outcome = .answeredWindow(try head.decodeWindow(outputs, at: placement))
        }
      } catch {
        outcome = .failed(error)
      }
    case .late: outcome = .late
    case .cancelled: outcome = .cancelled
    case .failed(let fault): outcome = .failed(fault)
    case .lost(let fault): outcome = .lost(fault)
    }
    queued = Int(times.queued)
    inferred = max(0, watch.nanoseconds - queued)
  }
}
