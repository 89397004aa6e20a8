internal import Base
internal import Inference
internal import Isolation
internal import Telemetry

/// Counts what a unit does, says in the crash journal when it is at work, and tells it to the traces that are kept.
final class VersionObserver: UnitObserver {
  private let metrics: ModelMetrics
  private let mark: CrashJournal.Mark
  private let spans: InferenceSpans?

  init(_ metrics: ModelMetrics, _ mark: CrashJournal.Mark, _ spans: InferenceSpans?) {
    (self.metrics, self.mark, self.spans) = (metrics, mark, spans)
  }

  /// The request that it was part of is counted by who answers it.
  func refused() {}
  func started(_ reason: BatchStart) { metrics.started(reason) }
  func willRun() { mark.begin() }

  func didRun(rows: Int, nanoseconds: UInt64) {
    mark.end()
    metrics.ran(rows: rows, nanoseconds: nanoseconds)
  }

  func ran(_ batch: TracedBatch) { spans?.record(batch) }

  func ended(_ outcome: InferenceRequest.Outcome, _ times: InferenceRequest.Times) { metrics.ended(outcome, times) }
}

/// What traces are told of the batches of one version.
///
/// Each request has the batch in its own trace, with links to the others that were in it.
struct InferenceSpans: Sendable {
  let telemetry: Telemetry
  /// What is said of the version with each.
  let version: [Attribute]

  /// Links of one span, at most.
  private static let mostLinks = 32

  init(_ telemetry: Telemetry, model: String, version: String, isFar: Bool) {
    self.telemetry = telemetry
    self.version = [
      Attribute("ridley.model.name", model), Attribute("ridley.model.version", version),
      Attribute("ridley.model.remote", isFar),
    ]
  }

  func record(_ batch: TracedBatch) {
    for (number, member) in batch.members.enumerated() {
      if member.isFirst {
        telemetry.record(
          Span(
            "queue", at: Telemetry.place(within: member.trace), parent: member.trace.parent, from: member.arrived,
            to: member.started, version))
      }
      var span = Span(
        "infer", at: Telemetry.place(within: member.trace), parent: member.trace.parent, from: batch.began,
        to: batch.ended, version + [Attribute("ridley.batch.rows", batch.rowCount)])
      span.error = batch.failure?.message
      span.links = batch.members.indices.lazy.filter { $0 != number }.prefix(Self.mostLinks)
        .map { batch.members[$0].trace }
      telemetry.record(span)
    }
  }
}
