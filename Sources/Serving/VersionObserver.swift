internal import Inference
internal import Isolation

/// Counts what a unit does, and says in the crash journal when it is at work.
final class VersionObserver: UnitObserver {
  private let metrics: ModelMetrics
  private let mark: CrashJournal.Mark

  init(_ metrics: ModelMetrics, _ mark: CrashJournal.Mark) { (self.metrics, self.mark) = (metrics, mark) }

  /// The request that it was part of is counted by who answers it.
  func refused() {}
  func started(_ reason: BatchStart) { metrics.started(reason) }
  func willRun() { mark.begin() }

  func didRun(rows: Int, nanoseconds: UInt64) {
    mark.end()
    metrics.ran(rows: rows, nanoseconds: nanoseconds)
  }

  func ended(_ outcome: InferenceRequest.Outcome, _ times: InferenceRequest.Times) { metrics.ended(outcome, times) }
}
