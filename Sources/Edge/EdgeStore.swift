internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// What leaves a node's disk where it is full.
///
/// In this order: oldest clips that are at the centre, then oldest clips that are not, then the oldest of all that came. Events that wait never
/// leave it: where only those remain, new ones are counted and not kept (``Outbox``). A value.
struct EdgeRetention {
  struct Kept: Hashable {
    let id: ULID
    let kind: Recording.Kind
    /// When it ended, in milliseconds since 1970.
    let to: Int
    let byteCount: Int
    /// It waits to be forwarded.
    let waits: Bool
  }

  /// Those that go, in their order, until what is left fits; `others` are bytes of what never leaves.
  static func leaving(_ kept: [Kept], others: Int, fitting most: Int) -> [Kept] {
    var (sum, leaving) = (kept.reduce(others) { $0 + $1.byteCount }, [Kept]())
    let order = kept.sorted { a, b in
      let (first, second) = (rank(a), rank(b))
      return first == second ? (a.to, a.id) < (b.to, b.id) : first < second
    }
    for one in order {
      guard sum > most else { break }
      sum -= one.byteCount
      leaving.append(one)
    }
    return leaving
  }

  private static func rank(_ one: Kept) -> Int {
    switch (one.kind, one.waits) {
    case (.clip, false): 0
    case (.clip, true): 1
    case (.continuous, false): 2
    // Asked for, and on its way.
    case (.continuous, true): 3
    }
  }
}

/// Keeps a node's recordings and what it forwards within the store that it was given.
final class EdgeStore: Sendable {
  private let outbox: Outbox
  private let most: Int
  private let due = Monitor(UInt64(0))

  /// Nanoseconds between two looks.
  private static let interval: UInt64 = 5_000_000_000

  init(_ outbox: Outbox, byteCount most: Int) { (self.outbox, self.most) = (outbox, most) }

  /// Looks whether something has to leave, now and then, and has it leave.
  func round() throws(Fault) {
    let begun = Clock.now
    guard begun >= due.update({ $0 }) else { return }
    // A store of very many takes a twentieth of a core at most.
    defer { due.update { $0 = Clock.now + max(Self.interval, 20 * (Clock.now - begun)) } }
    let waiting = try outbox.waitingRecordings()
    var kept: [EdgeRetention.Kept] = []
    let held = try heldTimes()
    for kind in Recording.Kind.allCases {
      var token: PageToken?
      repeat {
        let page = try outbox.library.recordings(kind, after: token)
        for asset in page.elements {
          guard let recording = asset.recording, !held.contains(where: { $0.holds(asset) }) else { continue }
          kept.append(
            EdgeRetention.Kept(
              id: asset.id, kind: kind, to: recording.to, byteCount: asset.byteCount,
              waits: waiting.contains(asset.id)))
        }
        token = page.next
      } while token != nil
    }
    for one in EdgeRetention.leaving(kept, others: try outbox.waitingByteCount(), fitting: most) {
      do throws(Fault) { try outbox.library.removeRecording(one.id) } catch {
        guard error.kind == .notFound else { throw error }
      }
    }
  }

  private struct Held {
    let client: String
    let stream: String
    let range: ClosedRange<Int>

    func holds(_ asset: Asset) -> Bool {
      guard let recording = asset.recording else { return false }
      return recording.stream.hasSameBytes(as: stream) && asset.group.client.hasSameBytes(as: client)
        && range.lowerBound < recording.to && range.upperBound > recording.from
    }
  }

  private func heldTimes() throws(Fault) -> [Held] {
    var times: [Held] = []
    for hold in try outbox.library.allHolds() {
      for range in try outbox.library.times(of: hold) {
        times.append(Held(client: hold.client, stream: hold.stream, range: range))
      }
    }
    return times
  }
}

extension Outbox {
  /// Bytes of all that waits.
  func waitingByteCount() throws(Fault) -> Int {
    guard let position = try position() else { return 0 }
    return try ends(of: position.life).values.reduce(0) { $0 + $1.line.written - $1.taken.removed }
  }

  /// Recordings that are not at the centre yet.
  func waitingRecordings() throws(Fault) -> Set<ULID> {
    guard let position = try position() else { return [] }
    var ids: Set<ULID> = []
    for line in try ends(of: position.life).keys where line.kind == .clip || line.kind == .asked {
      let query = Query(LibraryKeys.outboxPartition(position.life, line.text), limit: ItemLimits.pageCount)
      try table.forEach(query) { (item) throws(Fault) in
        let entry = try OutboxEntry(item).entry
        guard entry.kind == .recording, let body = entry.body else { return }
        ids.insert(try Asset(Item(key: item.key, version: item.version, body: body)).id)
      }
    }
    return ids
  }
}
