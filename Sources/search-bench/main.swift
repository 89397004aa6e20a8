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
//   search-bench FOLDER COUNT…    makes so many moments of 20 clients in a new folder, and measures at each size

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

do {
  let arguments = CommandLine.arguments
  guard arguments.count > 2 else { throw Fault(.usage, "search-bench FOLDER COUNT…") }
  var settings = SQLiteTable.Settings()
  settings.isDurable = false
  try FileSystem.makeFolder(arguments[1])
  let table = try SQLiteTable("\(arguments[1])/library.db", schema: LibrarySchema.table, settings: settings)
  let library = try Library(arguments[1], table: table)
  for client in 0..<20 { try library.admit("client-\(client)") }
  for client in 0..<20 {
    for label in labels {
      _ = try table.write([.put(LibraryKeys.word("client-\(client)", "LABEL", label), Array("{}".utf8))])
    }
  }
  try MomentDesk(library).settle(within: 60)
  say("| search | moments | found | pages | p50, ms | p99, ms |\n|---|---|---|---|---|---|")
  var made = 0
  for count in arguments.dropFirst(2).compactMap({ Int($0) }).sorted() {
    let began = Clock.now
    try write(made..<count, into: table)
    made = count
    try measure(count, library, table)
    let bytes = try FileSystem.byteCount(of: "\(arguments[1])/library.db")
    say("\(count) moments, \(bytes >> 20) MiB; the last were written in \(Int(Double(Clock.now - began) / 1e9)) s")
  }
} catch {
  say("search-bench: \(error)")
  exit(1)
}
