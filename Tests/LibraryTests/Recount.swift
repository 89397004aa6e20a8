import Base
import Catalog
import Foundation
import Items
import Library
import Store
import Testing

/// All totals of some clients, counted from the assets and their scores without the code that keeps them.
struct Recount {
  struct Numbers: Hashable {
    var count = 0
    var sum = 0
    var milliseconds = 0
    var histogram: [Int] = []
    var least: Int?
    var greatest: Int?
  }

  /// By the path of the group, and what is counted: `c0/b1|assets`, `c0|p|cup`.
  private(set) var totals: [String: Numbers] = [:]
  private(set) var assets = 0

  init(_ library: Library, clients: [String]) throws {
    for client in clients {
      let query = Query(CompositeKey.joined("CLIENT", client), limit: 1000)
      var page = try library.table.entries(of: LibrarySchema.client, query)
      while true {
        for entry in page.elements { try count(entry.key, library.table) }
        guard let token = page.next else { break }
        page = try library.table.entries(of: LibrarySchema.client, query, after: token)
      }
    }
  }

  private mutating func count(_ key: ItemKey, _ table: any Table) throws {
    assets += 1
    let asset = try Self.fields(try #require(try table.get(key)))
    let seconds = asset["duration"] as? Double ?? 0
    for group in Self.groups(asset, "client") {
      totals["\(group)|assets", default: Numbers()].count += 1
      totals["\(group)|assets"]!.sum += try #require(asset["bytes"] as? Int)
      totals["\(group)|assets"]!.milliseconds += Int((seconds * 1000).rounded())
    }
    for item in try table.items(Query(key.partition, .prefix("SCORES#"), limit: 1000)).elements {
      let scores = try Self.fields(item)
      let series = try #require(scores["series"] as? String)
      #expect(Self.groups(scores, "owner") == Self.groups(asset, "client"), "\(item.key) is in another group")
      for (label, value) in try #require(scores["values"] as? [String: Int]) {
        for group in Self.groups(scores, "owner") { add(value, "\(group)|\(series)|\(label)") }
      }
    }
  }

  private mutating func add(_ value: Int, _ name: String) {
    var numbers = totals[name] ?? Numbers(histogram: Array(repeating: 0, count: 22))
    numbers.count += 1
    numbers.sum += value
    // 1 and 2 of 22 begin at 0 and 0.05; 1.0 itself belongs to the last but one
    let place = value < 0 ? 0 : value > 1_000_000 ? 21 : value == 1_000_000 ? 20 : value / 50_000 + 1
    numbers.histogram[place] += 1
    numbers.least = min(numbers.least ?? value, value)
    numbers.greatest = max(numbers.greatest ?? value, value)
    totals[name] = numbers
  }

  private static func groups(_ fields: [String: Any], _ client: String) -> [String] {
    var groups = [fields[client] as? String ?? ""]
    for level in ["brand", "campaign"] {
      guard let name = fields[level] as? String else { break }
      groups.append(groups.last! + "/" + name)
    }
    return groups
  }

  private static func fields(_ item: Item) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(item.body)) as? [String: Any])
  }

  /// What the library answers, in the same words.
  static func answers(_ library: Library, clients: [String]) throws -> [String: Numbers] {
    var answers: [String: Numbers] = [:]
    func take(_ page: Page<TotalAnswer>) {
      #expect(page.next == nil)
      for answer in page.elements {
        let group = answer.name.group
        let place = [group.client, group.brand, group.campaign].compactMap { $0 }.joined(separator: "/")
        let measure =
          switch answer.name.measure {
          case .assets: "assets"
          case .score(let series, let label): "\(series)|\(label)"
          }
        answers["\(place)|\(measure)"] = Numbers(
          count: answer.total.count, sum: answer.total.sum, milliseconds: answer.total.milliseconds,
          histogram: answer.total.histogram, least: answer.least?.score, greatest: answer.greatest?.score)
      }
    }
    for client in clients {
      take(try library.totals(of: AssetGroup(client: client), scope: .all, limit: 1000))
      for level in [AssetLevel.brand, .campaign] {
        take(try library.totals(ofEach: level, of: client, scope: .all, limit: 1000))
      }
    }
    return answers
  }
}
