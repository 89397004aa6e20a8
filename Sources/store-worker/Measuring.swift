import Base
import Items
import Store

/// What calls on a library in PostgreSQL cost, beside few items and beside many.
struct Measuring {
  private static let clients = 20
  private static let step = 20_000

  let table: PostgreSQLTable
  private var random: UInt64 = 1

  init(_ table: PostgreSQLTable) { self.table = table }

  /// Fills up to 10,000 items and measures, and again with `count`.
  mutating func run(_ count: Int) throws(Fault) {
    var filled = 0
    for size in [10_000, count] {
      let start = Clock.now
      let before = filled
      while filled < size {
        let next = min(filled + Self.step, size)
        defer { filled = next }
        // from a run before
        guard try table.get(Self.key(next - 1)) == nil else { continue }
        try table.fill((filled..<next).map { (Self.key($0), Self.body($0)) })
      }
      let seconds = Double(Clock.now - start) / 1e9
      put("\(size) items, the last \(size - before) filled in \(Int(seconds * 10) / 10) s\n")
      try table.settle()
      try measure(size)
    }
  }

  private enum Call {
    case get, write
    case read((Int) -> PostgreSQLTable.Reading)
  }

  private static var calls: [(name: String, call: Call)] {
    [
      ("one item", .get),
      ("50 items by prefix", .read { .items(items($0)) }),
      ("50 entries of an index", .read { .entries(StoreWork.byBrand, entries($0)) }),
      ("50 by a word and a tag", .read { .matches(StoreWork.byText, search($0)) }),
      ("a few by a rare word", .read { .matches(StoreWork.byText, rare($0)) }),
      ("one item written", .write),
    ]
  }

  private mutating func measure(_ size: Int) throws(Fault) {
    for (name, call) in Self.calls {
      var pages = 0
      if case .read(let reading) = call {
        for _ in 0..<20 { pages = max(pages, try table.cost(of: reading(number(size))).pages) }
      }
      var times: [UInt64] = []
      for _ in 0..<1000 {
        let n = number(size)
        let start = Clock.now
        try make(call, n)
        times.append(Clock.now - start)
      }
      times.sort()
      let figures = [0.5, 0.99].map { Double(times[Int(Double(times.count) * $0)] / 1000) / 1000 }
      put("\(size)\t\(name)\t\(pages > 0 ? "\(pages) pages" : "")\tp50 \(figures[0]) ms\tp99 \(figures[1]) ms\n")
    }
  }

  private func make(_ call: Call, _ n: Int) throws(Fault) {
    switch call {
    case .get: _ = try table.get(Self.key(n))
    case .write: _ = try table.write([.put(Self.key(n), Self.body(n), if: .present)])
    case .read(let reading):
      switch reading(n) {
      case .items(let query): _ = try table.items(query)
      case .entries(let index, let query): _ = try table.entries(of: index, query)
      case .matches(let index, let query): _ = try table.matches(of: index, query)
      }
    }
  }

  private static func client(_ n: Int) -> String { "client\(n % clients)" }

  private static func key(_ n: Int) -> ItemKey { ItemKey("ASSETS#\(client(n))", CompositeKey.number(n)) }

  private static func body(_ n: Int) -> [UInt8] {
    let pad = String(repeating: "x", count: 300)
    return Array(
      """
      {"client":"\(client(n))","brand":"b\(n % 3)","score":\(n % 100),"time":\(n),"name":"clip \(n) take\(n % 5)",\
      "tags":["t\(n % 7)","all"],"pad":"\(pad)"}
      """.utf8)
  }

  private static func items(_ n: Int) -> Query {
    Query("ASSETS#\(client(n))", .between(CompositeKey.number(n), CompositeKey.number(.max)), limit: 50)
  }

  private static func entries(_ n: Int) -> Query {
    let partition = CompositeKey.joined(client(n), "b\(n % 3)")
    return Query(partition, .between("", CompositeKey.number(n)), order: .descending, limit: 50)
  }

  private static func search(_ n: Int) -> TextQuery {
    TextQuery(client(n), filters: [("tags", "t\(n % 7)")], text: "cli take\(n % 5)", limit: 50)
  }

  private static func rare(_ n: Int) -> TextQuery { TextQuery(client(n), text: "clip \(n)", limit: 50) }

  /// SplitMix64 (Steele, Lea, Flood).
  private mutating func number(_ limit: Int) -> Int {
    random &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (random ^ (random >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) >> 33) % limit
  }
}
