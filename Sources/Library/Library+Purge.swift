internal import Access
public import Base
internal import Catalog
internal import Items
internal import Objects
internal import Store
internal import Uploads

/// What a purge took away, and what a look through everything found of the client afterwards.
public struct PurgeReport: Sendable, Hashable {
  public let client: String
  public internal(set) var keys = 0
  public internal(set) var assets = 0
  public internal(set) var totals = 0
  public internal(set) var jobs = 0
  public internal(set) var triggers = 0
  /// Live streams that were added over HTTP; not the library's own, so that whoever removes them says how many these were.
  public var streams = 0
  /// Whom it was told what happened, with all that they were told.
  public internal(set) var targets = 0
  /// What searches found.
  public internal(set) var moments = 0
  /// Alerts, and links that were shared.
  public internal(set) var searches = 0
  /// Of streams, with their pictures, and drawings of zones.
  public internal(set) var events = 0
  public internal(set) var changes = 0
  public internal(set) var uploads = 0
  /// Bytes that no other client has.
  public internal(set) var objects = 0
  public internal(set) var objectBytes = 0
  /// Names of what was still found afterwards; none is the proof.
  public var left: [String] = []

  public init(client: String) { self.client = client }
}

extension Library {
  /// Removes everything of a client: keys, assets, analyses, totals, uploads, the changes that told of them, and the client itself.
  ///
  /// One that was interrupted is begun again and goes on. Bytes that another client has too stay. Copies that were made outside of the library,
  /// such as backups, are not known here.
  public func purge(_ client: String, progress: (Int) -> Void = { _ in }) throws(Fault) -> PurgeReport {
    try close(client)
    var report = PurgeReport(client: client)
    report.keys = try LibraryKeyStore(self).revokeAll(of: client)
    try deleteNodes(of: client)
    // They first: they start jobs.
    report.triggers = try deleteTriggers(of: client)
    report.searches = try deleteSearches(of: client)
    report.jobs = try deleteJobs(of: client)
    // Before the events that they are told.
    report.targets = try deleteTargets(of: client)
    report.events = try deleteEvents(of: client)
    try deleteAssets(of: client, &report, progress)
    try deleteAnswers(of: client)
    guard try settle(within: 600) else {
      throw Fault(.unavailable, "the totals lag behind what others write: purge the client once more")
    }
    // First the changes: what the reader has not come to cannot make totals anew.
    report.changes = try forgetChanges(of: client)
    report.moments = try deleteMoments(of: client)
    try deleteTotals(of: client, &report)
    report.uploads = try uploads.remove { $0.owner.hasSameBytes(as: client) }
    try takeBytes(&report)
    // Last, so that a purge that was interrupted before can be begun again.
    _ = try table.write([.delete(LibraryKeys.client(client))])
    report.changes += try forgetChanges(of: client)
    try table.scrub()
    report.left = try remains(of: client)
    return report
  }

  /// Collects now, behind whoever does so already: that one may be past what the client had.
  private func takeBytes(_ report: inout PurgeReport) throws(Fault) {
    let deadline = Clock.now + 60_000_000_000
    var collected = try collect()
    while collected == nil {
      guard Clock.now < deadline else {
        throw Fault(
          .unavailable, "others collect, or the library's bytes cannot be reached: purge the client once more")
      }
      Clock.sleep(until: Clock.now + 100_000_000)
      collected = try collect()
    }
    report.objects = collected?.removed ?? 0
    report.objectBytes = collected?.removedByteCount ?? 0
    try objects.dropCopies { (name) throws(Fault) in try isReferenced(name) }
  }

  private func deleteAssets(of client: String, _ report: inout PurgeReport, _ progress: (Int) -> Void) throws(Fault) {
    let query = Query(CompositeKey.joined("CLIENT", client))
    while true {
      let entries = try table.entries(of: LibrarySchema.client, query).elements
      if entries.isEmpty { return }
      for asset in try assets(entries.map(\.key)) where asset.group.client.hasSameBytes(as: client) {
        // One that was moved away meanwhile is another's.
        do { try delete(asset.id.text, scope: .client(client)) } catch  where error.kind == .notFound { continue }
        report.assets += 1
        progress(report.assets)
      }
    }
  }

