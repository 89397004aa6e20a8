internal import Base
internal import OpenInference
internal import Serving

extension ModelStatistics {
  init(_ served: ServedVersion) {
    self.init(name: served.model, version: served.version)
    let metrics = served.metrics
    let sum = { (histogram: Histogram) in
      let snapshot = histogram.snapshot
      return OpenInference.Tally(count: snapshot.count, nanoseconds: snapshot.sum)
    }
    (lastInference, inferenceCount) = (metrics.lastAnswer.value * 1000, metrics.rows)
    (success, queue) = (sum(metrics.total), sum(metrics.queue))
    (computeInput, computeInfer, computeOutput) = (sum(metrics.prepare), sum(metrics.infer), sum(metrics.write))
    let failures = [.failed, .refused, .expired, .cancelled].reduce(0) { $0 + metrics.count($1) }
    fail = OpenInference.Tally(count: failures, nanoseconds: metrics.failedTime.value)
    for (size, batch) in metrics.batches.sorted(by: { $0.key < $1.key }) {
      executionCount += batch.count
      batches.append(
        Batch(
          size: size, computeInput: OpenInference.Tally(),
          computeInfer: OpenInference.Tally(count: batch.count, nanoseconds: batch.nanoseconds),
          computeOutput: OpenInference.Tally()))
    }
  }
}
