import Base
import Bus
import Foundation
import Items
import Store
import TestKit
import Testing

/// What a loss of power leaves, where not all calls wait for the disk.
///
/// The `-wal` file is written in the order of the commits, and the disk has at least what it had at the last sync. So it is cut anywhere between that
/// place and the end of the last call.
struct PowerTests {
  private let folder = TemporaryFolder()
  private static let schema = TableSchema(version: 1, indexes: [])

  /// How far things were when a call had been answered.
  private struct Moment {
    var synced = 0
    var written = 0
    /// Tasks that must be known.
    var added: [BusTask] = []
  }

  private func open(_ path: String, _ clock: ToldClock) throws -> (bus: SQLiteBus, table: SQLiteTable) {
    (try SQLiteBus(path, clock: clock.clock), try SQLiteTable(path, schema: Self.schema))
  }

  private static func publish(_ key: String, _ table: SQLiteTable) throws {
    _ = try table.write([.put(ItemKey("RESULT", key), Array("{}".utf8), if: .absent)])
  }

  @Test func `after a loss of power no task that was added is missing, and none is done without its result`() throws {
    let (path, clock) = (folder.file("library.db"), ToldClock())
    let (bus, table) = try open(path, clock)
    var (random, moments, moment) = (SeededRandom(41), [Moment](), Moment())
    func note(isSynced: Bool) throws {
      moment.written = try FileSystem.byteCount(of: path + "-wal")
      if isSynced { moment.synced = moment.written }
      moments.append(moment)
    }
    for number in 0..<11 {
      let tasks = (0..<3).map { task("\(number)-\($0)", most: 100) }
      _ = try bus.add(tasks)
      moment.added += tasks
      try note(isSynced: true)
      for _ in 0..<Int(random.next() % 4) {
        guard let claimed = try bus.claim(for: "w", lease: .seconds(60)) else { break }
        try note(isSynced: false)
        if random.next() % 4 == 0 {
          _ = try bus.fail(claimed.claim, Failure("x", isRetryable: true))
          try note(isSynced: true)
          continue
        }
        try Self.publish(claimed.task.key, table)
        try note(isSynced: true)
        _ = try bus.acknowledge(claimed.claim)
        try note(isSynced: false)
      }
    }
    // what was copied into the file itself cannot be lost any more
    try #require(moment.written < 1000 * 8192, "the -wal file was emptied meanwhile: do less")
    // by another process: closing the file in this one would drop its locks
    let copy = folder.file("copy")
    try FileSystem.makeFolder(copy)
    try #require(shell(["cp", path, path + "-wal", copy]).status == 0)
    for (number, moment) in moments.enumerated() {
      try check(moment, copy, Int.random(in: moment.synced...moment.written, using: &random), number)
    }
    print("\(moments.count) losses of power")
  }

  private func check(_ moment: Moment, _ copy: String, _ byteCount: Int, _ number: Int) throws {
    let path = folder.file("\(number).db")
    try FileSystem.write(try FileSystem.read("\(copy)/library.db"), to: path)
    try FileSystem.write(Array(try FileSystem.read("\(copy)/library.db-wal").prefix(byteCount)), to: path + "-wal")
    let clock = ToldClock()
    clock.reboot()
    let (bus, table) = try open(path, clock)
    #expect(try bus.add(moment.added).allSatisfy { !$0 }, "a task that was added is gone")
    while let claimed = try bus.claim(for: "w", lease: .seconds(60)) {
      try Self.publish(claimed.task.key, table)
      #expect(try bus.acknowledge(claimed.claim) == .held)
    }
    let results = try table.items(Query("RESULT", limit: 1000)).elements.map(\.key.sort)
    let isWhole = Set(results) == Set(moment.added.map(\.key))
    #expect(isWhole, "\(number): a task is done, and its result is not there")
    #expect(try bus.counts(group: "job").done == moment.added.count)
  }
}
