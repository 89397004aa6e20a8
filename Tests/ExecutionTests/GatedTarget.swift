import Base
import Execution
import Inference

/// A unit behind a gate: what is submitted waits until the test lets it in, one by one and in whatever order.
final class GatedTarget: InferenceTarget {
  private struct State {
    var held: [InferenceRequest] = []
    var room = Int.max
    var cancelled = 0
    var fails = false
  }

  let (batch, streams) = (1, 2)
  /// It is said that some of it may run elsewhere.
  let far: FarCapacity?
  private let unit: InferenceUnit
  /// One whose only way leads to a unit that computes nothing.
  private let failing: InferenceUnit
  private let state = Monitor(State())

  init(_ unit: InferenceUnit, isFar: Bool = false) {
    (self.unit, failing) = (unit, InferenceUnit(remote: [FailingLane()], inputs: unit.inputs))
    far = isFar ? FarCapacity(places: 1, busy: 0, seconds: nil, isAlone: true) : nil
  }

  /// Requests that wait at the gate; more than the room are refused.
  var heldCount: Int { state.update { $0.held.count } }
  var cancelledCount: Int { state.update { $0.cancelled } }
  func setRoom(_ room: Int) { state.update { $0.room = room } }

  func submit(_ request: InferenceRequest) throws(AdmissionRefusal) {
    let isIn = state.update { state in
      guard state.held.count < state.room else { return false }
      state.held.append(request)
      return true
    }
    guard isIn else { throw AdmissionRefusal(retryAfter: 7, fault: Fault(.exhausted, "there is no room")) }
  }

  /// As a unit does, every request is answered all the same.
  func cancel(_ request: InferenceRequest) {
    let isHeld = state.update { state in
      state.cancelled += 1
      defer { state.held.removeAll { $0 === request } }
      return state.held.contains { $0 === request }
    }
    if isHeld { try? unit.submit(request) }
    unit.cancel(request)
  }

  /// Lets one in, of those that wait the one that `choose` names; `false` where none waits.
  func letIn(_ choose: (Int) -> Int = { _ in 0 }) throws -> Bool {
    let request = state.update { state -> InferenceRequest? in
      state.held.isEmpty ? nil : state.held.remove(at: choose(state.held.count))
    }
    guard let request else { return false }
    let fails = state.update { state in
      defer { state.fails = false }
      return state.fails
    }
    try (fails ? failing : unit).submit(request)
    return true
  }

  /// The next that is let in fails.
  func failsNext() { state.update { $0.fails = true } }

  func drain() { unit.drain() }

  /// Whether each request that waits now is gone soon after the answers that end it.
  func watchHeld() -> [WeakRequest] { state.update { $0.held.map(WeakRequest.init) } }
}

private final class FailingLane: RemoteLane {
  let outputs: [TensorSpec] = []

  func run(_ inputs: [SharedBytes], source: String, deadline: UInt64) throws(LaneFailure) -> [BatchOutput] {
    throw .failed(Fault(.unavailable, "a unit could not compute it"))
  }
}

/// A request that is not kept.
struct WeakRequest {
  weak var request: InferenceRequest?

  init(_ request: InferenceRequest) { self.request = request }
}
