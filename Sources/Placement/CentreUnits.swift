public import Base
internal import Inference
public import Serving

/// A centre as the units of a server at the edge: what its streams and callers ask of a model is computed there, over HTTP.
///
/// The server's own settings say of each model where it is computed; what the centre has is looked for once a second.
public final class CentreUnits: RemoteUnits {
  private let address: CentreAddress
  private let flight: Int
  private let networks = Monitor([String: Known]())
  private let isOver: Monitor<Bool>
  private let looker = Monitor<RepeatingThread?>(nil)

  /// What nobody here serves any more is not looked for.
  private struct Known: Sendable { weak var network: CentreUnitNetwork? }

  /// `complain` hears, once for each reason in a row, that the centre does not answer.
  public init(
    _ address: CentreAddress, flight: Int = CentreNetwork.usualFlight, complain: @escaping @Sendable (Fault) -> Void
  ) {
    var once = address
    // What is live is not asked again: the next picture is newer.
    once.patience = 0
    (self.address, self.flight) = (once, flight)
    let isOver = Monitor(false)
    self.isOver = isOver
    let look = CentreLook(once) { !isOver.update { $0 } }
    let thread = RepeatingThread(restMilliseconds: 1000, complain: complain) { [weak self] () throws(Fault) in
      try look.look(at: self?.served ?? [])
    }
    looker.update { $0 = thread }
  }

  private var served: [CentreUnitNetwork] {
    networks.update { networks in
      networks = networks.filter { $0.value.network != nil }
      return networks.values.compactMap(\.network)
    }
  }

  /// Ends the looking; what is on its way is answered all the same.
  public func stop() {
    isOver.update { $0 = true }
    let thread = looker.update { looker in
      defer { looker = nil }
      return looker
    }
    thread?.stop()
  }

  public func network(_ description: RemoteNetworkDescription) -> any RemoteNetwork {
    networks.update { networks in
      if let known = networks[description.network]?.network, known.description == description { return known }
      let network = CentreUnitNetwork(description, address, flight: flight)
      networks[description.network] = Known(network: network)
      return network
    }
  }
}

/// What asks a centre for its models again and again, over one connection.
private final class CentreLook: @unchecked Sendable {  // used by the thread alone that looks
  private let address: CentreAddress
  private let goesOn: @Sendable () -> Bool
  private var centre: Centre?

  init(_ address: CentreAddress, goesOn: @escaping @Sendable () -> Bool) {
    (self.address, self.goesOn) = (address, goesOn)
  }

  func look(at networks: [CentreUnitNetwork]) throws(Fault) {
    var failure: Fault?
    for network in networks {
      // Each would wait as long for a centre that does not answer.
      if let failure, failure.kind == .unavailable {
        network.lose(failure)
        continue
      }
      do throws(Fault) {
        let centre = if let centre { centre } else { try Centre(address, goesOn: goesOn) }
        self.centre = centre
        network.see(try centre.versions(of: network.description.model))
      } catch {
        network.lose(error)
        guard error.kind != .closed else { return }
        // A model that the centre has not is no trouble of the centre's.
        if error.kind != .notFound { failure = error }
      }
    }
    if let failure { throw failure }
  }
}

/// One network of a server at the edge, as a centre has it.
final class CentreUnitNetwork: RemoteNetwork {
  private struct State {
    var found: CentreModel?
    var absence: Fault
    /// Seconds of a question, smoothed.
    var seconds: Double?
  }

  let description: RemoteNetworkDescription
  let address: CentreAddress
  private let flight: Int
  private let state: Monitor<State>

  init(_ description: RemoteNetworkDescription, _ address: CentreAddress, flight: Int) {
    (self.description, self.address, self.flight) = (description, address, flight)
    let name = description.model
    state = Monitor(
      State(absence: Fault(.unavailable, "the centre \(address.host) is being asked whether it has '\(name)'")))
  }

