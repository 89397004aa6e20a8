public import Base
internal import Inference

/// One request to a unit: the inputs of one or more rows, by when the answer is wanted, and who gets it.
public final class Ask: @unchecked Sendable {  // the unit's lock guards what changes; `rows` are settled one by one
  /// What came of it.
  public enum Outcome: Sendable {
    case answered(Answer)
    /// Its deadline passed before it could run, or before all of it had run.
    case late
    /// Whoever asked went away.
    case cancelled
    case failed(Fault)
  }

  /// Where the time of an ask went, in nanoseconds.
  public struct Times: Sendable {
    /// Until the engine took its first row.
    public internal(set) var queued: UInt64 = 0
    /// From then until its last row was answered.
    public internal(set) var inferred: UInt64 = 0
  }

  /// For each input of the network all rows, one after the other.
  public let inputs: [LentBytes]
  public let rowCount: Int
  /// Who asks, for fairness: a key, an address, a stream.
  public let source: String
  /// Monotonic nanoseconds.
  public let deadline: UInt64
  private var done: (@Sendable (Outcome, Times) -> Void)?

  // Under the unit's lock.
  var ticket: Int?
  var arrived: UInt64 = 0
  var started: UInt64?
  var left: Int
  var isOver = false
  var gathered: [[[UInt8]]] = []

  /// `done` is called exactly once, on whatever thread; the copy that answers waits for it, and what the answer lends ends with it.
  public init(
    _ inputs: [LentBytes], rows: Int, source: String, deadline: UInt64,
    done: @escaping @Sendable (Outcome, Times) -> Void
  ) {
    precondition(rows > 0, "an ask has at least one row")
    (self.inputs, rowCount, self.source, self.deadline, self.done) = (inputs, rows, source, deadline, done)
    left = rows
  }

  /// Lets go of whoever asked, under the unit's lock: what they hold may hold the ask.
  func letGo() -> (@Sendable (Outcome, Times) -> Void)? {
    defer { done = nil }
    return done
  }

  /// Rows from `first` on, input by input.
  func part(_ first: Int, _ count: Int) -> [LentBytes] {
    if count == rowCount { return inputs }
    return inputs.map { $0[$0.count / rowCount * first..<$0.count / rowCount * (first + count)] }
  }
}

/// What a network answered to all rows of an ask; lent to its `done`.
public struct Answer: OutputTensors, LentTensors, Sendable {
  private enum Content: Sendable {
    /// The one row, where the engine left it.
    case lent(Outputs)
    case copied([[UInt8]])
  }

  /// With the number of rows as the first dimension, where the network has one.
  public let specs: [TensorSpec]
  private let content: Content

  init(_ row: Outputs) { (specs, content) = (row.specs, .lent(row)) }

  init(_ specs: [TensorSpec], _ bytes: [[UInt8]]) { (self.specs, content) = (specs, .copied(bytes)) }

  public func withBytes<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    switch content {
    case .lent(let outputs): outputs.withBytes(index, body)
    case .copied(let bytes): bytes[index].withUnsafeBytes { body(RawSpan(_unsafeBytes: $0)) }
    }
  }

  public func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
    switch content {
    case .lent(let outputs): outputs.withFloats(index, body)
    case .copied: preconditionFailure("only one row is read as numbers")
    }
  }
}
