import Base
import Catalog
import Items
import Library
import Store

extension Reads {
  static var totals: [Access] {
    [
      Access(
        name: "totals of a campaign", walks: { 1 + 3 * $0 },
        library: { (bench, number) throws(Fault) in
          try bench.library.totals(of: group(number), scope: .all).elements.count
        },
        hand: { (bench, number) throws(Fault) in
          try byHand(bench, group(number).client, TotalName.prefix(of: group(number)))
        }),
      Access(
        name: "totals by brand", walks: { 1 + 3 * $0 },
        library: { (bench, number) throws(Fault) in
          try bench.library.totals(ofEach: .brand, of: group(number).client, scope: .all).elements.count
        },
        hand: { (bench, number) throws(Fault) in try byHand(bench, group(number).client, "BRAND#") }),
      extremes("best 10 of a client", .descending) { AssetGroup(client: $0.client) },
      extremes("worst 10 of a campaign", .ascending) { $0 },
      Access(
        name: "clients", walks: { 1 + 2 * $0 },
        library: { (bench, _) throws(Fault) in try bench.library.clients(scope: .all).count }, hand: nil),
      Access(
        name: "count and sum of a client's scores, without totals", rounds: 5, walks: { _ in 1 }, library: nil,
        hand: { (bench, number) throws(Fault) in
          let sql = """
            SELECT count(*) || ' ' || sum(CAST(CAST(substr(place, 1, 20) AS TEXT) AS INTEGER)) FROM entry
            WHERE declaration = ?1 AND partition = ?2
            """
          let client = AssetGroup(client: group(number).client)
          let values: [PlainSQL.Value] = [
            .integer(try bench.plain.number(of: LibrarySchema.scoreOfClient)), .text(scores(client, "logo")),
          ]
          return try bench.plain.rows(sql, values).count
        }),
    ]
  }

  private static func scores(_ group: AssetGroup, _ label: String) -> String {
    var parts = ["CLIENT", group.client]
    if let brand = group.brand { parts += ["BRAND", brand] }
    if let campaign = group.campaign { parts += ["CAMPAIGN", campaign] }
    return CompositeKey.joined(parts + ["SCORE", Rows.series, label])
  }

  private static func index(of group: AssetGroup) -> IndexDeclaration {
    group.campaign != nil
      ? LibrarySchema.scoreOfCampaign : group.brand != nil ? LibrarySchema.scoreOfBrand : LibrarySchema.scoreOfClient
  }

  /// The least and the greatest score with each, as the library answers it.
  private static func byHand(_ bench: Bench, _ client: String, _ prefix: String) throws(Fault) -> Int {
    let sql = "SELECT sort, body FROM item WHERE partition = ?1 AND sort >= ?2 AND sort < ?3 ORDER BY sort LIMIT 100"
    let end = prefix.dropLast() + "$"
    let rows = try bench.plain.rows(
      sql, [.text(LibraryKeys.totalsPartition(client)), .text(prefix), .text(String(end))])
    for sort in rows {
      let key = ItemKey(LibraryKeys.totalsPartition(client), String(decoding: sort, as: UTF8.self))
      guard let name = TotalName(key), case .score(_, let label) = name.measure else { continue }
      for order in ["ASC", "DESC"] { _ = try extreme(bench, name.group, label, order, 1) }
    }
    return rows.count
  }

  private static func extreme(
    _ bench: Bench, _ group: AssetGroup, _ label: String, _ order: String, _ limit: Int
  ) throws(Fault) -> Int {
    let sql = """
      SELECT place FROM entry WHERE declaration = ?1 AND partition = ?2 ORDER BY place \(order) LIMIT \(limit)
      """
    return try bench.plain.rows(
      sql, [.integer(try bench.plain.number(of: index(of: group))), .text(scores(group, label))]
    ).count
  }

  private static func extremes(
    _ name: String, _ order: Query.Order, of level: @escaping (AssetGroup) -> AssetGroup
  ) -> Access {
    Access(
      name: name, walks: { _ in 1 },
      library: { (bench, number) throws(Fault) in
        try bench.library.scored(
          level(group(number)), series: Rows.series, label: "logo", scope: .all, order, limit: 10
        ).elements.count
      },
      hand: { (bench, number) throws(Fault) in
        try extreme(bench, level(group(number)), "logo", order == .ascending ? "ASC" : "DESC", 10)
      })
  }
}
