internal import Base
internal import Inference
internal import Pipelines

/// Jobs that go to the units, and what comes back.
extension FrameInference {
  /// `false` where the unit is full: an answer to another job of ours will come, and then it is tried again.
  func submit(_ job: InferenceJob) throws(InferenceFailure) -> Bool {
    queues[job.queue].inside.append(job)
    do throws(AdmissionRefusal) {
      try job.submit(to: queues[job.queue].model.target)
      return true
    } catch {
      leave(job)
      if error.fault.kind == .exhausted, !queues[job.queue].inside.isEmpty { return false }
      guard options.onSkip != nil, error.fault.kind != .closed, let question = job.question else {
        throw .refused(error)
      }
      skip(question, .refused(error))
      queues[job.queue].idle.append(job)
      return true
    }
  }

  func receive(_ job: InferenceJob) {
    leave(job)
    stages.add(.wait, nanoseconds: job.queued)
    stages.add(.infer, nanoseconds: job.inferred)
    guard let question = job.question else { preconditionFailure("an answer came to what was never asked") }
    switch job.outcome {
    case .answered(let predictions):
      scheduler.answer(question, .success(predictions))
      letGo(question.frame)
    case .answeredWindow(let frames): scheduler.answer(question, window: .success(frames))
    case .failed(let fault):
      if question.block == nil, queues[job.queue].model.far != nil, options.onSkip != nil {
        skip(question, .failed(fault))
      } else if question.block == nil {
        scheduler.answer(question, .failure(fault))
      } else {
        scheduler.answer(question, window: .failure(fault))
      }
      // An engine that hangs and was given up may still read its input.
      queues[job.queue].made -= 1
      return job.letGo()
    case .late where options.onSkip != nil: skip(question, .late)
    case .late: failure = failure ?? .late
    case .lost(let fault) where options.onSkip != nil: skip(question, .lost(fault))
    case .lost(let fault): failure = failure ?? .lost(fault)
    case .cancelled: failure = failure ?? .cancelled
    }
    job.clear()
    queues[job.queue].idle.append(job)
  }

  /// A frame that has no answer, and costs the others nothing.
  private func skip(_ question: FrameScheduler.Job, _ why: InferenceFailure) {
    entries[question.frame % limit].failure = why
    scheduler.answer(question, .failure(why.fault))
  }

  private func leave(_ job: InferenceJob) { queues[job.queue].inside.removeAll { $0 === job } }
}
