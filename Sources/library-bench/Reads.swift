import Base
import Catalog
import Items
import Library
import Store

/// What one does with a library, and the same by hand.
struct Access {
  typealias Run = (Bench, Int) throws(Fault) -> Int

  let name: String
  var rounds = 400
  /// Trees of pages that are walked down once for so many elements.
  let walks: (Double) -> Double
  let library: Run?
  let hand: Run?
}

/// A library, and statements on the same file.
struct Bench {
  let table: SQLiteTable
  let library: Library
  let plain: PlainSQL
  let count: Int
  /// Pages from the root of the tree of items to a leaf.
  let levels: Int

  init(_ folder: String, count: Int, settings: SQLiteTable.Settings = .init()) throws(Fault) {
    table = try SQLiteTable("\(folder)/library.db", schema: LibrarySchema.table, settings: settings)
    library = try Library(folder, table: table)
    plain = try PlainSQL("\(folder)/library.db", of: table)
    self.count = count
    let sql = "SELECT version FROM item WHERE id = 1"
    _ = try plain.rows(sql, [])
    let before = plain.pagesRead
    _ = try plain.rows(sql, [])
    // and one that says whether the schema is still the same
    levels = plain.pagesRead - before - 1
  }
}

/// Ways to read.
enum Reads {
  static let limit = 60

  static var all: [Access] {
    [
      Access(
        name: "asset by id", rounds: 1000, walks: { _ in 2 },
        library: { (bench, number) throws(Fault) in
          try bench.library.asset(Rows.id(number).text, scope: .all).asset.id == Rows.id(number) ? 1 : 0
        },
        hand: { (bench, number) throws(Fault) in
          let sql = "SELECT body FROM item WHERE partition = ?1 AND sort = 'METADATA'"
          return try bench.plain.rows(sql, [.text(LibraryKeys.assetPartition(Rows.id(number)))]).count
        }),
      Access(
        name: "analyses of an asset", rounds: 1000, walks: { 1 + $0 },
        library: { (bench, number) throws(Fault) in
          try bench.library.analyses(of: Rows.asset(number)).count
        },
        hand: { (bench, number) throws(Fault) in
          let sql = "SELECT body FROM item WHERE partition = ?1 AND sort >= 'ANALYSIS#' AND sort < 'ANALYSIS$'"
          return try bench.plain.rows(sql, [.text(LibraryKeys.assetPartition(Rows.id(number)))]).count
        }),
    ] + lists + searches + totals
  }

  private static var lists: [Access] {
    [
      list("client, first page", LibrarySchema.client, isDeep: false) { AssetGroup(client: $0.client) },
      list("client, deep inside", LibrarySchema.client, isDeep: true) { AssetGroup(client: $0.client) },
      list("brand, first page", LibrarySchema.brand, isDeep: false) { AssetGroup(client: $0.client, brand: $0.brand) },
      list("brand, deep inside", LibrarySchema.brand, isDeep: true) { AssetGroup(client: $0.client, brand: $0.brand) },
      list("campaign, first page", LibrarySchema.campaign, isDeep: false) { $0 },
      list("campaign, deep inside", LibrarySchema.campaign, isDeep: true) { $0 },
    ]
  }

  /// The group of an asset of a number near, which has all three.
  static func group(_ number: Int) -> AssetGroup {
    var number = number
    while Rows.group(number).campaign == nil { number += 1 }
    return Rows.group(number)
  }

  private static func partition(_ group: AssetGroup) -> String {
    var parts = ["CLIENT", group.client]
    if let brand = group.brand { parts += ["BRAND", brand] }
    if let campaign = group.campaign { parts += ["CAMPAIGN", campaign] }
    return CompositeKey.joined(parts)
  }

  private static func list(
    _ name: String, _ index: IndexDeclaration, isDeep: Bool, of level: @escaping (AssetGroup) -> AssetGroup
  ) -> Access {
    Access(
      name: "assets of a \(name)", walks: { 1 + 2 * $0 },
      library: { (bench, number) throws(Fault) in
        let group = level(Self.group(number))
        var filter = AssetFilter(client: group.client)
        filter.group = group
        if isDeep { filter.before = Rows.added(number) }
        return try bench.library.list(filter, scope: .all, limit: limit).elements.count
      },
      hand: { (bench, number) throws(Fault) in
        // the place: a time of 24 characters, NUL, the item's partition of 32, NUL, its sort key
        let sql = """
          SELECT item.body FROM entry CROSS JOIN item
          ON item.partition = CAST(substr(entry.place, 26, 32) AS TEXT) AND item.sort = 'METADATA'
          WHERE entry.declaration = ?1 AND entry.partition = ?2 AND entry.place < ?3 ORDER BY entry.place DESC LIMIT \(limit)
          """
        let end =
          isDeep ? Array(CompositeKey.time(milliseconds: Rows.added(number)).utf8) : [0xff]
        let values: [PlainSQL.Value] = [
          .integer(try bench.plain.number(of: index)), .text(partition(level(Self.group(number)))), .blob(end),
        ]
        return try bench.plain.rows(sql, values).count
      })
  }

  private static var searches: [Access] {
    [
      search("one word of eight, 'auro'", lists: 1) { filter, _ in filter.text = "auro" },
      search("two words, 'night tea', analysed", lists: 3) { filter, _ in
        (filter.text, filter.state) = ("night tea", .analysed)
      },
      search("pictures", lists: 1) { filter, _ in filter.isPicture = true },
      search("a tag of fifty", lists: 1) { filter, _ in filter.tags = ["tag 7"] },
      search("a tag of fifty in a campaign", lists: 3) { filter, number in
        (filter.tags, filter.group) = (["tag 7"], group(number))
      },
      search("a whole name", lists: 5) { filter, number in
        (filter.text, filter.group) = (Rows.name(number), AssetGroup(client: Rows.group(number).client))
      },
    ]
  }

  /// FTS5 has about as many segments at every size, at most 11; a list is looked up in each.
  private static func search(_ name: String, lists: Int, _ fill: @escaping (inout AssetFilter, Int) -> Void) -> Access {
    let filter = { (number: Int) -> AssetFilter in
      var filter = AssetFilter(client: Rows.group(number).client)
      fill(&filter, number)
      return filter
    }
    return Access(
      name: "search: \(name)", walks: { 11 * Double(lists) + $0 },
      library: { (bench, number) throws(Fault) in
        try bench.library.list(filter(number), scope: .all, limit: limit).elements.count
      },
      hand: { (bench, number) throws(Fault) in
        let query = textQuery(filter(number))
        let (table, match) = try bench.plain.expression(of: query, in: LibrarySchema.search)
        let sql = """
          SELECT item.body FROM \(table) CROSS JOIN item ON item.id = 1099511627776 - \(table).rowid
          WHERE \(table) MATCH ?1 ORDER BY \(table).rowid LIMIT \(limit)
          """
        return try bench.plain.rows(sql, [.text(match)]).count
      })
  }

  private static func textQuery(_ filter: AssetFilter) -> TextQuery {
    var filters = filter.tags.map { (attribute: "tags", value: $0) }
    if let brand = filter.group.brand { filters.append(("brand", brand)) }
    if let campaign = filter.group.campaign { filters.append(("campaign", campaign)) }
    if let state = filter.state { filters.append(("state", state.rawValue)) }
    if let isPicture = filter.isPicture { filters.append(("kind", isPicture ? "picture" : "video")) }
    return TextQuery(
      CompositeKey.joined("CLIENT", filter.group.client), filters: filters, text: filter.text, limit: limit)
  }
}
