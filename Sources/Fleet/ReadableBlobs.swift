internal import Base
internal import Updates

/// Which bytes nodes may fetch, without a look at the library for each range of them.
///
/// Answers that bytes may be read are up to a second old; that they may not is looked up each time.
final class ReadableBlobs: Sendable {
  private struct Entry: Sendable {
    let update: FleetUpdate
    let blobs: Set<String>
  }
  private struct State: Sendable {
    var until: UInt64 = 0
    /// The newest first: what is fetched is mostly of that.
    var entries: [Entry] = []
  }

  private let state = Monitor(State())
  private static let freshness: UInt64 = 1_000_000_000

  func mayRead(_ digest: String, _ node: FleetNode, _ book: UpdateBook) throws(Fault) -> Bool {
    let known = state.update { $0 }
    if Clock.now < known.until, Self.has(digest, node, known.entries) { return true }
    // A bundle never changes under its digest.
    let blobs = Dictionary(known.entries.map { ($0.update.bundle, $0.blobs) }) { first, _ in first }
    var (entries, unread) = ([Entry](), Fault?.none)
    for update in try book.updates().reversed() where update.share > 0 && !update.hasReleasedBytes {
      do throws(Fault) {
        let known = blobs[update.bundle]
        let all = if let known { known } else { Set(try book.bundle(of: update).unchecked().blobs.map(\.sha256)) }
        entries.append(Entry(update: update, blobs: all))
      } catch { unread = error }
    }
    state.update { $0 = State(until: Clock.now + Self.freshness, entries: entries) }
    if Self.has(digest, node, entries) { return true }
    // What cannot be read keeps nobody from the bytes of the others.
    if let unread { throw unread }
    return false
  }

  private static func has(_ digest: String, _ node: FleetNode, _ entries: [Entry]) -> Bool {
    let name = node.name.text
    return entries.contains { entry in
      entry.update.target.has(node: name, groups: node.groups) && entry.update.isReleased(to: name)
        && entry.blobs.contains(digest)
    }
  }
}
