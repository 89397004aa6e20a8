public import Base
internal import Batching

/// A batch as traces tell of it: when it ran, and for which requests whose traces are kept.
public struct TracedBatch: Sendable {
  /// A request, or the part of it that was in the batch.
  public struct Member: Sendable {
    /// Where its asker stands.
    public let trace: Trace
    /// When it came to the unit, and when the first of its rows left the queue, in monotonic nanoseconds.
    public let arrived: UInt64
    public let started: UInt64
    /// Whether that was in this batch.
    public let isFirst: Bool
  }

  public let members: [Member]
  /// Of all requests.
  public let rowCount: Int
  /// Monotonic nanoseconds.
  public let began: UInt64
  public internal(set) var ended: UInt64 = 0
  /// Why none of it was answered.
  public internal(set) var failure: Fault?

  /// `nil` where no trace is kept; before it runs, while its requests are its own.
  init?(_ runner: CopyRunner) {
    let now = Clock.now
    let members = runner.batch.compactMap { portion -> Member? in
      guard let trace = portion.item.trace else { return nil }
      return Member(
        trace: trace, arrived: portion.item.arrived, started: portion.item.started ?? now, isFirst: portion.first == 0)
    }
    guard !members.isEmpty else { return nil }
    (self.members, rowCount, began) = (members, runner.rowCount, now)
  }

  /// Tells that it has run.
  func ended(at now: UInt64, _ result: Result<BatchOutputs, LaneFailure>, to observer: (any UnitObserver)?) {
    var batch = self
    batch.ended = now
    if case .failure(let failure) = result { batch.failure = failure.fault }
    observer?.ran(batch)
  }
}

extension LaneFailure {
  fileprivate var fault: Fault {
    switch self {
    case .failed(let fault), .lost(let fault): fault
    case .late: Fault(.exhausted, "the deadline passed")
    }
  }
}
