public import Base
public import Bus
internal import Inference
public import Serving

/// The units that a server finds through a bus: who is there, is looked for twice a second.
public final class UnitPool: RemoteUnits {
  struct State {
    /// Who said within the last seconds that it is there.
    var notices: [UnitNotice] = []
    /// Why nothing is known of them.
    var fault: Fault? = Fault(.unavailable, "units are being looked for")
    /// By network.
    var networks: [String: PooledNetwork] = [:]
  }

  let bus: FrameBus
  private let state = Monitor(State())
  private let looker = Monitor<RepeatingThread?>(nil)

  private static let rest = 500
  private static let patience: UInt64 = 1_000_000_000

  /// `complain` hears, once for each reason in a row, that the bus does not answer.
  public init(_ bus: FrameBus, complain: @escaping @Sendable (Fault) -> Void) {
    self.bus = bus
    try? look()
    let thread = RepeatingThread(restMilliseconds: Self.rest, complain: complain) { [weak self] () throws(Fault) in
      try self?.look()
    }
    looker.update { $0 = thread }
  }

  /// Ends the looking; what is on its way is answered all the same.
  public func stop() {
    let thread = looker.update { looker in
      defer { looker = nil }
      return looker
    }
    thread?.stop()
  }

  private func look() throws(Fault) {
    do throws(Fault) {
      let notices = try bus.look(before: Clock.now + Self.patience)
      state.update { ($0.notices, $0.fault) = (notices, nil) }
    } catch {
      lose(error)
      throw error
    }
  }

  /// Nothing is known of any unit until the bus answers again.
  func lose(_ fault: Fault) { state.update { ($0.notices, $0.fault) = ([], fault) } }

  public func network(_ description: RemoteNetworkDescription) -> any RemoteNetwork {
    state.update { state in
      if let known = state.networks[description.network], known.description == description { return known }
      let network = PooledNetwork(description, self)
      state.networks[description.network] = network
      return network
    }
  }

  /// Units that are there, for people.
  public var notices: [UnitNotice] { state.update { $0.notices } }

  func room(of network: String) -> RemoteRoom {
    var room = RemoteRoom()
    for offer in notices.flatMap({ $0.offers }) where offer.network == network {
      room.places += offer.places
      room.slots += offer.slots
      room.busy += Double(offer.places * offer.busy) / 1000
    }
    return room
  }

  /// Why no unit has a network.
  func absence(of description: RemoteNetworkDescription) -> Fault {
    let (notices, fault) = state.update { ($0.notices, $0.fault) }
    if let fault { return Fault(.unavailable, "no unit can be asked: \(fault.message)", cause: fault.cause) }
    let model = description.model
    guard !notices.isEmpty else {
      return Fault(.unavailable, "no unit is there to compute '\(model)': start one with 'ridley unit'")
    }
    let others = notices.flatMap { notice in notice.offers.filter { $0.model == model }.map { (notice.host, $0) } }
    guard let other = others.first else {
      return Fault(.unavailable, "none of the \(notices.count) units that are there has the model '\(model)'")
    }
    return Fault(
      .unavailable,
      "the unit at \(other.0) has another '\(model)' (\(other.1.network.prefix(12))…, here \(description.network.prefix(12))…): give both the same folder of models, and the same precision"
    )
  }
}

/// The units of one network, and the ways to them.
final class PooledNetwork: RemoteNetwork {
  let description: RemoteNetworkDescription
  private unowned let pool: UnitPool
  /// Seconds of an inference, smoothed.
  private let took = Monitor<Double?>(nil)
  /// Ways that are not in use.
  private let idle = Monitor<[FrameLane]>([])

  init(_ description: RemoteNetworkDescription, _ pool: UnitPool) {
    (self.description, self.pool) = (description, pool)
  }

  var room: RemoteRoom { pool.room(of: description.network) }
  var seconds: Double? { took.update { $0 } }
  var absence: Fault { pool.absence(of: description) }

  func makeLane() -> any RemoteLane {
    let lane = idle.update { $0.popLast() } ?? FrameLane(pool.bus, network: description.network)
    return FarLane(lane, self)
  }

  fileprivate func giveBack(_ lane: FrameLane) { idle.update { $0.append(lane) } }

  fileprivate func note(seconds: Double) { took.update { $0 = $0.map { 0.9 * $0 + 0.1 * seconds } ?? seconds } }

  fileprivate func lose(_ fault: Fault) { pool.lose(fault) }
}

/// One way to whichever unit comes first; what comes back is checked.
final class FarLane: RemoteLane {
  private let lane: FrameLane
  private let network: PooledNetwork

  /// Nanoseconds that are waited for what has no deadline.
  private static let longest: UInt64 = 30_000_000_000

  init(_ lane: FrameLane, _ network: PooledNetwork) { (self.lane, self.network) = (lane, network) }

  deinit { network.giveBack(lane) }

  var outputs: [TensorSpec] { network.description.outputs }

  func run(_ inputs: [SharedBytes], source: String, deadline: UInt64) throws(LaneFailure) -> [BatchOutput] {
    let outcome: FrameLane.Outcome
    do throws(Fault) {
      outcome = try lane.ask(
        FramePayload.joined(inputs), source: source, deadline: min(deadline, Clock.now + Self.longest))
    } catch {
      // the others need not find that out one by one
      if error.kind == .unavailable { network.lose(error) }
      throw .failed(error)
    }
    switch outcome {
    case .late: throw .late
    case .lost: throw .lost(Fault(.unavailable, "a unit had it, and gave no answer in time: it died, or was cut off"))
    case .answered(let answer):
      switch answer.content {
      case .failed(let reason): throw .failed(Fault(.unavailable, "a unit could not compute it: \(reason)"))
      case .outputs(let sides, let bytes):
        network.note(seconds: Double(answer.inferred) / 1e9)
        do throws(Fault) { return try FramePayload.outputs(sides, bytes, like: outputs) } catch { throw .failed(error) }
      }
    }
  }
}
