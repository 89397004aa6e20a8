import Base

// What one access to a table costs as it grows: see bench/library.
//
//   store-bench FOLDER COUNT...   grows a table to each of the counts, which rise, and measures at each

let arguments = Array(CommandLine.arguments.dropFirst())

do {
  let counts = arguments.dropFirst().compactMap { Int($0) }
  guard !counts.isEmpty else {
    throw Fault(.badInput, "a folder and counts are needed: store-bench FOLDER 10000 100000")
  }
  let path = arguments[0] + "/library.db"
  var there = 0
  for count in counts {
    try TableBench.grow(path, from: there, to: count)
    there = count
    try TableBench.measure(path, count)
    say("  memory \(ProcessFigures.now.residentBytes >> 20) MiB")
  }
} catch { say("store-bench: \(error)") }
