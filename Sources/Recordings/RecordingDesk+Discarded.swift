internal import Base
public import Catalog
internal import Items
internal import Synchronization

/// Clips that were to be kept and are not: who keeps events tells of them.
extension RecordingDesk {
  /// Whether clips are kept of a stream's events.
  public func keepsClips(of stream: String, client: String) -> Bool {
    state.withLock { $0.tracks[Place(client: client, stream: stream)]?.clips != nil }
  }

  /// Clips that came to nothing since this was asked last, in their order; of very many the latest.
  public func takeDiscarded() -> [DiscardedClip] {
    state.withLock { state in
      defer { state.discarded = [] }
      return state.discarded
    }
  }
}

extension RecordingDesk.State {
  private static let mostDiscarded = 1000

  /// Nothing is left of what a label was for; of what is no clip it is not told.
  mutating func discard(_ label: RecordingLabel, _ reason: String) {
    guard label.kind == .clip, let event = label.event else { return }
    if discarded.count == Self.mostDiscarded { discarded.removeFirst() }
    discarded.append(DiscardedClip(client: label.client, stream: label.stream, event: event, reason: reason))
  }

  /// An event is over, and no picture came with which its clip could have begun.
  mutating func discard(_ event: StreamEvent) {
    discard(
      RecordingLabel(client: event.client, stream: event.stream, kind: .clip, event: event.id), Self.noPicture)
  }

  /// A take has come to its end.
  mutating func remove(_ place: RecordingDesk.Place, _ id: Int) {
    guard let track = tracks[place], let take = track.takes[id] else { return }
    tracks[place]!.takes[id] = nil
    guard !take.hasBegun else { return }
    discard(take.label, track.figures.isStopped ? track.figures.reason ?? Self.noPicture : Self.noPicture)
  }

  private static let noPicture = "no picture came with which a film can begin"
}

extension FilmFinisher.Outcome {
  /// What is lost for good, and why.
  var loss: (RecordingLabel, String)? {
    switch self {
    case .kept, .waiting, .busy, .nothing(nil): nil
    case .nothing(let label?): (label, "no picture of it was written before the server died, or the disk failed")
    case .lost(let label, let fault): (label, fault.message)
    }
  }
}
