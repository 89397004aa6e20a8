import Base
import Foundation
import Items
import Store
import TestKit

/// The engines that the suite is held against; another one is another case.
enum Engine: CaseIterable, Sendable {
  case sqlite, postgresql, dynamodb

  /// Those that are installed here, or the one that `RIDLEY_STORE_ENGINE` names, for long runs.
  static let allCases: [Engine] = {
    var all: [Engine] = [.sqlite]
    if PostgreSQLServer.isInstalled { all.append(.postgresql) }
    if DynamoDBServer.isThere { all.append(.dynamodb) }
    guard let name = ProcessInfo.processInfo.environment["RIDLEY_STORE_ENGINE"] else { return all }
    return all.filter { "\($0)" == name }
  }()

  /// Those that find by words.
  static let searching = allCases.filter { $0 != .dynamodb }

  /// How many of the operations of a long run it is given: an emulator in Python is slow.
  func share(of operations: Int) -> Int { self == .dynamodb ? operations / 50 : operations }

  func open(_ folder: TemporaryFolder, _ schema: TableSchema = sample) throws -> any Table {
    switch self {
    case .sqlite:
      var settings = SQLiteTable.Settings()
      settings.isDurable = false
      return try SQLiteTable(folder.file("library.db"), schema: schema, settings: settings)
    case .postgresql:
      let server = try PostgreSQLServer.shared.get()
      var settings = PostgreSQLTable.Settings()
      settings.schemaName = server.schemaName()
      return try PostgreSQLTable(server.address(), schema: schema, settings: settings)
    case .dynamodb:
      let address = try DynamoDBServer.shared.get().address()
      try DynamoDBTable.makeTable(address, environment: DynamoDBServer.environment)
      return try DynamoDBTable(address, schema: schema, environment: DynamoDBServer.environment)
    }
  }
}

extension Table {
  /// Of those engines that can compare their indexes.
  func verified() throws -> [IndexReport] {
    switch self {
    case let table as SQLiteTable: try table.verify()
    case let table as PostgreSQLTable: try table.verify()
    case let table as DynamoDBTable: try table.verify()
    default: []
    }
  }
}

let byClient = IndexDeclaration(
  "client", partition: [.text("CLIENT"), .attribute("client")], sort: [.attribute("time")], projection: ["name"])
let byScore = IndexDeclaration(
  "score", partition: [.text("CLIENT"), .attribute("client"), .text("BRAND"), .attribute("brand")],
  sort: [.attribute("score")], projection: ["score", "brand"])
let byText = TextIndexDeclaration(
  "text", partition: [.text("CLIENT"), .attribute("client")], filters: ["brand", "tags"], words: ["name", "tags"])
let sample = TableSchema(version: 1, indexes: [byClient, byScore], texts: [byText], unrecorded: ["READER#"])

func json(_ text: String) -> [UInt8] { Array(text.utf8) }

/// What names are made of, and what is typed into a search box.
private let names = [
  "Spring_Sale", "spring", "\u{c9}lan", "elan", "NEAR", "don't", "x1.MP4", "\u{1f3ac}\u{fe0f}cut", "a*b", "Stra\u{df}e",
]
private let typed = [
  "spr", "SALE", "e\u{301}l", "near", "near(", "\"", "\"sale\"", "*", "x1", "mp", "\u{1f3ac}", "cut", "strass", "t1",
  "-", "a*",
  "sale OR", "\0", "NOT", "name:spring", "^a",
]

/// A table and the oracle, asked the same things at random.
struct Trial {
  let table: any Table
  var oracle: Oracle
  var random: SeededRandom
  private var position = ChangePosition.beginning
  private var seen = 0

  init(_ table: any Table, seed: UInt64) {
    (self.table, random, oracle) = (table, SeededRandom(seed), Oracle(table.schema))
  }

  /// Runs some operations; gives what differs first, `nil` where nothing does.
  mutating func run(_ count: Int) throws -> String? {
    for step in 0..<count {
      let differs: String? =
        switch Int.random(in: 0..<11, using: &random) {
        case 0..<5: try write()
        case 5: try get()
        case 6, 7: try query()
        case 8: try index()
        case 9 where table.findsWords: try search()
        case 9: nil
        default: try changes()
        }
      if let differs { return "step \(step): \(differs)" }
    }
    return nil
  }

  private mutating func key() -> ItemKey {
    let partition = ["ASSET#1", "ASSET#2", "A", "caf\u{e9}", "cafe\u{301}", "READER#r"].randomElement(using: &random)!
    let sorts = ["METADATA", "TAG#", "TAG#a", "TAG#b", "TAG#\u{1}", "TAH", "Z", "z", "\u{10ffff}"]
    return ItemKey(
      partition, sorts.randomElement(using: &random)! + (Bool.random(using: &random) ? "" : "\(random.next() % 4)"))
  }

