import Base
import Glibc
import Items
import Store

/// A table whose files may not grow for a while, as on a disk that is full.
struct Filling {
  let table: SQLiteTable
  let byteCount: Int

  /// Tells a line a finding; faults are those that should not be.
  func run() throws(Fault) {
    signal(SIGXFSZ, SIG_IGN)
    try limit(rlim_t(byteCount))
    let written = try writeUntilRefused()
    put("refused \(written)\n")
    // a smaller write may still fit; what matters is that reading goes on
    put("read \(try count(written))\n")
    for number in written + 1...written + 3 { put("\(try kind(of: number)) again\n") }
    try limit(rlim_t.max)
    for number in written + 1...written + 50 { _ = try table.write(work.transaction(number, of: 0)) }
    put("read \(try count(written + 50))\n")
    let reports = try table.verify()
    put("\(reports.allSatisfy { $0.missing == 0 && $0.surplus == 0 } ? "sound" : "unsound")\n")
  }

  private let work = StoreWork(seed: 7)

  init(_ table: SQLiteTable, byteCount: Int) { (self.table, self.byteCount) = (table, byteCount) }

  /// Transactions that were acknowledged before the first that was not.
  private func writeUntilRefused() throws(Fault) -> Int {
    var number = 0
    while true {
      do { _ = try table.write(work.transaction(number + 1, of: 0)) } catch {
        guard error.kind == .exhausted else { throw error }
        return number
      }
      number += 1
    }
  }

  private func kind(of number: Int) throws(Fault) -> String {
    do { _ = try table.write(work.transaction(number, of: 0)) } catch { return "\(error.kind)" }
    return "written"
  }

  /// How many of the items are as the transactions up to a number left them; all of them, or a fault.
  private func count(_ number: Int) throws(Fault) -> Int {
    var expected: [ItemKey: [UInt8]] = [:]
    for number in 1...number {
      for write in work.transaction(number, of: 0) { expected[write.key] = write.body }
    }
    let found = try table.items(Query(StoreWork.partition(0), limit: 1000)).elements
    for item in found where expected[item.key] != item.body {
      throw Fault(.bug, "\(item.key) is not as it was written")
    }
    guard found.count == expected.count else {
      throw Fault(.bug, "\(found.count) items, \(expected.count) were written")
    }
    return found.count
  }

  private func limit(_ byteCount: rlim_t) throws(Fault) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(1), &limit) == 0 else { throw SystemError.last.fault("limit", "files") }
    limit.rlim_cur = min(byteCount, limit.rlim_max)
    guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { throw SystemError.last.fault("limit", "files") }
  }
}
