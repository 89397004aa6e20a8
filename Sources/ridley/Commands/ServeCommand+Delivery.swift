import Base
import Catalog
import Delivery
import Drift
import Fleet
import Gateway
import Library
import Streams

/// Whom a server tells what happens in its streams, and what it lacks itself.
extension ServeCommand {
  func deliveries(_ configuration: ServeConfiguration, _ library: Library?) throws(Fault) -> DeliveryService? {
    guard let library else { return nil }
    let desk = DeliveryDesk(library)
    try desk.configure(configuration.targets ?? [], isWhole: configuration.targets != nil)
    let links = try configuration.publicAddress.map { (origin) throws(Fault) in
      try desk.signer(origin: origin, seconds: configuration.linkSeconds)
    }
    return DeliveryService(desk, pace: configuration.pace, links: links) { Terminal.complain(of: $0) }
  }

  /// Writes down what the server lacks, as events, and keeps what is learnt of its streams; gives what ends that.
  func incidents(
    _ configuration: ServeConfiguration, _ library: Library, _ streams: StreamDesk, _ deliveries: DeliveryService?,
    _ fleet: FleetDesk?
  ) -> @Sendable () -> Void {
    let (desk, watch, clips) = (IncidentDesk(library), Monitor(ProblemWatch()), Monitor([DiscardedClip]()))
    let nodes = fleet.map { fleet in
      FleetWatch(fleet, say: { Terminal.complain("ridley: \($0)\n") }, complain: { Terminal.complain(of: $0) })
    }
    return RepeatingThread(restMilliseconds: 1000, complain: { Terminal.complain(of: $0) }) { () throws(Fault) in
      let views = streams.list(scope: .all)
      let sights =
        Self.sources(views, configuration.sourcePatience) + Self.drifts(views)
        + (try Self.machine(library, configuration, try desk.owner(), deliveries?.figures(scope: .all) ?? []))
        + (nodes?.sights() ?? [])
      let steps = watch.update { $0.look(sights, at: Double(Clock.now) / 1e9) }
      // What cannot be written now keeps no other from it, and is tried again.
      var fault: Fault?
      for step in steps {
        do throws(Fault) { try Self.take(step, desk, library, watch) } catch { fault = fault ?? error }
      }
      let discarded = clips.update { clips in
        if clips.isEmpty { clips = streams.archive?.takeDiscarded() ?? [] }
        return clips
      }
      for clip in discarded {
        do throws(Fault) {
          try Self.tell(clip, desk)
          clips.update { $0.removeAll { $0 == clip } }
        } catch { fault = fault ?? error }
      }
      do throws(Fault) { try streams.keepDrift() } catch { fault = fault ?? error }
      if let fault { throw fault }
    }.stop
  }

  /// A clip that came to nothing is an incident that is over as it is noticed; of a client that was removed nothing is told.
  private static func tell(_ clip: DiscardedClip, _ desk: IncidentDesk) throws(Fault) {
    do throws(Fault) {
      try desk.tell(
        IncidentDesk.Place("clip-discarded", client: clip.client, stream: clip.stream),
        "the clip of the event \(clip.event) was discarded: \(clip.reason)")
    } catch  where error.kind == .closed {}
  }

  private static func take(
    _ step: ProblemWatch.Step, _ desk: IncidentDesk, _ library: Library, _ watch: Monitor<ProblemWatch>
  ) throws(Fault) {
    switch step {
    case .clear(let place):
      do throws(Fault) { try desk.clear(place) } catch {
        if error.kind != .closed { watch.update { $0.keep(place) } }
        throw error
      }
    case .raise(let place, let problem):
      do throws(Fault) {
        if place.stream == StreamEvent.serverStream || place.kind == FleetWatch.kind { try library.admit(place.client) }
        try desk.raise(place, problem)
      } catch {
        watch.update { $0.forget(place) }
        // Its client was removed meanwhile.
        if error.kind != .closed { throw error }
      }
    }
  }

  /// Streams without pictures.
  private static func sources(_ views: [StreamDesk.View], _ patience: Double) -> [ProblemWatch.Sight] {
    views.map { view in
      let isWell = [.live, .ended].contains(view.figures.state)
      return ProblemWatch.Sight(
        IncidentDesk.Place("source-gone", client: view.client, stream: view.name),
        problem: isWell ? nil : view.figures.reason ?? "no picture comes", patience: patience)
    }
  }

  /// Streams that are not as they were.
  private static func drifts(_ views: [StreamDesk.View]) -> [ProblemWatch.Sight] {
    views.compactMap { view in
      guard let problem = view.drift?.problem else { return nil }
      return ProblemWatch.Sight(
        IncidentDesk.Place(IncidentDesk.Place.drift, client: view.client, stream: view.name), problem: problem)
    }
  }

  /// The library's disk, and what targets wait for.
  private static func machine(
    _ library: Library, _ configuration: ServeConfiguration, _ owner: String, _ targets: [TargetFigures]
  ) throws(Fault) -> [ProblemWatch.Sight] {
    let free = try FileSystem.freeByteCount(in: library.path)
    let short = free < configuration.diskReserve
    var sights = [
      ProblemWatch.Sight(
        IncidentDesk.Place("disk-short", client: owner),
        problem: short ? "the library's disk has \(Units.text(bytes: free)) left" : nil)
    ]
    for target in targets {
      let age = target.oldest.map { Double(library.now - $0) / 1000 } ?? 0
      let isLong = age > configuration.queuePatience
      sights.append(
        ProblemWatch.Sight(
          IncidentDesk.Place("queue-long", client: target.client),
          problem: isLong
            ? "\(target.waiting) notices wait for the target '\(target.target)', the oldest for \(Units.text(seconds: age.rounded()))"
            : nil))
    }
    return sights
  }
}
