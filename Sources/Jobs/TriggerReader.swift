internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// Follows the stream of changes, and starts pipelines for assets that are new where a trigger looks.
///
/// What a page of changes starts is written in one transaction with how far the reader has come, on the condition that no other has come further
/// meanwhile; and each pair of asset and pipeline is marked in it. So each is started once, whichever process reads, and however often one is killed.
final class TriggerReader: Sendable {
  private let jobs: JobDesk
  private let start: TriggerStart
  private let turn = Monitor(false)

  private var table: any Table { jobs.library.table }

  init(_ jobs: JobDesk) { (self.jobs, start) = (jobs, TriggerStart(jobs)) }

  /// Reads what is outstanding, until the end of the changes was met once or `deadline` (monotonic nanoseconds) is reached.
  ///
  /// - Returns: `false` where the deadline came first.
  func apply(before deadline: UInt64) throws(Fault) -> Bool {
    guard
      turn.wait(
        before: deadline,
        until: { isTaken -> Bool? in
          if isTaken { return nil }
          isTaken = true
          return true
        }) != nil
    else { return false }
    defer { turn.update { $0 = false } }
    try start.handOut()
    while Clock.now < deadline {
      if try advance() { return true }
    }
    return false
  }

  /// One transaction's worth; `true` at the end of the changes.
  private func advance() throws(Fault) -> Bool {
    let triggers = try TriggerStart.known(jobs).map(\.trigger).filter(\.followsAssets)
    guard !triggers.isEmpty else { return true }
    guard let item = try table.get(LibraryKeys.triggersPosition) else {
      try lookAtAll(triggers, over: nil)
      return false
    }
    let page: ChangePage
    do throws(Fault) {
      page = try table.changes(after: try ReaderPosition.read(item), limit: 256)
    } catch {
      // Forgotten, or of a life that a restored backup ended.
      guard [.notFound, .badInput].contains(error.kind) else { throw error }
      try lookAtAll(triggers, over: item)
      return false
    }
    guard !page.changes.isEmpty else { return !page.hasMore }
    var (batch, position) = (TriggerBatch(), ChangePosition?.none)
    for change in page.changes {
      guard try add(change, to: &batch, triggers) else { break }
      position = change.position
    }
    guard let position else { throw Fault(.bug, "one asset starts more than fits into a transaction") }
    try go(to: position, over: item, starting: batch.pairs)
    return false
  }

  private func add(_ change: Change, to batch: inout TriggerBatch, _ triggers: [Trigger]) throws(Fault) -> Bool {
    guard change.key.sort == "METADATA", change.key.partition.utf8.starts(with: "ASSET#".utf8),
      let asset = try change.after.map(Asset.init)
    else { return true }
    let old = try change.before.map(Asset.init)
    let wanted = triggers.filter { $0.isNew(asset, before: old) }.map(\.id)
    return batch.add(asset.id, of: asset.group.client, for: wanted)
  }

  private func go(
    to position: ChangePosition, over item: Item?, starting pairs: [TriggerStart.Pair]
  ) throws(Fault) {
    let condition = item.map { Write.Condition.version($0.version) } ?? .absent
    let writes = try start.writes(pairs)
    // Where another process was faster, the next round finds that out.
    _ = try table.write(writes + [.put(LibraryKeys.triggersPosition, ReaderPosition.json(position), if: condition)])
    if !writes.isEmpty { try start.handOut() }
  }

  /// Looks at every asset that came since a trigger was made, where the changes that told of them are not there any more.
  private func lookAtAll(_ triggers: [Trigger], over item: Item?) throws(Fault) {
    let last = try jobs.library.lastPosition()
    for trigger in triggers {
      var filter = AssetFilter(client: trigger.client)
      (filter.group, filter.tags, filter.isPicture) = (trigger.group, trigger.tags, trigger.isPicture)
      filter.from = trigger.created
      var token: PageToken?
      repeat {
        let page = try jobs.library.list(filter, scope: .all, limit: 90, after: token)
        let pairs = page.elements.filter(trigger.matches).map { TriggerStart.Pair(trigger: trigger.id, asset: $0.id) }
        try jobs.library.change("the trigger '\(trigger.id)'") { () throws(Fault) in (try start.writes(pairs), ()) }
        try start.handOut()
        token = page.next
      } while token != nil
    }
    try go(to: last, over: item, starting: [])
  }
}
