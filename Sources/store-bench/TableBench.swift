import Base
import Glibc
import Items
import Store

/// Accesses to a table, and what they cost at some size of it.
enum TableBench {
  /// Grows a table by what transactions of 100 put; changes are trimmed, as behind a reader that keeps up.
  static func grow(_ path: String, from: Int, to count: Int) throws(Fault) {
    var settings = SQLiteTable.Settings()
    settings.isDurable = false
    let table = try SQLiteTable(path, schema: Assets.schema, settings: settings)
    let began = Clock.now
    for start in stride(from: from, to: count, by: 100) {
      let writes = (start..<min(count, start + 100)).map { Write.put(Assets.key($0), Assets.body($0)) }
      guard case .committed(let commit) = try table.write(writes) else { throw Fault(.bug, "a put met a conflict") }
      if start % 10_000 == 9_900 { try table.trimChanges(through: commit.position, olderThan: .max) }
    }
    let seconds = Double(Clock.now - began) / 1e9
    say("grown from \(from) to \(count): \(Int(Double(count - from) / seconds)) items a second")
  }

  /// One kind of access, given the number of a random asset.
  typealias Access = (name: String, rounds: Int, run: @Sendable (SQLiteTable, Int) throws(Fault) -> Int)

  static let updates: Access = (
    "put, a state that changes", 1000,
    { (table, number) throws(Fault) in
      _ = try table.write([.put(Assets.key(number), Assets.body(number, state: Assets.mixed(Int(Clock.now), 1) % 4))])
      return 1
    }
  )

  static func page(_ index: IndexDeclaration, _ parts: [String]) -> @Sendable (SQLiteTable, Int) throws(Fault) -> Int {
    { (table, number) throws(Fault) in
      let partition = CompositeKey.joined(["CLIENT", Assets.client(number)] + parts)
      let query = Query(partition, .between("", Assets.time(number)), order: .descending, limit: 50)
      return try table.entries(of: index, query).elements.count
    }
  }

  static func search(
    _ text: String?, _ filters: [(attribute: String, value: String)] = []
  ) -> @Sendable (SQLiteTable, Int) throws(Fault) -> Int {
    { (table, number) throws(Fault) in
      let partition = CompositeKey.joined("CLIENT", Assets.client(number))
      return try table.matches(of: Assets.byText, TextQuery(partition, filters: filters, text: text)).elements.count
    }
  }

  static let accesses: [Access] = [
    ("get", 5000, { (table, number) throws(Fault) in try table.get(Assets.key(number)) == nil ? 0 : 1 }),
    ("page of 50 by client, from any time on", 2000, page(Assets.byClient, [])),
    ("page of 50 by campaign, from any time on", 2000, page(Assets.byCampaign, ["brand1", "campaign2"])),
    ("newest 50 of a client by search", 1000, search(nil)),
    ("search 'auro'", 1000, search("auro")),
    ("search 'night tea', state analysed", 1000, search("night tea", [("state", "analysed")])),
    ("search a tag of 50, a brand of 10", 1000, search(nil, [("tags", "tag7"), ("brand", "brand3")])),
    (
      "search one name", 1000,
      { (table, number) throws(Fault) in
        let partition = CompositeKey.joined("CLIENT", Assets.client(number))
        return try table.matches(of: Assets.byText, TextQuery(partition, text: "\(number).mp4")).elements.count
      }
    ),
    updates,
  ]

  static func measure(_ path: String, _ count: Int) throws(Fault) {
    let table = try SQLiteTable(path, schema: Assets.schema)
    say("\(count) items, \(try FileSystem.byteCount(of: path) >> 20) MiB")
    for (name, rounds, run) in accesses {
      var (cost, found) = (Cost(), 0)
      for round in 0..<rounds + 20 {
        let number = Assets.mixed(round, UInt64(count)) % count
        let (pages, began) = (table.pagesRead, Clock.now)
        let elements = try run(table, number)
        let (ended, after) = (Clock.now, table.pagesRead)
        // the first few make the connection and its statements
        if round >= 20 {
          cost.add(ended - began, pages: after - pages)
          found += elements
        }
      }
      let mean = Double(found * 10 / rounds) / 10
      say("  \(name)\(padded("", 44 - name.utf8.count))\(cost.text)   found \(mean)")
    }
  }
}

/// What many runs of one access cost.
struct Cost {
  private(set) var micros: [Double] = []
  private var pages: [Int] = []

  mutating func add(_ nanoseconds: UInt64, pages: Int) {
    micros.append(Double(nanoseconds) / 1000)
    self.pages.append(pages)
  }

  private func at<Number: Comparable>(_ share: Double, _ numbers: [Number]) -> Number {
    numbers.sorted()[min(numbers.count - 1, Int(Double(numbers.count) * share))]
  }

  var text: String {
    let times = [at(0.5, micros), at(0.99, micros)].map { padded("\(($0 * 10).rounded() / 10)") }
    let counts = [at(0.5, pages), at(0.99, pages)].map { padded("\($0)", 5) }
    let read = pages.allSatisfy { $0 == 0 } ? "" : "   pages p50 \(counts[0])  p99 \(counts[1])"
    return "p50 \(times[0]) us   p99 \(times[1]) us\(read)"
  }
}

func padded(_ text: String, _ width: Int = 9) -> String {
  String(repeating: " ", count: max(0, width - text.utf8.count)) + text
}

/// Written at once: what was measured stays where the rest takes too long.
func say(_ text: String) {
  let line = text + "\n"
  _ = write(1, line, line.utf8.count)
}
