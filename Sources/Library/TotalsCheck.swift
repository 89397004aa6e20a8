internal import Base
internal import Catalog
internal import Items
internal import Store

/// Recounts everything at one moment of the table and compares: totals, rows of scores, and who is least and greatest.
///
/// Changes that the reader of the stream has not come to are taken into account, so that it need not be stopped. Memory grows with the number
/// of totals, not with that of assets.
struct TotalsCheck {
  private let table: any TableReader
  private var expected: [ItemKey: Total] = [:]
  private var pending = Pending()
  private(set) var report = TotalsReport()

  /// What the reader of changes will still do.
  private struct Pending {
    var totals: [ItemKey: Total] = [:]
    var rows: [ItemKey: Write] = [:]
  }

  init(_ table: any TableReader) { self.table = table }

  /// All of a partition, in long pages.
  private static func whole(_ partition: String) -> Query { Query(partition, limit: ItemLimits.pageCount) }

  mutating func run(progress: (Int) -> Void) throws(Fault) {
    try readPending()
    try table.forEach(Self.whole("CLIENTS"), of: LibrarySchema.clients) { (entry) throws(Fault) in
      guard let item = try table.get(entry.key) else { return }
      let client = try Client(item).name
      try checkAssets(of: client, progress)
      try countPictures(of: client)
      try checkTotals(of: client)
    }
  }

  private mutating func readPending() throws(Fault) {
    let position = try TotalsReader.read(try table.get(LibraryKeys.totalsPosition))
    var (place, done) = (position.change, position.step)
    while true {
      let page = try table.changes(after: place, limit: 1000)
      for change in page.changes {
        for step in try TotalsFold.steps(of: change).dropFirst(done) {
          if let row = step.row { pending.rows[row.key] = row }
          for (key, difference) in step.differences {
            pending.totals[key, default: Total(like: difference)].add(difference)
          }
        }
        done = 0
      }
      place = page.position
      if !page.hasMore { return }
    }
  }

  private mutating func checkAssets(of client: String, _ progress: (Int) -> Void) throws(Fault) {
    let partition = CompositeKey.joined("CLIENT", client)
    try table.forEach(Self.whole(partition), of: LibrarySchema.client) { (entry) throws(Fault) in
      guard let item = try table.get(entry.key) else { return }
      let asset = try Asset(item)
      report.assets += 1
      progress(report.assets)
      try count(Change(position: .beginning, time: 0, before: nil, after: item))
      var wanted: [ItemKey: [UInt8]] = [:]
      let scores = Query(LibraryKeys.assetPartition(asset.id), .prefix(LibraryKeys.scores))
      try table.forEach(scores) { (item) throws(Fault) in
        for row in try count(Change(position: .beginning, time: 0, before: nil, after: item)) {
          wanted[row.key] = row.body
        }
      }
      try compareRows(of: asset.id, with: wanted)
    }
  }

  /// Of events that nodes forwarded.
  private mutating func countPictures(of client: String) throws(Fault) {
    let partition = CompositeKey.joined("CLIENT", client, "EVENTS")
    try table.forEach(Self.whole(partition), of: LibrarySchema.events) { (entry) throws(Fault) in
      guard TotalsFold.isForwarded(entry.key), let item = try table.get(entry.key) else { return }
      try count(Change(position: .beginning, time: 0, before: nil, after: item))
    }
  }

  /// Counts an item as if it had just been written; the rows that it should have.
  @discardableResult
  private mutating func count(_ change: Change) throws(Fault) -> [Write] {
    var rows: [Write] = []
    for step in try TotalsFold.steps(of: change) {
      if let row = step.row { rows.append(row) }
      for (key, difference) in step.differences { expected[key, default: Total(like: difference)].add(difference) }
    }
    return rows
  }

  /// Compares the rows of one asset with those that it should have.
  private mutating func compareRows(of id: ULID, with wanted: [ItemKey: [UInt8]]) throws(Fault) {
    var found: [ItemKey: Item] = [:]
    try table.forEach(Self.whole(LibraryKeys.scoreRowPartition(id))) { found[$0.key] = $0 }
    for key in Set(found.keys).union(wanted.keys).sorted() where pending.rows[key] == nil {
      guard found[key]?.body != wanted[key] else { continue }
      report.add(TotalsReport.Difference(key: key, found: found[key], wanted: wanted[key]))
    }
  }

  /// Compares the totals of one client with the recount, and their numbers with the entries of the indexes.
  private mutating func checkTotals(of client: String) throws(Fault) {
    let partition = LibraryKeys.totalsPartition(client)
    var seen: Set<ItemKey> = []
    try table.forEach(Self.whole(partition)) { (item) throws(Fault) in
      seen.insert(item.key)
      try compare(item.key, item)
      try checkEntries(item.key)
    }
    for key in expected.keys.sorted() where key.partition.hasSameBytes(as: partition) && !seen.contains(key) {
      try compare(key, nil)
    }
    expected = expected.filter { !$0.key.partition.hasSameBytes(as: partition) }
  }

  private mutating func compare(_ key: ItemKey, _ item: Item?) throws(Fault) {
    report.totals += 1
    let nothing = TotalName(key).map { Total($0.measure) } ?? Total(.assets)
    var wanted = expected[key] ?? nothing
    if let pending = pending.totals[key] { wanted.add(pending, times: -1) }
    let found = item.flatMap { try? Total($0) }
    let isRight = found == wanted && TotalName(key) != nil || item == nil && wanted.isEmpty
    guard !isRight else { return }
    report.add(
      TotalsReport.Difference(key: key, found: item, wanted: wanted.isEmpty ? nil : wanted.json))
  }

  /// Every entry of a client's index of scores must be of an asset that is there.
  private mutating func checkEntries(_ key: ItemKey) throws(Fault) {
    guard let name = TotalName(key), name.group.brand == nil, case .score(let series, let label) = name.measure else {
      return
    }
    let partition = name.group.scoresPartition(series: series, label: label)
    try table.forEach(Self.whole(partition), of: LibrarySchema.scores(of: name.group.level)) { (entry) throws(Fault) in
      let row = entry.key
      let parts = CompositeKey.parts(of: row.partition)
      guard pending.rows[row] == nil, parts.count == 2, let id = ULID(parts[1]),
        try table.get(LibraryKeys.asset(id)) == nil, let item = try table.get(row)
      else { return }
      report.add(TotalsReport.Difference(key: row, found: item, wanted: nil))
    }
  }
}
