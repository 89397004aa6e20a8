public import Base

/// One request to a unit: the inputs of one or more rows, by when the answer is wanted, and who gets it.
public final class InferenceRequest: @unchecked Sendable {  // the unit's lock guards what changes while it is inside
  /// What came of it.
  public enum Outcome: Sendable {
    /// Lent for the call.
    case answered(Outputs)
    /// Its deadline passed before it could run, or before all of it had run.
    case late
    /// The client left.
    case cancelled
    case failed(Fault)
    /// Another process or host had it, and gave no answer in time.
    case lost(Fault)
  }

  /// Where its time went, in nanoseconds.
  public struct Times: Sendable {
    /// Until the engine took its first row.
    public internal(set) var queued: UInt64 = 0
    /// From then until its last row was answered.
    public internal(set) var inferred: UInt64 = 0
  }

  public typealias Done = @Sendable (Outcome, Times) -> Void

  /// For each input of the network all rows, one after the other.
  public let inputs: [SharedBytes]
  public let rowCount: Int
  /// For whom it counts, for fairness: a key, an address, a stream.
  public let source: String
  /// Monotonic nanoseconds.
  public private(set) var deadline: UInt64
  /// Where its asker stands in a trace that is kept; `nil` in all others.
  public private(set) var trace: Trace?
  private let isReused: Bool
  private var completion: Completion?

  /// Who gets the answer.
  ///
  /// A struct, because a closure alone in an optional is boxed anew each time it is put there.
  struct Completion {
    let done: Done
  }

  // Under the unit's lock.
  var ticket: Int?
  /// The unit that it is inside of.
  var owner: ObjectIdentifier?
  var arrived: UInt64 = 0
  var started: UInt64?
  var left: Int
  var isOver = false
  var gathered: [[[UInt8]]] = []

  /// `done` is called exactly once for each time that the request is let in, on a thread of the unit or of the caller; the lane that
  /// answers waits for it.
  ///
  /// With `isReused` the same request may come again after ``renew(deadline:trace:)``, which costs no memory.
  public init(
    _ inputs: [SharedBytes], rows: Int, source: String, deadline: UInt64 = .max, isReused: Bool = false,
    trace: Trace? = nil, done: @escaping Done
  ) {
    precondition(rows > 0, "a request has at least one row")
    (self.inputs, rowCount, self.source, self.deadline) = (inputs, rows, source, deadline)
    (self.isReused, completion, left, self.trace) = (isReused, Completion(done: done), rows, trace)
  }

  /// Makes it ready to come again.
  ///
  /// Only after it was answered, and for one that may be used again.
  public func renew(deadline: UInt64 = .max, trace: Trace? = nil) {
    precondition(isReused, "this request is used once")
    (self.deadline, self.trace, ticket, owner) = (deadline, trace, nil, nil)
    (started, left, isOver) = (nil, rowCount, false)
  }

  /// Ends it, under the unit's lock.
  ///
  /// Gives `nil` where it has ended already. What `done` holds may hold the request, so it is let go.
  func end() -> Completion? {
    guard !isOver else { return nil }
    isOver = true
    defer { if !isReused { completion = nil } }
    return completion
  }

  /// Rows from `first` on, input by input.
  func part(_ first: Int, _ count: Int) -> [SharedBytes] {
    if count == rowCount { return inputs }
    return inputs.map { $0[$0.count / rowCount * first..<$0.count / rowCount * (first + count)] }
  }

  /// All rows as one answer, once each has come.
  func answer(like specs: [TensorSpec]) -> Outputs {
    let bytes = specs.indices.map { index in gathered.flatMap { $0[index] } }
    let whole = specs.map { spec in
      TensorSpec(name: spec.name, shape: [rowCount] + spec.shape.dropFirst(), element: spec.element)
    }
    return Outputs(whole, bytes)
  }
}

/// Why a request was not let in.
public struct AdmissionRefusal: Error {
  /// Seconds after which it may be let in.
  public let retryAfter: Double
  /// `exhausted` where too much waits already, `closed` where the unit takes nothing any more.
  public let fault: Fault

  public init(retryAfter: Double, fault: Fault) { (self.retryAfter, self.fault) = (retryAfter, fault) }
}

/// What a unit tells of its work, for metrics and for who looks after it.
///
/// Called from any thread, for short.
public protocol UnitObserver: AnyObject, Sendable {
  func refused()
  func started(_ reason: BatchStart)
  /// A batch goes into the engine, and has come back from it.
  func willRun()
  func didRun(rows: Int, nanoseconds: UInt64)
  /// The same of a batch with requests whose traces are kept.
  func ran(_ batch: TracedBatch)
  func ended(_ outcome: InferenceRequest.Outcome, _ times: InferenceRequest.Times)
}

extension UnitObserver {
  public func ran(_ batch: TracedBatch) {}
}

/// Why a batch began when it did.
public enum BatchStart: String, Sendable, CaseIterable {
  /// A copy had nothing to do when the request came.
  case arrival
  /// A copy had finished, and took what waited.
  case free
}
