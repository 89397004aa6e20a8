import Base
import Glibc
import Items
import Store

// Writes to a table until it is killed, for tests of what a death at any instant leaves behind, and of a disk that is full:
//
//     store-worker write FILE SEED FIRST COUNT    COUNT threads, from FIRST on, write what `StoreWork` says, and tell each transaction that was
//                                                 acknowledged as a line: thread, number, the versions that were made; FILE may be the
//                                                 address of a PostgreSQL database, and what is not answered there is asked about, and goes on
//     store-worker measure ADDRESS COUNT          fills a PostgreSQL database with 10,000 items and then COUNT, and tells what reading costs
//     store-worker fill FILE BYTES                writes until files of BYTES are too small, and goes on when they may grow

func stop(_ message: String) -> Never {
  put("store-worker: \(message)\n", on: 2)
  exit(2)
}

func stop(_ fault: Fault) -> Never { stop("\(fault.message) (\(fault.cause ?? "no cause"))") }

/// Written at once: the next step may be the last.
func put(_ text: String, on descriptor: Int32 = 1) { _ = write(descriptor, text, text.utf8.count) }

/// The transactions of a thread that are there.
func count(_ table: any Table, _ thread: Int) throws(Fault) -> Int {
  guard let item = try table.get(StoreWork.counter(thread)) else { return 0 }
  return Int(String(decoding: item.body, as: UTF8.self).filter(\.isNumber)) ?? 0
}

/// Where a server went away, what it did not answer may be written.
func writeOnAndOn(_ table: any Table, _ work: StoreWork, _ thread: Int) throws(Fault) {
  while true {
    do { try writeForEver(table, work, thread) } catch {
      guard error.kind == .unavailable, table is PostgreSQLTable else { throw error }
      usleep(20_000)
    }
  }
}

func writeForEver(_ table: any Table, _ work: StoreWork, _ thread: Int) throws(Fault) {
  var number = try count(table, thread)
  while true {
    guard case .committed(let commit) = try table.write(work.transaction(number + 1, of: thread)) else {
      throw Fault(.bug, "a transaction without conditions met a conflict")
    }
    number += 1
    put("\(thread) \(number) \(commit.versions.compactMap { $0?.text }.joined(separator: ","))\n")
  }
}

let arguments = CommandLine.arguments
let numbers = arguments.dropFirst(3).map { Int($0) ?? 0 }
guard arguments.count > 3 else { stop("write or fill, a file and numbers are needed") }
do {
  let isFile = !arguments[2].hasPrefix("postgres://")
  let table: any Table =
    isFile
    ? try SQLiteTable(arguments[2], schema: StoreWork.schema)
    : try PostgreSQLTable(arguments[2], schema: StoreWork.schema)
  switch (arguments[1], numbers.count) {
  case ("write", 3):
    let work = StoreWork(seed: UInt64(numbers[0]))
    let threads = (numbers[1]..<numbers[1] + numbers[2]).map { thread in
      NativeThread {
        do throws(Fault) { try writeOnAndOn(table, work, thread) } catch { stop(error.at("thread \(thread)")) }
      }
    }
    for thread in threads { thread.join() }
  case ("measure", 1):
    guard let table = table as? PostgreSQLTable else { stop("what a file costs is measured by library-bench") }
    var measuring = Measuring(table)
    try measuring.run(numbers[0])
  case ("fill", 1):
    guard let table = table as? SQLiteTable else { stop("a disk is filled by a file") }
    try Filling(table, byteCount: numbers[0]).run()
  default: stop("'\(arguments[1])' is not known")
  }
} catch {
  stop(error)
}