  private mutating func body() -> [UInt8] {
    let name = (0...random.next() % 3).map { _ in names.randomElement(using: &random)! }.joined(separator: " ")
    var members = ["\"name\":\"\(name)\""]
    if random.next() % 2 > 0 { members.append("\"tags\":[\"a b\",\"t\(random.next() % 3)\"]") }
    if random.next() % 4 > 0 { members.append("\"client\":\"\(["a", "b", "a#b"].randomElement(using: &random)!)\"") }
    if random.next() % 3 > 0 { members.append("\"brand\":\"x\"") }
    if random.next() % 3 > 0 { members.append("\"time\":\(Int(random.next() % 7) - 3)") }
    if random.next() % 3 > 0 { members.append("\"score\":\(random.next() % 5)") }
    return json("{" + members.joined(separator: ",") + "}")
  }

  private mutating func write() throws -> String? {
    var (writes, keys): ([Write], Set<ItemKey>) = ([], [])
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let key = key()
      guard keys.insert(key).inserted else { continue }
      let known = oracle.items[key]?.version
      let condition: Write.Condition =
        switch random.next() % 8 {
        case 0: .absent
        case 1: .present
        case 2: .version(known ?? ItemVersion(1))
        case 3: .version(ItemVersion((known?.number ?? 0) + 1))
        default: .none
        }
      switch random.next() % 6 {
      case 0: writes.append(.delete(key, if: condition))
      case 1: writes.append(.check(key, if: condition))
      default: writes.append(.put(key, body(), if: condition))
      }
    }
    let answered = try table.write(writes)
    let expected = try oracle.write(writes, answered: answered)
    return answered == expected ? nil : "\(writes) gave \(answered), not \(expected)"
  }

  private mutating func get() throws -> String? {
    let keys = (0..<3).map { _ in key() }
    let (found, expected) = (try table.get(keys), keys.map { oracle.items[$0] })
    return found == expected ? nil : "\(keys)"
  }

  private mutating func range() -> Query.Range {
    let ends = ["", "T", "TAG#", "TAG#a", "Z", "z", "-", "0000", "00000000000000000002"]
    switch random.next() % 4 {
    case 0: return .all
    case 1: return .between(ends.randomElement(using: &random)!, ends.randomElement(using: &random)!)
    default: return .prefix(ends.randomElement(using: &random)!)
    }
  }

  private mutating func query() throws -> String? {
    let query = Query(
      key().partition, range(), order: Bool.random(using: &random) ? .ascending : .descending,
      limit: Int.random(in: 1...5, using: &random))
    var (found, token): ([Item], PageToken?) = ([], nil)
    repeat {
      let page = try table.items(query, after: token)
      found += page.elements
      token = page.next
      guard page.elements.count <= query.limit, token == nil || page.elements.count == query.limit else {
        return "\(query)"
      }
    } while token != nil
    return found == oracle.items(query) ? nil : "\(query)"
  }

  private mutating func index() throws -> String? {
    let number = Int(random.next() % 2)
    let client = ["a", "b", "a#b"].randomElement(using: &random)!
    let partition =
      number == 0 ? CompositeKey.joined("CLIENT", client) : CompositeKey.joined("CLIENT", client, "BRAND", "x")
    let query = Query(
      partition, range(), order: Bool.random(using: &random) ? .ascending : .descending,
      limit: Int.random(in: 1...5, using: &random))
    var (found, token): ([IndexEntry], PageToken?) = ([], nil)
    repeat {
      let page = try table.entries(of: table.schema.indexes[number], query, after: token)
      found += page.elements
      token = page.next
    } while token != nil
    guard found == oracle.entries(number, query) else { return "\(table.schema.indexes[number].name) \(query)" }
    let items = found.isEmpty ? [] : try table.items(of: found)
    return items == found.map { oracle.items[$0.key] } ? nil : "items of \(table.schema.indexes[number].name) \(query)"
  }

  private mutating func search() throws -> String? {
    var filters: [(attribute: String, value: String)] = []
    if random.next() % 3 == 0 { filters.append(("brand", ["x", "y", "X"].randomElement(using: &random)!)) }
    if random.next() % 3 == 0 { filters.append(("tags", ["a b", "a", "t1", "t2"].randomElement(using: &random)!)) }
    let words = (0..<random.next() % 3).map { _ in typed.randomElement(using: &random)! }
    let query = TextQuery(
      CompositeKey.joined("CLIENT", ["a", "b", "a#b"].randomElement(using: &random)!), filters: filters,
      text: words.isEmpty ? nil : words.joined(separator: " "), limit: Int.random(in: 1...5, using: &random))
    var (found, token): ([Item], PageToken?) = ([], nil)
    repeat {
      let page = try table.matches(of: byText, query, after: token)
      found += page.elements
      token = page.next
    } while token != nil
    return found == oracle.matches(query, typed: words) ? nil : "\(query)"
  }

  private mutating func changes() throws -> String? {
    let page = try table.changes(after: position, limit: Int.random(in: 1...20, using: &random))
    position = page.position
    for change in page.changes {
      guard seen < oracle.changes.count, change.before == oracle.changes[seen].before,
        change.after == oracle.changes[seen].after
      else {
        let expected = seen < oracle.changes.count ? "\(oracle.changes[seen])" : "nothing"
        return "change \(seen): \(change), expected was \(expected)"
      }
      seen += 1
    }
    return page.hasMore || seen == oracle.changes.count ? nil : "changes are missing behind \(position.text)"
  }
}
