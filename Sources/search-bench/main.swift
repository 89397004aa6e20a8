import Base
import Catalog
import Glibc
import Items
import Library
import Search
import SearchLanguage
import Store

// What a search costs as moments grow: see bench/search.
//
//   search-bench FOLDER COUNT…    makes so many moments of 20 clients in a new folder, measures, and removes it, for each size

func measure(_ count: Int, _ library: Library, _ table: SQLiteTable) throws(Fault) {
  let desk = MomentDesk(library)
  for (name, text) in searches {
    var (times, pages, found) = ([Double](), [Int](), 0)
    for round in 0..<220 {
      let query = try SearchQuery(parsing: text(round), at: start + span, in: .utc)
      let (before, began) = (table.pagesRead, Clock.now)
      let answer = try desk.search(query, client: "client-\(round % 20)", scope: .all, limit: 50)
      // the first make the connection and its statements
      guard round >= 20 else { continue }
      times.append(Double(Clock.now - began) / 1e6)
      pages.append(table.pagesRead - before)
      found += answer.found.count
    }
    let milliseconds = [0.5, 0.99].map { times.sorted()[Int(Double(times.count) * $0)] }
    say(
      "| \(name) | \(count) | \(found / times.count) | \(pages.sorted()[pages.count / 2]) | \(NumberFormat.fixed(milliseconds[0], 2)) | \(NumberFormat.fixed(milliseconds[1], 2)) |"
    )
  }
}

/// A library of so many moments, as readers of changes leave it.
func make(_ count: Int, _ folder: String) throws(Fault) {
  try FileSystem.makeFolder(folder)
  do {
    let table = try SQLiteTable("\(folder)/library.db", schema: LibrarySchema.table, settings: settings)
    let library = try Library(folder, table: table)
    for client in 0..<20 {
      try library.admit("client-\(client)")
      for label in labels {
        _ = try table.write([.put(LibraryKeys.word("client-\(client)", "LABEL", label), Array("{}".utf8))])
      }
    }
    try MomentDesk(library).settle(within: 60)
  }
  let filling = try TableFilling("\(folder)/library.db", schema: LibrarySchema.table, cache: 2 << 30)
  // as they happen, one behind the other
  let numbers = (0..<count).map { (time: time($0), number: $0) }.sorted { $0 < $1 }
  for first in stride(from: 0, to: count, by: 10_000) {
    try filling.put(numbers[first..<min(count, first + 10_000)].map { moment($0.number) }.map { ($0.itemKey, $0.json) })
  }
}

/// Pages from the root of a tree to a leaf.
func levels(_ plain: PlainSQL) throws(Fault) -> String {
  var parts: [String] = []
  for (name, sql) in [
    ("rows", "SELECT version FROM item WHERE id = 1"),
    ("keys", "SELECT 1 FROM item WHERE partition = 'A' AND sort = 'a'"),
    ("entries", "SELECT version FROM entry WHERE declaration = 1 AND partition = 'A' AND place = x'00'"),
  ] {
    _ = try plain.rows(sql, [])
    let before = plain.pagesRead
    _ = try plain.rows(sql, [])
    // and one that says whether the schema is still the same
    parts.append("\(name) \(plain.pagesRead - before - 1)")
  }
  return parts.joined(separator: ", ")
}

let settings = {
  var settings = SQLiteTable.Settings()
  settings.isDurable = false
  return settings
}()

do {
  let arguments = CommandLine.arguments
  guard arguments.count > 2 else { throw Fault(.usage, "search-bench FOLDER COUNT…") }
  try FileSystem.makeFolder(arguments[1])
  say("| search | moments | found | pages | p50, ms | p99, ms |\n|---|---|---|---|---|---|")
  for count in arguments.dropFirst(2).compactMap({ Int($0) }).sorted() {
    let (folder, began) = ("\(arguments[1])/\(count)", Clock.now)
    try make(count, folder)
    let made = Int(Double(Clock.now - began) / 1e9)
    let file = "\(folder)/library.db"
    let table = try SQLiteTable(file, schema: LibrarySchema.table, settings: settings)
    try measure(count, try Library(folder, table: table), table)
    let levels = try levels(try PlainSQL(file, of: table))
    say(
      "\(count) moments, \(try FileSystem.byteCount(of: file) >> 20) MiB, made in \(made) s; levels of trees: \(levels)"
    )
    FileSystem.removeTree(folder)
  }
} catch {
  say("search-bench: \(error)")
  exit(1)
}
