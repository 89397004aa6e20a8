public import Base
public import JSON
internal import Objects
internal import Rollouts
public import Updates

/// The updates of a node: takes what its centre has for it, watches how that does, and goes back where it does not.
///
/// A thread of its own. What the centre wants is told by every beat; a newer update takes the place of one that is being fetched, or on trial.
public final class NodeUpdates: NodePart {
  public let name = NodeUpdateReport.member

  /// What is needed to ask the centre, and to know what may be taken; `nil` until the node is enrolled.
  public typealias Centre = @Sendable () throws(Fault) -> (connection: CentreConnection, gate: BundleGate)?

  struct Status: Sendable {
    var order = UpdateOrder()
    var report: NodeUpdateReport
    var isOver = false
  }

  let store: BundleStore
  let place: any UpdatePlace
  let centre: Centre
  /// `nil` where nothing else goes over the link.
  let link: (any NodeLink)?
  /// Has the centre hear of it at once.
  let isNews: @Sendable () -> Void
  let complain: @Sendable (Fault) -> Void
  let status: Monitor<Status>
  private let thread = Monitor<NativeThread?>(nil)

  /// Seconds until what went wrong is tried again.
  private static let patience = 30.0
  private static let restSeconds = 0.5

  /// `program` and `schema` are those of the program that runs.
  public init(
    _ store: BundleStore, _ place: any UpdatePlace, program: String, architecture: String, schema: Int,
    link: (any NodeLink)? = nil, centre: @escaping Centre, isNews: @escaping @Sendable () -> Void,
    complain: @escaping @Sendable (Fault) -> Void
  ) throws(Fault) {
    (self.store, self.place, self.centre, self.link) = (store, place, centre, link)
    (self.isNews, self.complain) = (isNews, complain)
    var report = NodeUpdateReport()
    (report.program, report.architecture, report.schema) = (program, architecture, schema)
    status = Monitor(Status(report: report))
    tell(try store.state())
  }

  // MARK: a part of the node

  public func report() -> [UInt8]? {
    let tally = place.takeTally()
    return status.update { status in
      status.report.tally.merge(tally)
      return status.report.json
    }
  }

  public func take(_ order: JSONValue) {
    do throws(Fault) {
      let order = try UpdateOrder(order)
      status.update { $0.order = order }
    } catch { complain(error.at("the centre's order about updates")) }
  }

  public func start() {
    thread.update { $0 = NativeThread { [self] in work() } }
  }

  public func stop() {
    status.update { $0.isOver = true }
    thread.update { $0.take() }?.join()
  }

  // MARK: the thread

  private func work() {
    var (trial, files, told) = (RunningTrial(), WholeFiles(), Fault?.none)
    repeat {
      var fault: Fault?
      do throws(Fault) { try turn(&trial, &files) } catch { fault = error.kind == .closed ? nil : error }
      status.update { $0.report.trouble = fault?.message }
      if let fault, fault != told { complain(fault.at("updates")) }
      told = fault
    } while rest(told == nil ? Self.restSeconds : Self.patience)
  }

  private func rest(_ seconds: Double) -> Bool {
    let before = status.update { $0.order }
    let isShort = seconds <= Self.restSeconds
    return status.wait(before: Clock.now + UInt64(seconds * 1e9)) { status in
      status.isOver || !isShort && status.order != before ? !status.isOver : nil
    } ?? true
  }

  /// Does the next thing that is due.
  private func turn(_ trial: inout RunningTrial, _ files: inout WholeFiles) throws(Fault) {
    var state = try store.state()
    defer { tell(state) }
    if let version = state.serving, status.update({ $0.order.leave }) == version, state.hasWayBack {
      try leave("its centre stopped it", &state)
    }
    let loss = try mend(state, &files)
    let program = try store.program(of: state)
    // One that is lost is no reason to go on with another.
    guard loss != nil || place.runs(program) else {
      do throws(Fault) { return try place.startAgain() } catch {
        // What is served cannot be started: a newer one can help.
        try takeNewer(&state)
        throw error
      }
    }
    if !state.restoring.isEmpty {
      try place.restore(state.restoring)
      try store.noteRestored()
      place.reloadPipelines()
    }
    let trouble = place(state)
    state = try store.state()
    if let version = state.serving, state.isTrial, loss == nil { try watch(version, &trial, &state, trouble) }
    // Where aliases are to be put back first, they do not say yet where the way back of another one leads.
    guard state.restoring.isEmpty else { return }
    try takeNewer(&state) { (state) throws(Fault) in
      let trouble = place(state)
      state = try store.state()
      if let version = state.serving, state.isTrial, loss == nil {
        try watch(version, &trial, &state, trouble, settles: false)
      }
    }
    if let trouble = loss ?? trouble { throw trouble }
  }

