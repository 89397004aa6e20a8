import Base
import Bus
import Glibc
import Items
import Store

// Works on the tasks of a bus until it is killed, for tests of what a death at any instant leaves behind:
//
//     bus-worker work FILE NAME LEASE     takes tasks, with leases of so many milliseconds, and tells each with its end as a line
//     bus-worker end FILE NAME LEASE      the same until nothing is left to do
//     bus-worker stop FILE NAME LEASE     takes one, stops itself, and tells what its claim is worth when it goes on
//     bus-worker trace FILE               calls with marks between them
//     bus-worker measure FILE COUNT       adds so many and does them all, and tells how long each call takes
//     bus-worker fill FILE BYTES          adds until files of BYTES are too small, and goes on when they may grow
//
// The bus is in FILE, or where BUS_ADDRESS names it: in Redis (redis://…) or in PostgreSQL (postgres://…, in the schema BUS_SCHEMA).

func stop(_ message: String) -> Never {
  put("bus-worker: \(message)\n", on: 2)
  exit(2)
}

/// Written at once: the next step may be the last.
func put(_ text: String, on descriptor: Int32 = 1) { _ = write(descriptor, text, text.utf8.count) }

let arguments = CommandLine.arguments
guard arguments.count > 2 else { stop("what to do, and a file are needed") }

/// The address is not an argument: those are shown to all (`ps`).
func openBus(_ file: String) throws(Fault) -> any Bus {
  guard let address = getenv("BUS_ADDRESS").map({ String(cString: $0) }) else { return try SQLiteBus(file) }
  // a worker that comes while the server is away waits for it
  for _ in 0..<1000 {
    do throws(Fault) { return try openBus(at: address) } catch {
      guard error.kind == .unavailable else { throw error }
      usleep(20_000)
    }
  }
  throw Fault(.unavailable, "the server of the bus did not come")
}

func openBus(at address: String) throws(Fault) -> any Bus {
  guard address.hasPrefix("postgres://") else { return try RedisBus(address) }
  var settings = PostgreSQLBus.Settings()
  if let name = getenv("BUS_SCHEMA") { settings.schemaName = String(cString: name) }
  return try PostgreSQLBus(address, settings: settings)
}

do {
  let bus = try openBus(arguments[2])
  func shift() throws(Fault) -> Shift {
    guard arguments.count == 5, let lease = Int(arguments[4]) else { stop("a name and a lease are needed") }
    let table = try SQLiteTable(arguments[2], schema: Shift.schema)
    return Shift(table: table, bus: bus, name: arguments[3], lease: .milliseconds(lease))
  }
  switch (arguments[1], arguments.count) {
  case ("work", _): try shift().run(ends: false)
  case ("end", _): try shift().run(ends: true)
  case ("stop", _): try shift().stop()
  case ("trace", _): try Tracing(bus: bus).run()
  case ("measure", 4): try Measuring(bus: bus, count: Int(arguments[3]) ?? 0).run()
  case ("fill", 4): try Filling(bus: bus, byteCount: Int(arguments[3]) ?? 0).run()
  default: stop("'\(arguments[1])' is not known")
  }
} catch {
  stop("\(error.message) (\(error.cause ?? "no cause"))")
}
