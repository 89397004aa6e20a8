internal import Base
internal import Vision

/// Where answers wait until those before them have come: in any order, out by sequence number.
final class Answers: Sendable {
  struct Answer: Sendable {
    var outcome: Result<[Prediction], Fault>
    /// From the full input to the decoded answer, in nanoseconds.
    var inferNanoseconds: Int
  }

  private struct Desk {
    var waiting: [Int: Answer] = [:]
    var next = 0

    mutating func take() -> Answer? {
      guard let answer = waiting.removeValue(forKey: next) else { return nil }
      next += 1
      return answer
    }
  }

  private let desk = Monitor(Desk())

  /// Called once for each sequence number, from any thread.
  func put(_ sequence: Int, _ answer: Answer) { desk.update { $0.waiting[sequence] = answer } }

  /// The next answer in order, if it is there.
  func take() -> Answer? { desk.update { $0.take() } }

  /// Sleeps until the next answer in order is there.
  func waitForNext() -> Answer { desk.wait { $0.take() } }
}