  /// Takes what the centre has for this node; one on trial is watched `meanwhile`, and left where it is bad, however long the other one comes.
  private func takeNewer(
    _ state: inout UpdateState, meanwhile: (inout UpdateState) throws(Fault) -> Void = { _ in }
  ) throws(Fault) {
    guard let version = status.update({ $0.order.take }), version > state.highest else { return }
    var current = state
    defer { state = current }
    try take(version, after: state) { () throws(Fault) in
      try meanwhile(&current)
      guard current.restoring.isEmpty else { throw Fault(.closed, "what was on trial is left first") }
    }
    current = try store.state()
  }

  /// Has the models of the version that is served where they belong; gives what is in the way of that.
  private func place(_ state: UpdateState) -> Fault? {
    guard let version = state.serving, !state.isPlaced else { return nil }
    do throws(Fault) {
      try place.place(try store.bundle(version)) { store.path(of: $0) }
      try store.notePlaced()
    } catch { return error }
    place.reloadPipelines()
    forgetTally()
    return nil
  }

  private func watch(
    _ version: Int, _ trial: inout RunningTrial, _ state: inout UpdateState, _ trouble: Fault?, settles: Bool = true
  ) throws(Fault) {
    let bundle = try store.bundle(version)
    var health: NodeHealth
    if let trouble {
      // What is wrong with the bytes is so for good; a disk that is full may not be.
      health = trouble.kind == .badInput ? .bad(trouble.message) : .waiting(trouble.message)
    } else {
      health = place.health(of: bundle, with: state.baseline.pipelines)
      if health == .well { health = trial.look(version, at: place.pictures(), of: state.baseline.streams) }
    }
    switch trial.look(version, bundle.health, health) {
    case .wait: return
    case .settle:
      guard settles else { return }
      try store.settle()
      place.settled(bundle, before: state.before)
      state = try store.state()
    case .goBack(let reason): try leave(reason, &state)
    }
  }

  private func leave(_ reason: String, _ state: inout UpdateState) throws(Fault) {
    let version = state.serving ?? 0
    try store.goBack(reason)
    state = try store.state()
    place.reloadPipelines()
    forgetTally()
    complain(Fault(.closed, "the update \(version) is left, and what was before is served again: \(reason)"))
  }

  private func forgetTally() {
    _ = place.takeTally()
    status.update { $0.report.tally = VersionTally() }
  }

  private func tell(_ state: UpdateState) {
    let known = status.update { ($0.report.serving, $0.report.bundle) }
    let bundle = known.0 == state.serving ? known.1 : state.serving.flatMap { try? store.digest(of: $0) }
    let isChanged = status.update { status in
      let before = (status.report.highest, status.report.serving, status.report.isTrial)
      (status.report.highest, status.report.serving) = (state.highest, state.serving)
      status.report.bundle = bundle
      (status.report.isTrial, status.report.failure) = (state.isTrial, state.failure)
      return before != (state.highest, state.serving, state.isTrial)
    }
    if isChanged { isNews() }
  }
}

/// Until when the files of which version count as whole.
struct WholeFiles {
  private var version = 0
  private var end: UInt64 = 0
  private static let seconds: UInt64 = 60

  func has(_ version: Int) -> Bool { version == self.version && Clock.now < end }

  mutating func note(_ version: Int) { (self.version, end) = (version, Clock.now + Self.seconds * 1_000_000_000) }
}

/// What a centre wants of a node's updates.
struct UpdateOrder: Sendable, Hashable {
  var take: Int?
  var leave: Int?

  private enum Key: String, CaseIterable { case take, leave }

  init() {}

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    take = try fields[.take]?.integer(in: 1 ... .max)
    leave = try fields[.leave]?.integer(in: 1 ... .max)
  }
}

/// The trial of the version that is served, since this program watches it.
struct RunningTrial {
  private var version = 0
  private var trial: UpdateTrial?
  private var watch: (version: Int, pictures: PictureWatch)?

  mutating func look(
    _ version: Int, at pictures: [StreamPictures], of streams: [NodeBaseline.Stream]
  ) -> NodeHealth {
    var known = watch.flatMap { $0.version == version ? $0.pictures : nil } ?? PictureWatch(streams)
    defer { watch = (version, known) }
    return known.look(pictures)
  }

  mutating func look(_ version: Int, _ rules: Bundle.Health, _ health: NodeHealth) -> UpdateTrial.Decision {
    let moment = Double(Clock.now) / 1e9
    if version != self.version || trial == nil { (self.version, trial) = (version, UpdateTrial(rules, at: moment)) }
    return trial?.look(health, at: moment) ?? .wait
  }
}