  /// Jobs with their items, what their pieces found, and the keys of the requests that began them.
  private func deleteJobs(of client: String) throws(Fault) -> Int {
    var count = 0
    let query = Query(CompositeKey.joined("CLIENT", client, "JOBS"))
    while let job = try table.entries(of: LibrarySchema.jobs, query).elements.first {
      // The job itself goes last, so that a purge that was interrupted finds the rest.
      while true {
        let items = try table.items(Query(job.key.partition, limit: ItemLimits.writeCount / 3)).elements
        let others = items.filter { $0.key != job.key }
        var writes = (others.isEmpty ? items : others).map { Write.delete($0.key) }
        for item in others where item.key.sort.utf8.starts(with: "PIECE#".utf8) {
          guard let id = ULID(CompositeKey.parts(of: item.key.partition).last ?? "") else { continue }
          let piece = try JobPiece(item)
          writes.append(.delete(LibraryKeys.reference(piece.answers, by: id, item.key.sort)))
        }
        for item in others where item.key.sort.utf8.starts(with: LibraryKeys.jobItems.utf8) {
          writes += try JobItem(item).references.map { .delete($0) }
        }
        _ = try table.write(writes)
        if others.isEmpty { break }
      }
      count += 1
    }
    let requests = LibraryKeys.jobRequest(client: client, key: "").partition
    while true {
      let items = try table.items(Query(requests, limit: ItemLimits.writeCount)).elements
      if items.isEmpty { return count }
      _ = try table.write(items.map { .delete($0.key) })
    }
  }

  /// Triggers, what they have started pipelines for, and the files that they have looked at.
  private func deleteTriggers(of client: String) throws(Fault) -> Int {
    var count = 0
    for query in Self.triggers(of: client) {
      while true {
        let items = try table.items(query).elements
        if items.isEmpty { break }
        _ = try table.write(items.map { .delete($0.key) })
        if query.partition.hasSameBytes(as: LibraryKeys.triggers) { count += items.count }
      }
    }
    return count
  }

  private static func triggers(of client: String) -> [Query] {
    [Query(LibraryKeys.triggers, .prefix(LibraryKeys.triggers(of: client)), limit: ItemLimits.writeCount)]
      + [LibraryKeys.triggeredPartition(client), LibraryKeys.watchedPartition(client)].map {
        Query($0, limit: ItemLimits.writeCount)
      }
  }

  /// Events of streams, and what was drawn for them.
  private func deleteEvents(of client: String) throws(Fault) -> Int {
    var count = try removeEvents(of: LibrarySchema.events, Self.events(of: client))
    while let item = try table.entries(of: LibrarySchema.scenes, Self.scenes(of: client)).elements.first {
      _ = try table.write([.delete(item.key)])
      count += 1
    }
    try deleteDrift(of: client)
    let holds = Query(CompositeKey.joined("CLIENT", client, "HOLDS"))
    while let item = try table.entries(of: LibrarySchema.holds, holds).elements.first {
      _ = try table.write([.delete(item.key)])
      count += 1
    }
    return count
  }

  private static func events(of client: String) -> Query {
    Query(CompositeKey.joined("CLIENT", client, "EVENTS"), limit: 40)
  }

  private static func scenes(of client: String) -> Query {
    Query(CompositeKey.joined("CLIENT", client, "SCENES"), limit: 40)
  }

  private func deleteTotals(of client: String, _ report: inout PurgeReport) throws(Fault) {
    while true {
      let items = try table.items(Query(LibraryKeys.totalsPartition(client))).elements
      if items.isEmpty { return }
      _ = try table.write(items.prefix(ItemLimits.writeCount).map { .delete($0.key) })
      report.totals += min(items.count, ItemLimits.writeCount)
    }
  }

