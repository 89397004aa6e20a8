public import Base

/// A way to a network that runs elsewhere, for one input after the other: a port.
///
/// A unit asks it from one thread.
public protocol RemoteLane: AnyObject, Sendable {
  /// What one input's answer is; sides that are `nil` are known once it is there.
  var outputs: [TensorSpec] { get }

  /// Has one row of each input answered before a moment of `Clock.now`.
  ///
  /// What comes out, one for each output, has the sides that are told; it is valid until the next run.
  func run(_ inputs: [SharedBytes], source: String, deadline: UInt64) throws(LaneFailure) -> [BatchOutput]
}

/// Why a batch has no answers.
public enum LaneFailure: Error, Sendable {
  case failed(Fault)
  /// Its deadline passed, and nobody had begun with it.
  case late
  /// Who had it gave no answer in time.
  case lost(Fault)
}

extension LaneFailure {
  var outcome: InferenceRequest.Outcome {
    switch self {
    case .failed(let fault): .failed(fault)
    case .late: .late
    case .lost(let fault): .lost(fault)
    }
  }
}
