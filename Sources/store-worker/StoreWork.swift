import Base
import Items

/// What each thread writes, one transaction behind the other, as a function of a seed, the thread and the transaction's number.
///
/// So whoever finds a table later can work out again what must stand in it. Every thread has a partition of its own, in which one item counts
/// its transactions.
struct StoreWork {
  let seed: UInt64

  static let byBrand = IndexDeclaration(
    "brand", partition: [.attribute("client"), .attribute("brand")], sort: [.attribute("time")], projection: ["name"])
  static let byScore = IndexDeclaration(
    "score", partition: [.attribute("client")], sort: [.attribute("score")], projection: [])
  static let byText = TextIndexDeclaration(
    "text", partition: [.attribute("client")], filters: ["brand", "tags"], words: ["name", "tags"])
  static let schema = TableSchema(version: 1, indexes: [byBrand, byScore], texts: [byText])

  static func partition(_ thread: Int) -> String { "THREAD#\(thread)" }

  static func counter(_ thread: Int) -> ItemKey { ItemKey(partition(thread), "COUNTER") }

  /// The body of the counter behind a transaction.
  static func count(_ number: Int) -> [UInt8] { Array("{\"number\":\(number)}".utf8) }

  /// Transactions begin at 1.
  func transaction(_ number: Int, of thread: Int) -> [Write] {
    var state = seed ^ UInt64(thread) << 48 ^ UInt64(number)
    var writes: [Write] = [.put(Self.counter(thread), Self.count(number))]
    var keys: Set<Int> = []
    for _ in 0..<1 + Self.number(below: 4, &state) {
      let sort = Self.number(below: 60, &state)
      guard keys.insert(sort).inserted else { continue }
      let key = ItemKey(Self.partition(thread), "k\(sort)")
      writes.append(Self.number(below: 4, &state) == 0 ? .delete(key) : .put(key, Self.body(number, &state)))
    }
    return writes
  }

  private static func body(_ number: Int, _ state: inout UInt64) -> [UInt8] {
    let pad = String(repeating: "x", count: Self.number(below: 3, &state) * Self.number(below: 2000, &state))
    let client = Self.number(below: 8, &state) == 0 ? "" : "\"client\":\"c\(Self.number(below: 3, &state))\","
    let (brand, score) = (Self.number(below: 3, &state), Self.number(below: 100, &state))
    let text = """
      {\(client)"brand":"b\(brand)","score":\(score),"time":\(number),"name":"clip \(number) take\(score % 5)",\
      "tags":["t\(score % 7)","all"],"pad":"\(pad)"}
      """
    return Array(text.utf8)
  }

  /// SplitMix64 (Steele, Lea, Flood).
  private static func number(below limit: Int, _ state: inout UInt64) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) >> 33) % limit
  }
}
