package import Base
package import Items
internal import PostgreSQL

/// What reading costs the server, for benches.
extension PostgreSQLTable {
  package enum Reading {
    case items(Query)
    case entries(IndexDeclaration, Query)
    case matches(TextIndexDeclaration, TextQuery)
  }

  /// Pages that the server looks at for the first page of a query, whether they are in its memory or not; and how it goes about it.
  package func cost(of reading: Reading) throws(Fault) -> (pages: Int, plan: String) {
    let statement =
      switch reading {
      case .items(let query): try statement(query, after: nil)
      case .entries(let index, let query): try statement(query, of: index, after: nil)
      case .matches(let index, let query):
        declared.texts[try schema.number(of: index)]
          .matches(PostgreSQLText.terms(of: query), below: .max, limit: query.limit + 1)
      }
    let explain = PostgreSQLStatement("EXPLAIN (ANALYZE, BUFFERS) " + statement.text, statement.values)
    let rows = try pool.use { (connection, _) throws(Fault) in
      // the first reads the catalogue too
      try connection.exchange([explain])
      return try connection.exchange([explain])[0]
    }
    let lines = (0..<rows.count).map { rows.text($0, 0) }
    // the first such line is that of the whole, with all that is below it
    let buffers = lines.first { $0.contains("Buffers: ") } ?? ""
    let pages = buffers.split(separator: " ").compactMap { word in
      word.hasPrefix("hit=") || word.hasPrefix("read=") ? Int(word.drop { $0 != "=" }.dropFirst()) : nil
    }
    return (pages.reduce(0, +), lines.joined(separator: "\n"))
  }

  /// Has the server learn how its tables are, which it does by itself sooner or later.
  package func settle() throws(Fault) {
    try pool.use { (connection, _) throws(Fault) in
      for table in ["item", "entry", "change"] + declared.texts.map(\.name) {
        try connection.exchange([PostgreSQLStatement(once: "VACUUM (ANALYZE) \(table)")], within: .seconds(3600))
      }
    }
  }
}
