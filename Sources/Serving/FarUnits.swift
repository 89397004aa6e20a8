internal import Base
internal import Execution
internal import Glibc
internal import Inference
internal import Isolation

/// The units elsewhere that answer for one version, as one unit with a lane for each input that they take at a time.
final class FarUnits: Sendable {
  private struct State: Sendable {
    /// `nil` where there are none.
    var unit: InferenceUnit?
    var (places, slots) = (0, 0)
  }

  private let network: any RemoteNetwork
  private let inputs: [TensorSpec]
  private let limits: InferenceUnit.Limits
  private let observer: any UnitObserver
  private let state = Monitor(State())
  /// More lanes than that are not made: each is a thread, and a connection.
  private static let mostLanes = 64

  init(
    _ network: any RemoteNetwork, _ wanted: RemoteNetworkDescription, _ limits: InferenceUnit.Limits,
    _ observer: any UnitObserver
  ) {
    (self.network, inputs, self.limits, self.observer) = (network, wanted.inputs, limits, observer)
    settle()
  }

  /// Inferences at the same time.
  var places: Int { state.update { $0.unit == nil ? 0 : $0.places } }

  func capacity(isAlone: Bool) -> FarCapacity {
    let room = network.room
    return FarCapacity(places: room.places, busy: room.busy, seconds: network.seconds, isAlone: isAlone)
  }

  var load: (waiting: Int, running: Int) { state.update { $0.unit }?.load ?? (0, 0) }

  var unit: InferenceUnit? { state.update { $0.unit } }

  /// Why there is none.
  var absence: Fault { network.absence }

  /// Units came or went: what was let in is answered as it was, what comes goes to those that are there now.
  func settle() {
    let room = network.room
    let lanes = min(Self.mostLanes, room.slots)
    let isSame = state.update { state in
      defer { state.places = room.places }
      return state.slots == room.slots
    }
    if isSame { return }
    let unit =
      lanes == 0
      ? nil
      : InferenceUnit(
        remote: (0..<lanes).map { _ in network.makeLane() }, inputs: inputs, limits: limits, observer: observer)
    let old = state.update { state in
      defer { (state.unit, state.slots) = (unit, room.slots) }
      return state.unit
    }
    guard let old else { return }
    old.close()
    NativeThread {
      // the last to let go of it waits for its threads
      old.drain()
    }.leave()
  }

  /// Lets nothing in any more, and waits until what was let in was answered.
  func end() {
    guard let unit else { return }
    unit.close()
    while !unit.isIdle {
      _ = unit.check(now: Clock.now)
      usleep(1_000)
    }
  }

  /// Drops what is late, and sees whether units came or went.
  func check(now: UInt64) {
    _ = unit?.check(now: now)
    settle()
  }
}
