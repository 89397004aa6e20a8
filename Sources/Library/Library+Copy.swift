public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Objects
internal import Store

/// What a copy of a library has.
public struct CopyReport: Sendable, Hashable {
  public internal(set) var items = 0
  public internal(set) var objects = 0
  public internal(set) var objectBytes = 0
  /// That were there already, of a copy that was interrupted.
  public internal(set) var kept = 0
}

extension Library {
  /// Copies this library as it is at one moment into another one that has no items yet, whatever either of them stands on.
  ///
  /// Every item and every object that one refers to. Versions, and positions among the changes, are the other library's own; tasks of jobs are
  /// not copied: whoever works there hands out again what is not done. `progress` hears of each object and each hundred items.
  public func copy(to target: Library, progress: (CopyReport) -> Void = { _ in }) throws(Fault) -> CopyReport {
    try target.checkEmpty()
    for _ in 0..<10 {
      while try !settle(within: 30) {}
      let report = try table.atOneMoment { (reader) throws(Fault) -> CopyReport? in
        let totals = try TotalsReader.read(try reader.get(LibraryKeys.totalsPosition))
        // Somebody wrote since: totals are copied as they are, and must be whole.
        guard try reader.changes(after: totals.change, limit: 1).changes.isEmpty else { return nil }
        return try copy(reader, totals, to: target, progress)
      }
      if let report { return report }
    }
    throw Fault(.unavailable, "\(path) is written again and again: end its servers and workers first")
  }

  private func checkEmpty() throws(Fault) {
    var isEmpty = true
    try table.atOneMoment { (reader) throws(Fault) in
      try Self.whole(reader).forEachItem { _ in
        isEmpty = false
        return false
      }
    }
    guard isEmpty else {
      throw Fault(.badInput, "the library that is to be copied to has items already: name one that is new")
    }
  }

  private static func whole(_ reader: any TableReader) throws(Fault) -> any WholeTable {
    guard let whole = reader as? any WholeTable else {
      throw Fault(.unsupported, "what this library stands on cannot be gone through")
    }
    return whole
  }

  private func copy(
    _ reader: any TableReader, _ totals: TotalsReader.Position, to target: Library, _ progress: (CopyReport) -> Void
  ) throws(Fault) -> CopyReport {
    var report = CopyReport()
    // Held until the items are there that refer to them.
    var leases: [any ObjectLease] = []
    for shard in ObjectName.shards {
      for name in try referenced(shard, in: reader).sorted() {
        leases.append(try copy(name, to: target, &report))
        progress(report)
      }
    }
    defer { withExtendedLifetime(leases) {} }
    var (writes, byteCount) = ([Write](), 0)
    try Self.whole(reader).forEachItem { (item) throws(Fault) in
      guard !Self.isOfReaders(item.key), !Self.isOfMoments(item.key) else { return true }
      if writes.count == Self.itemsOfStep || byteCount + item.body.count > Self.bytesOfStep, !writes.isEmpty {
        try target.put(writes)
        (writes, byteCount) = ([], 0)
        progress(report)
      }
      writes.append(.put(item.key, item.body, if: .absent))
      byteCount += item.body.count
      report.items += 1
      return true
    }
    if !writes.isEmpty { try target.put(writes) }
    try target.put([TotalsReader.write(totals, at: try target.table.lastPosition())])
    if let notices = try NoticePosition(reader.get(LibraryKeys.noticesPosition)) {
      try target.put([notices.elsewhere.write])
    }
    return report
  }

  private static let itemsOfStep = 100
  private static let bytesOfStep = 2 << 20

  /// Positions of this table's own changes: triggers look at all assets anew, and know what they started; what a node
  /// forwards is of the node that it is copied from.
  private static func isOfReaders(_ key: ItemKey) -> Bool {
    key.partition.utf8.starts(with: LibraryKeys.outbox.utf8)
      || [
        LibraryKeys.totalsPosition, LibraryKeys.totalsLease, LibraryKeys.triggersPosition, LibraryKeys.noticesPosition,
        LibraryKeys.noticesTurn, LibraryKeys.answersPosition,
      ].contains(key)
  }

  /// Moments are derived where they are copied to: they are numbered by the versions of a table's own items.
  private static func isOfMoments(_ key: ItemKey) -> Bool {
    ["MOMENTS#", "VOCABULARY#", "READER#moments"].contains { key.partition.utf8.starts(with: $0.utf8) }
  }

  private func put(_ writes: [Write]) throws(Fault) {
    guard case .committed = try table.write(writes) else {
      throw Fault(.conflict, "another program writes to the library that is copied to: name one that nobody works with")
    }
  }

  private func copy(_ name: ObjectName, to target: Library, _ report: inout CopyReport) throws(Fault) -> any ObjectLease
  {
    report.objects += 1
    if let lease = try target.objects.lease(name) {
      report.kept += 1
      return lease
    }
    guard let reader = try objects.open(name) else {
      throw Fault(
        .badInput, "the object \(name.digest) is missing: 'ridley library verify --bytes' tells of all that are")
    }
    let writer = try target.objects.write(ObjectPlan(byteCount: reader.byteCount, name: name))
    try reader.copy(into: writer)
    report.objectBytes += reader.byteCount
    return try writer.finish().lease
  }
}
