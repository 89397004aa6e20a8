public import Base
public import Execution
public import Inference
public import Rollouts

/// What one version did, counted: kept over reloads of the same version; any thread.
public final class ModelMetrics: Sendable {
  /// How a client's request ended, however many inputs it brought: a clip is one.
  public enum Ending: String, Sendable, CaseIterable {
    case success
    /// The engine, or what reads its answer, gave up.
    case failed
    /// Too much waited already.
    case refused
    /// Its deadline passed.
    case expired
    case cancelled
  }

  /// Sums and counts of one size of batch.
  public struct Batch: Sendable, Hashable {
    public var count = 0
    public var nanoseconds = 0
  }

  /// From arrival until the engine took the first row.
  public let queue = Histogram.times()
  /// Reading, decoding and scaling the inputs.
  public let prepare = Histogram.times()
  /// One batch in the engine.
  public let infer = Histogram.times()
  /// Writing the answer.
  public let write = Histogram.times()
  /// From the complete head of a request to its answer.
  public let total = Histogram.times()
  /// Rows of a batch.
  public let batchSize = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256])
  /// Seconds since 1970 of the last answer.
  public let lastAnswer = Gauge()
  /// Nanoseconds of failed requests.
  public let failedTime = Counter()
  private let endings = Ending.allCases.map { _ in Counter() }
  private let reasons = BatchStart.allCases.map { _ in Counter() }
  private let rowsAnswered = Counter()
  private let sizes = Monitor<[Int: Batch]>([:])
  /// What inferences came to since it was taken last, while somebody watches.
  private let watched = Monitor<VersionTally?>(nil)
  /// The same, for the centre whose node this server is.
  private let told = Monitor<VersionTally?>(nil)

  public func count(_ ending: Ending) -> Int { endings[Ending.allCases.firstIndex(of: ending)!].value }
  public func count(_ reason: BatchStart) -> Int { reasons[BatchStart.allCases.firstIndex(of: reason)!].value }
  /// Rows that were answered.
  public var rows: Int { rowsAnswered.value }
  /// By size.
  public var batches: [Int: Batch] { sizes.update { $0 } }

  /// A request that came as far as an answer: nanoseconds of its parts that the unit does not see.
  public func answered(prepare: UInt64, write: UInt64, total: UInt64) {
    self.prepare.record(Int(prepare))
    self.write.record(Int(write))
    self.total.record(Int(total))
    add(.success)
    lastAnswer.set(Clock.date)
  }

  /// Counts a request that has no answer; what was wrong with it before the model saw it is no matter of the model.
  public func add(_ failure: InferenceFailure) {
    switch failure {
    case .refused: add(Ending.refused)
    case .late: add(.expired)
    case .cancelled: add(Ending.cancelled)
    case .failed(let fault), .lost(let fault):
      switch fault.kind {
      case .usage, .notFound, .badInput, .tooLarge, .unsupported, .denied, .conflict: break
      case .exhausted, .closed: add(Ending.refused)
      case .unavailable, .bug: add(.failed)
      }
    }
  }

  public func add(_ ending: Ending) { endings[Ending.allCases.firstIndex(of: ending)!].add() }

  func started(_ reason: BatchStart) { reasons[BatchStart.allCases.firstIndex(of: reason)!].add() }

  func ran(rows: Int, nanoseconds: UInt64) {
    infer.record(Int(nanoseconds))
    batchSize.record(rows)
    rowsAnswered.add(rows)
    sizes.update { sizes in
      sizes[rows, default: Batch()].count += 1
      sizes[rows]!.nanoseconds += Int(nanoseconds)
    }
  }

  /// What a unit was asked for has ended: one input of a request, or all of them.
  func ended(_ outcome: InferenceRequest.Outcome, _ times: InferenceRequest.Times) {
    switch outcome {
    case .answered:
      queue.record(Int(times.queued))
      for tally in [watched, told] {
        tally.update { tally in
          tally?.answers += 1
          tally?.times.add(Int(times.inferred))
        }
      }
    case .failed, .lost:
      failedTime.add(Int(times.queued + times.inferred))
      for tally in [watched, told] { tally.update { $0?.errors += 1 } }
    case .late, .cancelled: break
    }
  }

  /// Counts inferences from now on, or not any more.
  func watch(_ isWatched: Bool) {
    watched.update { if ($0 != nil) != isWatched { $0 = isWatched ? VersionTally() : nil } }
  }

  /// Inferences, errors and times since it was asked last; counted from the first time on.
  public func takeTold() -> VersionTally {
    told.update { tally in
      defer { tally = VersionTally() }
      return tally ?? VersionTally()
    }
  }

  /// What was counted since it was asked last.
  func takeWatched() -> VersionTally {
    watched.update { tally in
      defer { if tally != nil { tally = VersionTally() } }
      return tally ?? VersionTally()
    }
  }
}
