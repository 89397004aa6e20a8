public import Base
public import Catalog
public import Drift
internal import Synchronization

/// Whether what streams show, and what is answered about them, is as it was.
extension StreamDesk {
  /// `nil` where it is not watched.
  public func drift(of name: String, scope: ClientScope, client: String) throws(Fault) -> DriftBook? {
    _ = try view(name, scope: scope, client: client)
    return state.withLock { $0.entries[Place(client: client, name: name)]?.drift }?.book(at: Clock.seconds)
  }

  /// A stream's reference is learnt anew from now on.
  public func learnDrift(of name: String, scope: ClientScope, client: String) throws(Fault) {
    _ = try view(name, scope: scope, client: client)
    guard let drift = state.withLock({ $0.entries[Place(client: client, name: name)]?.drift }) else {
      throw Self.unwatched(name)
    }
    drift.reset()
  }

  /// Nobody watches a stream for drift.
  public static func unwatched(_ name: String) -> Fault {
    Fault(
      .notFound,
      "nobody watches whether the stream '\(name)' drifts: the server's configuration says 'drift: off', or the stream is only shown, or could not be taken up"
    )
  }

  /// Keeps what is new, for every stream; call it now and then, on a thread that may wait for the disk.
  ///
  /// What cannot be kept holds up no other stream, and is tried again.
  public func keepDrift() throws(Fault) {
    guard let drifts else { return }
    var fault: Fault?
    for (place, entry) in state.withLock(\.entries) {
      // One that was removed meanwhile has nothing to keep.
      guard state.withLock({ $0.entries[place]?.drift }) === entry.drift else { continue }
      do throws(Fault) { try entry.drift?.keep(of: place.name, client: place.client, in: drifts) } catch {
        // Its client was removed meanwhile.
        if error.kind != .closed { fault = fault ?? error.at("what was learnt of the stream '\(place.text)'") }
      }
    }
    if let fault { throw fault }
  }

  /// What is watched of a stream goes on where it shows the same as before; one that nothing looks at is not watched.
  func drift(for draft: Draft, _ settings: LiveStream.Settings, after known: Entry?) -> StreamDrift? {
    guard options.drift.isOn, draft.pipeline != nil || draft.model != nil else { return nil }
    if let old = known?.drift, old.source.utf8.elementsEqual(settings.source.shown.utf8) { return old }
    return StreamDrift(options.drift, source: settings.source.shown)
  }
}
