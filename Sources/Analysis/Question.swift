internal import Base
internal import Inference
internal import Media
internal import Predictions
internal import Vision

/// A question to a network about a frame or a crop of it, and then its answer; used again and again.
///
/// Belongs to the line that asks, and to the network's unit from ``fill(_:_:_:)`` until it lies in the inbox: never to
/// both at once.
final class Question: @unchecked Sendable {
  /// Of the slip that it stands on.
  let number: Int
  /// The frame, counted as it was brought.
  private(set) var frame = 0
  /// The network, by its position in the pipeline.
  private(set) var step = 0
  /// The crop, counted within frame and network; 0 for a whole frame.
  private(set) var crop = 0
  var outcome: Result<[Prediction], Fault> = .success([])
  /// Nanoseconds until a place was free, from then until it was filled, and from then until the decoded answer.
  private(set) var (waited, prepared, nanoseconds) = (0, 0, 0)
  private var watch = Stopwatch()
  private var head: Head?
  private var placement: Placement?

  init(number: Int) { self.number = number }

  func begin(frame: Int, step: Int, crop: Int) {
    (self.frame, self.step, self.crop) = (frame, step, crop)
    watch = Stopwatch()
  }

  func ask(_ head: Head, _ placement: Placement) { (self.head, self.placement) = (head, placement) }

  /// Renders what is asked about into the network's input.
  func fill(_ input: borrowing InputPlace, _ frame: Frame, _ model: LoadedModel) throws(Fault) {
    guard let placement else { preconditionFailure("a question is filled before it is asked") }
    waited = watch.nanoseconds
    try input.write { (bytes) throws(Fault) in
      try frame.render(
        into: &bytes, size: model.input, source: placement.source, target: placement.target, order: model.order,
        pad: model.recipe.input.pad)
    }
    prepared = watch.nanoseconds - waited
    watch = Stopwatch()
  }

  /// Reads the network's answer, on the unit's thread.
  fileprivate func answer(_ result: Result<Outputs, Fault>) {
    guard let head, let placement else { preconditionFailure("an answer comes to what was never asked") }
    outcome = result.map { head.decode($0, at: placement) }
    nanoseconds = watch.nanoseconds
  }
}

/// A question, and what the unit calls with its answer: one closure, made once.
struct Slip {
  let question: Question
  let done: @Sendable (Result<Outputs, Fault>) -> Void

  init(number: Int, _ inbox: Inbox) {
    let question = Question(number: number)
    self.question = question
    done = { result in
      question.answer(result)
      inbox.put(question)
    }
  }
}