  var found: CentreModel? { state.update { $0.found } }
  var seconds: Double? { state.update { $0.seconds } }
  var absence: Fault { state.update { $0.absence } }

  var room: RemoteRoom {
    var room = RemoteRoom()
    guard let found else { return room }
    (room.places, room.slots) = (min(flight, found.streams), flight)
    return room
  }

  /// What the centre has; the same for the same answers is what counts, whatever version it is there.
  func see(_ versions: (ready: [CentreModel], others: [String])) {
    let match = versions.ready.first { Self.name($0) == description.network && takesOne($0) }
    let known = versions.ready.map { "version \($0.version) is \(Self.shown(Self.name($0)))" } + versions.others
    let has = known.isEmpty ? "no version of it is ready there" : known.joined(separator: ", ")
    let absence = Fault(
      .unavailable,
      "the centre \(address.host) has another '\(description.model)' (\(has); here it is \(Self.shown(description.network))): give both the same folder of models, and the same precision"
    )
    state.update { ($0.found, $0.absence) = (match, absence) }
  }

  /// As a server names it to units.
  private static func name(_ found: CentreModel) -> String {
    "\(found.digest.split(separator: ":").last ?? "").\(found.precision ?? "")"
  }

  /// The beginning of its digest, and what it is computed in.
  private static func shown(_ network: String) -> String {
    let parts = network.split(separator: ".", omittingEmptySubsequences: false)
    let precision = parts.count > 1 && !parts[1].isEmpty ? " in \(parts[1])" : ""
    return "\(parts.first?.prefix(12) ?? "")…\(precision)"
  }

  /// One tensor goes as it is.
  private func takesOne(_ found: CentreModel) -> Bool {
    guard found.inputs.count == 1, found.inputs[0].byteCount != nil,
      (found.inputs + found.outputs).allSatisfy({ $0.element != .string })
    else { return false }
    let (there, here) = (found.inputs + found.outputs, description.inputs + description.outputs)
    return there.count == here.count
      && zip(there, here).allSatisfy { $0.name == $1.name && $0.shape == $1.shape && $0.element == $1.element }
  }

  /// It is not asked until it was looked for again.
  func lose(_ fault: Fault) { state.update { ($0.found, $0.absence) = (nil, fault) } }

  func note(seconds: Double) { state.update { $0.seconds = $0.seconds.map { 0.9 * $0 + 0.1 * seconds } ?? seconds } }

  func makeLane() -> any RemoteLane { CentreUnitLane(self) }
}

/// One way to whichever version of the centre is the same network.
private final class CentreUnitLane: RemoteLane, @unchecked Sendable {  // its unit asks it from one thread
  private let network: CentreUnitNetwork
  private let traffic = LinkTraffic()
  private var lane: (model: CentreModel, lane: CentreLane)?

  init(_ network: CentreUnitNetwork) { self.network = network }

  var outputs: [TensorSpec] { network.description.outputs }

  func run(_ inputs: [SharedBytes], source: String, deadline: UInt64) throws(LaneFailure) -> [BatchOutput] {
    guard let found = network.found else { throw .failed(network.absence) }
    if lane?.model != found { lane = (found, CentreLane(found, network.address, traffic, lost: nil)) }
    guard let lane = lane?.lane else { throw .failed(network.absence) }
    let watch = Stopwatch()
    do throws(LaneFailure) {
      let outputs = try lane.run(inputs, source: source, deadline: deadline)
      network.note(seconds: watch.seconds)
      return outputs
    } catch {
      // The others need not find that out one by one; an answer that came too late is its own picture's.
      let (isOwn, fault): (Bool, Fault?) =
        switch error {
        case .late: (true, nil)
        case .failed(let fault): (fault.kind == .badInput, fault)
        case .lost(let fault): (fault.kind == .exhausted || Clock.now >= deadline, fault)
        }
      if let fault, !isOwn { network.lose(fault) }
      throw error
    }
  }
}
