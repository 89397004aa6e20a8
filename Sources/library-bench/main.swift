import Base
import Catalog
import Glibc
import Items
import Library
import Store

// What the library costs as it grows: see bench/library.
//
//   library-bench make FOLDER COUNT           makes a library of so many assets in a new folder
//   library-bench measure FOLDER COUNT FILE   measures in it, and writes what it found behind FILE's lines
//   library-bench verdict FILE                compares the smallest with the largest of FILE

/// By the library and by hand in turns, five batches; both must find as much.
func measure(_ access: Access, _ bench: Bench) throws(Fault) -> Finding {
  let batches = 5
  var (cost, byHand, elements) = (Cost(), Cost(), 0)
  for batch in 0..<batches {
    cost.beginBatch()
    byHand.beginBatch()
    for round in 0..<max(1, access.rounds / batches) + 2 {
      let number = Rows.mixed(batch * 10_000 + round, UInt64(bench.count)) % bench.count
      let (readPages, plainPages, began) = (bench.table.pagesRead, bench.plain.pagesRead, Moment())
      let found = try access.library?(bench, number)
      let between = Moment()
      let foundByHand = try access.hand?(bench, number)
      let ended = Moment()
      if let found, let foundByHand, found != foundByHand {
        throw Fault(.bug, "\(access.name), \(number): \(found) found, \(foundByHand) by hand")
      }
      // the first make the connection and its statements
      guard round > 1 else { continue }
      elements += found ?? foundByHand ?? 0
      if found != nil { cost.add(began.until(between), pages: bench.table.pagesRead - readPages) }
      if foundByHand != nil { byHand.add(between.until(ended), pages: bench.plain.pagesRead - plainPages) }
    }
  }
  let found = Double(elements) / Double(batches * max(1, access.rounds / batches))
  return Finding(access.name, bench.count, found: found, walks: access.walks(found), cost, byHand: byHand)
}

func measure(_ folder: String, _ count: Int, _ file: String) throws(Fault) {
  let bytes = try FileSystem.byteCount(of: "\(folder)/library.db")
  say("\(count) assets, \(bytes >> 20) MiB, \(bytes / count) bytes an asset")
  var findings: [Finding] = []
  func report(_ finding: Finding) {
    findings.append(finding)
    say(finding.row)
  }
  do {
    let bench = try Bench(folder, count: count)
    say("the tree of items has \(bench.levels) levels\n\n\(Finding.heading)")
    for access in Reads.all { report(try measure(access, bench)) }
    say("memory after reading \(ProcessFigures.now.residentBytes >> 20) MiB")
    report(try Writes(bench).changeTags("change of a tag, synced", access: 5))
  }
  var settings = SQLiteTable.Settings()
  settings.isDurable = false
  do {
    var writes = try Writes(Bench(folder, count: count, settings: settings))
    try writes.run(report)
    say("memory after writing \(ProcessFigures.now.residentBytes >> 20) MiB")
  }
  settings.overwrites = false
  let writes = try Writes(Bench(folder, count: count, settings: settings))
  report(try writes.changeTags("change of a tag, old bytes not overwritten", access: 6))
  report(try writes.delete("delete, old bytes not overwritten", access: 7))
  let lines = findings.map { $0.line + "\n" }.joined()
  let old = FileSystem.isThere(file) ? try FileSystem.read(file) : []
  try FileSystem.write(old + Array(lines.utf8), to: file)
}

func verdict(_ file: String) throws(Fault) {
  let lines = String(decoding: try FileSystem.read(file), as: UTF8.self).split(separator: "\n")
  let findings = lines.compactMap { Finding($0) }
  guard let least = findings.map(\.count).min(), let most = findings.map(\.count).max(), least < most else {
    throw Fault(.badInput, "\(file): a verdict needs two sizes")
  }
  say("\nFrom \(least) to \(most) assets:\n\n| Access | pages | p99 | p99 of the processor |\n|---|---|---|---|")
  for small in findings where small.count == least && small.pages > 0 {
    if let large = findings.first(where: { $0.count == most && $0.access == small.access }) {
      say(large.verdict(against: small))
    }
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch (arguments.first, arguments.count) {
  case ("make", 3): try Making.run("\(arguments[1])/library.db", count: Int(arguments[2]) ?? 0)
  case ("measure", 4): try measure(arguments[1], Int(arguments[2]) ?? 0, arguments[3])
  case ("verdict", 2): try verdict(arguments[1])
  case ("check", 2):
    let table = try SQLiteTable("\(arguments[1])/library.db", schema: LibrarySchema.table)
    for report in try table.verify() { say("\(report)") }
    say("\(try Library(arguments[1], table: table).verify())")
  default:
    throw Fault(
      .usage,
      "library-bench make FOLDER COUNT | measure FOLDER COUNT FILE | check FOLDER | verdict FILE")
  }
} catch {
  say("library-bench: \(error)")
  exit(1)
}