  /// Changes of the client's own items, and of what belonged to its assets.
  private func forgetChanges(of client: String) throws(Fault) -> Int {
    let partition = LibraryKeys.client(client).partition
    let (ids, count) = (Monitor(Set<String>()), Monitor(0))
    // A first look finds the assets; what is said of their analyses does not name the client.
    try table.forgetChanges { (change) throws(Fault) in
      if change.key.sort == "METADATA", try Self.owners(of: change).contains(where: { $0.hasSameBytes(as: client) }) {
        ids.update { _ = $0.insert(change.key.partition) }
      }
      return .keep
    }
    try table.forgetChanges { (change) throws(Fault) in
      let owners = try Self.owners(of: change)
      let isAnalysis = change.key.sort.utf8.starts(with: LibraryKeys.analyses.utf8)
      let isOther =
        change.key.partition.hasSameBytes(as: partition)
        || change.key.partition.utf8.starts(with: LibraryKeys.streams(of: client).utf8)
        || isAnalysis && ids.update { $0.contains(change.key.partition) }
      let isOwn = owners.map { $0.hasSameBytes(as: client) }
      guard isOther || isOwn.contains(true) else { return .keep }
      count.update { $0 += 1 }
      // Of an asset that came from another client, or went to one, that one's side stays.
      guard !isOther, owners.count == 2, isOwn[0] != isOwn[1] else { return .forget }
      return isOwn[0] ? .forgetBefore : .forgetAfter
    }
    return count.update { $0 }
  }

  /// The clients that a change tells of.
  static func owners(of change: Change) throws(Fault) -> [String] {
    let items = [change.before, change.after].compactMap { $0 }
    guard change.key.partition.utf8.starts(with: "ASSET#".utf8) else { return [] }
    var owners: [String] = []
    for item in items {
      if change.key.sort == "METADATA" { owners.append(try Asset(item).group.client) }
      if change.key.sort.utf8.starts(with: LibraryKeys.scores.utf8) { owners.append(try Scores(item).group.client) }
    }
    return owners
  }

  /// Looks for the client in every place that could hold something of it.
  private func remains(of client: String) throws(Fault) -> [String] {
    var left: [String] = []
    let keys = try LibraryKeyStore(self).read().keys
    if keys.contains(where: { $0.client.hasSameBytes(as: client) }) { left.append("keys") }
    if try hasNodes(of: client) { left.append("nodes") }
    if try table.get(LibraryKeys.client(client)) != nil { left.append("the client itself") }
    let assets = Query(CompositeKey.joined("CLIENT", client), limit: 1)
    for index in [LibrarySchema.client] where try !table.entries(of: index, assets).elements.isEmpty {
      left.append("assets")
    }
    let names = TextQuery(CompositeKey.joined("CLIENT", client), limit: 1)
    if table.findsWords, try !table.matches(of: LibrarySchema.search, names).elements.isEmpty {
      left.append("words of assets")
    }
    if try !table.items(Query(LibraryKeys.totalsPartition(client), limit: 1)).elements.isEmpty { left.append("totals") }
    let answers = Query(LibraryKeys.answersPartition(client), limit: 1)
    if try !table.items(answers).elements.isEmpty { left.append("answers of versions") }
    let jobs = Query(CompositeKey.joined("CLIENT", client, "JOBS"), limit: 1)
    let requests = Query(LibraryKeys.jobRequest(client: client, key: "").partition, limit: 1)
    let jobCount = try table.entries(of: LibrarySchema.jobs, jobs).elements.count
    if try jobCount + table.items(requests).elements.count > 0 { left.append("jobs") }
    for query in Self.triggers(of: client) where try !table.items(query).elements.isEmpty { left.append("triggers") }
    if try !table.items(Self.targets(of: client)).elements.isEmpty { left.append("targets") }
    if try !table.entries(of: LibrarySchema.events, Self.events(of: client)).elements.isEmpty { left.append("events") }
    if try !table.entries(of: LibrarySchema.scenes, Self.scenes(of: client)).elements.isEmpty { left.append("zones") }
    if try hasDrift(of: client) { left.append("what was learnt of streams") }
    let moments = Query(CompositeKey.joined("CLIENT", client, "MOMENTS"), limit: 1)
    let words = Query(LibraryKeys.vocabularyPartition(client), limit: 1)
    let momentCount = try table.entries(of: LibrarySchema.moments, moments).elements.count
    if try momentCount + table.items(words).elements.count > 0 { left.append("moments") }
    left += try remainingSearches(of: client)
    let isFound = Monitor(false)
    try table.forgetChanges { (change) throws(Fault) in
      if change.key.partition.utf8.starts(with: LibraryKeys.streams(of: client).utf8) { isFound.update { $0 = true } }
      if try Self.owners(of: change).contains(where: { $0.hasSameBytes(as: client) }) { isFound.update { $0 = true } }
      return .keep
    }
    if isFound.update({ $0 }) { left.append("changes") }
    if try uploads.contains(where: { $0.owner.hasSameBytes(as: client) }) { left.append("uploads") }
    return left
  }
}
