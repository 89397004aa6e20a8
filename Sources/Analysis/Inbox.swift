internal import Base
internal import Vision

/// What a network answered about one frame, or about one crop of it.
struct Arrival: Sendable {
  /// The frame, counted as it was brought.
  var frame: Int
  /// The network, by its position in the pipeline.
  var step: Int
  /// The crop, counted within frame and network; 0 for a whole frame.
  var crop: Int
  var outcome: Result<[Prediction], Fault>
  /// From the full input to the decoded answer.
  var nanoseconds: Int
}

/// Where answers wait for the thread that brought the questions; filled from the threads of the units.
final class Inbox: Sendable {
  private let desk = Monitor<[Arrival]>([])

  func put(_ arrival: Arrival) { desk.update { $0.append(arrival) } }

  /// Everything that has come, in the order of coming.
  func take() -> [Arrival] {
    desk.update { waiting in
      defer { waiting.removeAll() }
      return waiting
    }
  }

  /// Sleeps until something is there, and leaves it there.
  func wait() { desk.wait { $0.isEmpty ? nil : () } }
}
