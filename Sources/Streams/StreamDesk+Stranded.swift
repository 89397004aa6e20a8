public import Base
internal import Synchronization

/// Streams that are written down, and could not be taken up when the server was started.
extension StreamDesk {
  struct Stranded: Sendable {
    let kept: Kept
    let reason: String
    /// Seconds since 1970.
    let since: Double
  }

  /// Takes up a stream that was written down, whatever there is room for; where it cannot be, it stays written down, and is listed with the
  /// reason until it is added anew or removed.
  public func resume(_ kept: Kept) throws(Fault) {
    var draft = kept.draft
    draft.isForced = true
    do throws(Fault) {
      _ = try put(
        kept.name, draft, client: kept.client, isOwner: kept.isOwner, mustBeServed: false, keeping: .already)
    } catch {
      let stranded = Stranded(kept: kept, reason: error.message, since: Clock.seconds)
      state.withLock { $0.stranded[Place(client: kept.client, name: kept.name)] = stranded }
      throw error
    }
  }
}

extension StreamDesk.View {
  init(_ stranded: StreamDesk.Stranded) {
    let kept = stranded.kept
    var (draft, figures) = (kept.draft, StreamFigures())
    let shown = { (text: String) in (try? StreamSource(text))?.shown ?? "an address that cannot be read" }
    draft.source = shown(draft.source)
    draft.view = draft.view.map(shown)
    (figures.state, figures.reason, figures.since) = (.failed, stranded.reason, stranded.since)
    (name, client, self.draft, self.figures, viewers) = (kept.name, kept.client, draft, figures, (0, 0))
  }
}
