public import Base
public import Catalog
internal import Items
internal import Library
internal import Store

/// Tells all targets of a library what happens, beside a server: as long as it is this process's turn.
public final class DeliveryService: Sendable {
  private struct State {
    var runners: [ItemKey: TargetRunner] = [:]
    var cleared = Clock.now
  }

  private let desk: DeliveryDesk
  private let pace: DeliveryPace
  private let complain: @Sendable (Fault) -> Void
  private let links: LinkSigner?
  private let make: TargetRunner.MakeSender
  private let state = Monitor(State())
  private let thread: Monitor<RepeatingThread?> = Monitor(nil)

  /// Milliseconds between two looks at what changed.
  private static let interval = 200
  /// Nanoseconds between two removals of what is kept no longer.
  private static let clearing: UInt64 = 600_000_000_000

  /// Begins at once.
  ///
  /// Notices have links where there is somebody who signs them. `complain` hears of what fails here, once for each reason in a row; what a target does not take stands with its notices.
  public convenience init(
    _ desk: DeliveryDesk, pace: DeliveryPace = DeliveryPace(), links: LinkSigner? = nil,
    complain: @escaping @Sendable (Fault) -> Void
  ) {
    self.init(desk, pace, links, complain: complain) { [library = desk.library] (target) throws(Fault) in
      switch target.kind {
      case .webhook: try WebhookSender(target)
      case .mqtt: try BrokerSender(target, library)
      }
    }
  }

  init(
    _ desk: DeliveryDesk, _ pace: DeliveryPace, _ links: LinkSigner?, complain: @escaping @Sendable (Fault) -> Void,
    make: @escaping TargetRunner.MakeSender
  ) {
    (self.desk, self.pace, self.links, self.complain, self.make) = (desk, pace, links, complain, make)
    let turn = Monitor(DeliveryTurn(desk.library))
    let begun = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { [self] () throws(Fault) in
      try turn.update { (turn) throws(Fault) in try look(turn) }
    }
    thread.update { $0 = begun }
    ending.update { $0 = { turn.update { $0.end() } } }
  }

  private let ending = Monitor<(@Sendable () -> Void)?>(nil)

  /// Ends it; call it exactly once.
  public func stop() {
    thread.update { thread in
      defer { thread = nil }
      return thread
    }?.stop()
    let runners = state.update { state in
      defer { state.runners = [:] }
      return Array(state.runners.values)
    }
    for runner in runners { runner.ask() }
    let end = Clock.now + 3_000_000_000
    for runner in runners { _ = runner.hasEnded(by: end) }
    ending.update { $0 }?()
  }

  /// How each target fares that this process tells; none where another has the turn.
  public func figures(scope: ClientScope) -> [TargetFigures] {
    state.update { Array($0.runners.values) }.map(\.figures).filter { scope.covers($0.client) }
      .sorted { ($0.client, $0.target) < ($1.client, $1.target) }
  }

  private func look(_ turn: DeliveryTurn) throws(Fault) {
    var isOwn = false
    defer { if !isOwn { keep([]) } }
    isOwn = try turn.hold()
    guard isOwn else { return }
    let known = try desk.known()
    keep(known)
    // What cannot be noted now does not keep what waits, or is replayed, from being told.
    var fault: Fault?
    do throws(Fault) {
      let reader = NoticeReader(library: desk.library, complain: complain)
      try reader.follow(known, before: Clock.now + 2_000_000_000)
    } catch { fault = error }
    let number = try desk.library.noticePosition()?.number ?? 0
    for runner in state.update({ Array($0.runners.values) }) { try runner.refresh(upTo: number) }
    try clear(known)
    if let fault { throw fault }
  }

  /// Has exactly these targets told.
  private func keep(_ known: [KnownTarget]) {
    let wanted = Dictionary(known.map { (LibraryKeys.target($0.target.client, $0.target.name), $0) }) { $1 }
    let over = state.update { state in
      let over = state.runners.filter { wanted[$0.key] != $0.value.known }
      for key in over.keys { state.runners[key] = nil }
      return over.values
    }
    for runner in over { runner.ask() }
    let new = state.update { state in wanted.filter { state.runners[$0.key] == nil } }
    for (key, one) in new {
      let runner = TargetRunner(one, desk.library, pace, links: links, complain: complain, make: make)
      state.update { $0.runners[key] = runner }
    }
  }

  private func clear(_ known: [KnownTarget]) throws(Fault) {
    guard state.update({ Clock.now - $0.cleared }) > Self.clearing else { return }
    state.update { $0.cleared = Clock.now }
    for one in known {
      try desk.library.removeNotices(
        of: one.target.client, one.target.name, before: desk.library.now - Int(pace.kept * 1000))
    }
  }
}
