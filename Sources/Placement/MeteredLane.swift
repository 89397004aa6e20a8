public import Base
public import Inference

/// What a network did in a trial, with some of its questions and answers.
public final class NetworkMeter: Sendable {
  public struct Figures: Sendable, Hashable {
    public var count = 0
    /// The same by stretch of the film.
    public var counts: [Int] = []
    /// Nanoseconds that its inferences took.
    public var nanoseconds = 0
    /// Of one input, and of its outputs on the average.
    public var inputBytes = 0
    public var outputBytes = 0.0
  }

  struct Kept: Sendable {
    let input: SharedBytes
    let outputs: [BatchOutput]
  }

  private struct State: Sendable {
    var figures = Figures()
    var kept: [Kept] = []
    /// Of so many questions one is kept.
    var stride = 1
    /// Where the film is.
    var stretch = 0
  }

  private let state = Monitor(State())
  /// Questions that are kept, at most: spread over all, since the first pictures may show nothing.
  private static let most = 16

  public init() {}

  public var figures: Figures { state.update { $0.figures } }
  /// Real inputs.
  public var inputs: [SharedBytes] { state.update { $0.kept.map(\.input) } }
  var kept: [Kept] { state.update { $0.kept } }

  /// What comes from now on is of this stretch of the film.
  func enter(_ stretch: Int) { state.update { $0.stretch = stretch } }

  /// What is kept is copied: it was lent.
  func note(_ input: SharedBytes, _ outputs: [BatchOutput], nanoseconds: UInt64) {
    let bytes = outputs.reduce(0) { $0 + $1.bytes.count }
    let wants = state.update { state in
      state.figures.count += 1
      state.figures.counts.add(1, at: state.stretch)
      state.figures.nanoseconds += Int(nanoseconds)
      state.figures.inputBytes = input.count
      state.figures.outputBytes += (Double(bytes) - state.figures.outputBytes) / Double(state.figures.count)
      return (state.figures.count - 1) % state.stride == 0
    }
    guard wants else { return }
    let copy = Kept(input: SharedBytes(unsafe [UInt8](input.pointer)), outputs: outputs)
    state.update { state in
      state.kept.append(copy)
      guard state.kept.count > Self.most else { return }
      state.kept = stride(from: 0, to: state.kept.count, by: 2).map { state.kept[$0] }
      state.stride *= 2
    }
  }
}

/// One way to a unit of this process, on which everything that passes is measured.
public final class MeteredLane: RemoteLane {
  public let outputs: [TensorSpec]
  private let unit: InferenceUnit
  private let meter: NetworkMeter

  public init(_ unit: InferenceUnit, outputs: [TensorSpec], _ meter: NetworkMeter) {
    (self.unit, self.outputs, self.meter) = (unit, outputs, meter)
  }

  private enum Answer: Sendable {
    case outputs([BatchOutput], UInt64)
    case failed(LaneFailure)
  }

  public func run(
    _ inputs: [SharedBytes], source: String, deadline: UInt64
  ) throws(LaneFailure) -> [BatchOutput] {
    let answer = Monitor<Answer?>(nil)
    let request = InferenceRequest(inputs, rows: 1, source: source, deadline: deadline) { outcome, times in
      let came = Self.answer(outcome, times)
      answer.update { $0 = came }
    }
    do throws(AdmissionRefusal) { try unit.submitWaiting(request) } catch { throw .failed(error.fault) }
    switch answer.wait(until: { $0 }) {
    case .failed(let failure): throw failure
    case .outputs(let outputs, let nanoseconds):
      meter.note(inputs[0], outputs, nanoseconds: nanoseconds)
      return outputs
    }
  }

  private static func answer(_ outcome: InferenceRequest.Outcome, _ times: InferenceRequest.Times) -> Answer {
    switch outcome {
    case .answered(let outputs):
      let copies = outputs.specs.indices.map { index in
        outputs.withBytes(index) { bytes in
          BatchOutput(
            sides: outputs.specs[index].shape.map { $0 ?? 0 },
            bytes: SharedBytes(unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }))
        }
      }
      return .outputs(copies, times.inferred)
    case .late: return .failed(.late)
    case .cancelled: return .failed(.failed(Fault(.closed, "it was not wanted any more")))
    case .failed(let fault): return .failed(.failed(fault))
    case .lost(let fault): return .failed(.lost(fault))
    }
  }
}

/// A way to a network that answers at once with what another one answered before: the edge's part of the work alone is left.
final class PlayedLane: RemoteLane {
  let outputs: [TensorSpec]
  private let kept: [NetworkMeter.Kept]
  private let turn = Monitor(0)

  init(_ kept: [NetworkMeter.Kept], outputs: [TensorSpec]) { (self.kept, self.outputs) = (kept, outputs) }

  func run(_ inputs: [SharedBytes], source: String, deadline: UInt64) throws(LaneFailure) -> [BatchOutput] {
    guard !kept.isEmpty else { throw .failed(Fault(.bug, "nothing was kept that could be answered")) }
    return kept[
      turn.update { turn in
        defer { turn = (turn + 1) % kept.count }
        return turn
      }
    ].outputs
  }
}
