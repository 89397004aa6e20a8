internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// Looks through what is in the library already.
extension Outbox {
  /// `false` where there is no room to go on.
  func walkOn(_ walk: OutboxPosition.Walk, _ position: inout OutboxPosition) throws(Fault) -> Bool {
    guard let (index, partition) = walk.stage.index else { return try walkAnalyses(walk, &position) }
    let query = Query(partition, .between(walk.after, "~"), limit: OutboxDrafts.room)
    let entries = try table.entries(of: index, query).elements.filter { !$0.sort.hasSameBytes(as: walk.after) }
    let room = rules.waiting - (try waitingByteCount())
    var (drafts, next) = (noDrafts, walk)
    for (entry, item) in zip(entries, try entries.isEmpty ? [] : table.items(of: entries)) {
      do throws(Fault) {
        let before = drafts
        if let item, try !add(item, walk, to: &drafts) { break }
        guard drafts.byteCount <= room else {
          drafts = before
          break
        }
      } catch { try passOver(error) }
      next.after = entry.sort
    }
    guard entries.isEmpty || next != walk else { return false }
    position.walk = entries.isEmpty ? walk.behind : next
    try commit(drafts, position)
    return true
  }

  /// `false` where there is no room for it any more.
  private func add(
    _ item: Item, _ walk: OutboxPosition.Walk, to drafts: inout OutboxDrafts
  ) throws(Fault) -> Bool {
    guard walk.stage == .clips else {
      let event = try StreamEvent(item)
      return event.updated < walk.since || drafts.add(event, before: nil, rules, at: Clock.now)
    }
    let asset = try Asset(item)
    guard rules.forwardsClips, asset.added >= walk.since else { return true }
    return drafts.add(OutboxDraft(asset, isAsked: false))
  }

  /// Assets of a page whose analyses are looked at, and pages of one transaction at most.
  private static let (assetsOfPage, mostPages) = (20, 50)

  /// A page of a client's assets; `false` where there is no room to go on.
  private func walkAnalyses(
    _ walk: OutboxPosition.Walk, _ position: inout OutboxPosition
  ) throws(Fault) -> Bool {
    let names = try library.clients(scope: .all).map(\.name).sorted { $0.isBefore($1) }
    let parts = CompositeKey.parts(of: walk.after)
    guard rules.forwardsAnalyses, let client = names.first(where: { !$0.isBefore(parts[0]) }) else {
      position.walk = walk.behind
      try commit(noDrafts, position)
      return true
    }
    let isSame = client.hasSameBytes(as: parts[0]) && parts.count == 2 && !parts[1].isEmpty
    var token = isSame ? PageToken(text: parts[1]) : nil
    var page = try assets(of: client, limit: Self.assetsOfPage, after: token)
    var (drafts, others) = try found(in: page.elements, since: walk.since)
    // Of many pages of which nothing is told there is one transaction.
    for _ in 0..<Self.mostPages where drafts.drafts.isEmpty && page.next != nil {
      token = page.next
      page = try assets(of: client, limit: Self.assetsOfPage, after: token)
      (drafts, others) = try found(in: page.elements, since: walk.since)
    }
    if others > 0 {
      page = try assets(of: client, limit: 1, after: token)
      (drafts, others) = try found(in: page.elements, since: walk.since)
    }
    let room = rules.waiting(.analysis) - (try waitingByteCount())
    guard drafts.drafts.isEmpty || drafts.byteCount <= room else { return false }
    if others > 0 {
      let what = "an asset has \(others) analyses more than are forwarded where the chain begins anew"
      complain(Fault(.exhausted, what))
    }
    let after = page.next.map { [client, $0.text] } ?? names.first { client.isBefore($0) }.map { [$0, ""] }
    position.walk = walk.behind
    if let after {
      position.walk = walk
      position.walk?.after = CompositeKey.joined(after)
    }
    try commit(drafts, position)
    return true
  }

  /// The newest first; what cannot be read is passed over.
  private func assets(of client: String, limit: Int, after token: PageToken?) throws(Fault) -> Page<Asset> {
    let query = Query(CompositeKey.joined("CLIENT", client), .all, order: .descending, limit: limit)
    let page = try table.entries(of: LibrarySchema.client, query, after: token)
    var found: [Asset] = []
    for item in try table.present(page.elements.map(\.key)) {
      do throws(Fault) { found.append(try Asset(item)) } catch { try passOver(error) }
    }
    return Page(elements: found, next: page.next)
  }

  /// What was found in assets since a moment, those that count first; and how many more there were than fit into a transaction.
  private func found(in assets: [Asset], since: Int) throws(Fault) -> (drafts: OutboxDrafts, others: Int) {
    var (drafts, others) = (noDrafts, 0)
    for asset in assets where asset.analysisCount > 0 {
      let all = try found(in: asset, since: since)
      for told in all.filter({ $0.scores != nil }) + all.filter({ $0.scores == nil }) {
        if !drafts.add(OutboxDraft(told, rules)) { others += 1 }
      }
    }
    return (drafts, others)
  }

  /// The newest first.
  private func found(in asset: Asset, since: Int) throws(Fault) -> [ForwardedAnalysis] {
    var all: [ForwardedAnalysis] = []
    let query = Query(LibraryKeys.assetPartition(asset.id), .prefix(LibraryKeys.analyses))
    try table.forEach(query) { (item) throws(Fault) in
      do throws(Fault) {
        let analysis = try Analysis(item)
        guard analysis.made >= since else { return }
        if let told = try library.told(asset.id, pipeline: analysis.pipeline) { all.append(told) }
      } catch { try passOver(error) }
    }
    return all.sorted { $0.analysis.made > $1.analysis.made }
  }
}

extension OutboxPosition.Walk {
  /// The next stage from its beginning; `nil` behind the last.
  fileprivate var behind: OutboxPosition.Walk? {
    let stages = Stage.allCases
    let place = stages.firstIndex(of: stage)! + 1
    return place < stages.count ? OutboxPosition.Walk(stage: stages[place], since: since) : nil
  }
}

extension OutboxPosition.Walk.Stage {
  /// Where it looks; `nil` for analyses, of which no index has all.
  fileprivate var index: (IndexDeclaration, String)? {
    switch self {
    case .over: (LibrarySchema.eventState, CompositeKey.joined("EVENTS", "over"))
    case .open: (LibrarySchema.eventState, CompositeKey.joined("EVENTS", "open"))
    case .clips: (LibrarySchema.recordingKind, CompositeKey.joined("RECORDINGS", Recording.Kind.clip.rawValue))
    case .analyses: nil
    }
  }
}
