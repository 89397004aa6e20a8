internal import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Library
internal import Store

/// Follows the library's changes and notes what targets are to be told.
///
/// The notices of a page are written in one transaction with how far the reader has come, on the condition that no other has come further meanwhile,
/// and each has its key by what it tells: so none is missed and none written twice, whichever process reads, and however often one is killed.
struct NoticeReader: Sendable {
  let library: Library
  /// Hears of what cannot be read, and is passed over.
  var complain: @Sendable (Fault) -> Void = { _ in }

  private var table: any Table { library.table }

  /// Reads what is outstanding, until the end of the changes was met or a moment (monotonic nanoseconds) is reached.
  func follow(_ targets: [KnownTarget], before deadline: UInt64) throws(Fault) {
    while try !advance(targets), Clock.now < deadline {}
  }

  /// One transaction's worth; `true` at the end of the changes.
  private func advance(_ targets: [KnownTarget]) throws(Fault) -> Bool {
    guard !targets.isEmpty else { return true }
    guard var position = try library.noticePosition() else {
      _ = try table.write([NoticePosition(change: try library.lastPosition()).write])
      return false
    }
    let page: ChangePage
    do throws(Fault) { page = try table.changes(after: position.change, limit: 256) } catch {
      // Forgotten, or of a life that a restored backup ended.
      guard [.notFound, .badInput].contains(error.kind) else { throw error }
      try catchUp(targets, from: position)
      return false
    }
    guard !page.changes.isEmpty else { return !page.hasMore }
    var batch = NoticeBatch(now: library.now)
    for change in page.changes {
      do throws(Fault) { guard try batch.add(change, for: targets) else { break } } catch {
        // One that cannot be read must not keep those behind it, which may be other clients', from being told.
        complain(error.at("a change that no target is told of"))
      }
      (position.change, position.time) = (change.position, change.time * 1000)
    }
    // Where another process was faster, or a target was changed, the next round finds that out.
    _ = try table.write(try batch.writes(over: table, &position))
    return false
  }

  /// Notes what happened since the last change that was looked at, by the events themselves; what is noted already stays.
  ///
  /// All events are looked through, as one that began long before may have ended since.
  private func catchUp(_ targets: [KnownTarget], from position: NoticePosition) throws(Fault) {
    let last = try library.lastPosition()
    for known in targets {
      _ = try NoticeReplay(library: library).note(
        known.target, 0...EventFilter.end, changedSince: max(0, position.time - 3_600_000))
    }
    var now = try library.noticePosition() ?? position
    now.change = last
    _ = try table.write([now.write])
  }
}

/// A target with the version that was read.
struct KnownTarget: Sendable, Hashable {
  let target: DeliveryTarget
  let version: ItemVersion

  /// It is still as it was.
  var check: Write { .check(LibraryKeys.target(target.client, target.name), if: .version(version)) }
}

/// What fits into one transaction: notices, the targets that they are for, and the position.
struct NoticeBatch {
  private(set) var notices: [Notice] = []
  private var targets: [KnownTarget] = []
  private let now: Int

  init(now: Int) { self.now = now }

  static func id(_ words: String) -> String { "dlv_" + SHA256.hex(of: Array(words.utf8)).prefix(32) }

  /// Takes a change with all that it tells; `false` where there is no room for it any more.
  mutating func add(_ change: Change, for known: [KnownTarget]) throws(Fault) -> Bool {
    guard change.key.partition.utf8.starts(with: "CLIENT#".utf8),
      change.key.sort.utf8.starts(with: LibraryKeys.events.utf8), let item = change.after
    else { return true }
    let (event, old) = (try StreamEvent(item), try change.before.map { (item) throws(Fault) in try StreamEvent(item) })
    var found: [(KnownTarget, Notice)] = []
    for phase in Notice.phases(of: event, before: old?.state) {
      for one in known where one.target.wants(event, phase) {
        let notice = Notice(
          event, phase, version: item.version, for: one.target.name, queued: now, id: Self.id)
        found.append((one, notice))
      }
    }
    let new = found.map(\.0).filter { !targets.contains($0) }
    guard notices.isEmpty || notices.count + found.count + targets.count + new.count < Self.room else { return false }
    notices += found.map(\.1)
    for one in new where !targets.contains(one) { targets.append(one) }
    return true
  }

  private static let room = 80

  /// The writes, the position's among them; notices that are there already are left as they are.
  func writes(over table: any Table, _ position: inout NoticePosition) throws(Fault) -> [Write] {
    targets.map(\.check) + (try Self.writes(of: notices, over: table, &position)) + [position.write]
  }

  /// Those of notices alone, numbered on from a position's; what is there already is left as it is.
  static func writes(
    of notices: [Notice], over table: any Table, _ position: inout NoticePosition
  ) throws(Fault) -> [Write] {
    var writes: [Write] = []
    for (notice, item) in zip(notices, try notices.isEmpty ? [] : table.get(notices.map(\.itemKey))) where item == nil {
      var notice = notice
      position.number += 1
      notice.number = position.number
      writes.append(.put(notice.itemKey, notice.json, if: .absent))
    }
    return writes
  }
}
