import Base
import Foundation
import Items
import Store
import TestKit
import Testing

/// What the service does and its emulator does not.
final class Trouble {
  let port: Int
  private let process = Process()

  /// Now and then something; or, of so many writes, none any more.
  init(seed: Int = 0, after writes: Int = -1) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", Checkout.path + "/Tests/StoreTests/dynamodb-trouble.py", "\(try DynamoDBServer.shared.get().port)",
      "\(seed)", "\(getpid())", "\(writes)",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  // A thread that blocks SIGTERM hands that on to what it starts.
  deinit { kill(process.processIdentifier, SIGKILL) }
}

/// Counters in items, and a total of all changes of them, kept by readers.
enum Adding {
  static let total = ItemKey("READER#total", "x")

  static func number(_ item: Item?) -> Int {
    Int(String(decoding: item?.body ?? [], as: UTF8.self).split(separator: ":").last?.prefix { $0.isNumber } ?? "") ?? 0
  }

  private static func condition(_ item: Item?) -> Write.Condition { item.map { .version($0.version) } ?? .absent }

  static func add(to keys: [ItemKey], in table: DynamoDBTable) throws {
    while true {
      let found = try table.get(keys)
      let writes = zip(keys, found).map { key, item in
        Write.put(key, json("{\"client\":\"a\",\"time\":\(number(item) + 1)}"), if: condition(item))
      }
      if case .committed = try table.write(writes) { return }
    }
  }

  /// What was read of the changes is claimed in the transaction that adds it to the total, and read again and again; `false` at their end.
  static func fold(_ table: DynamoDBTable) throws -> Bool {
    let item = try table.get(total)
    let text = String(decoding: item?.body ?? [], as: UTF8.self)
    let place = text.split(separator: "\"").dropFirst(3).first.map(String.init) ?? "0"
    let position = ChangePosition(text: text.isEmpty ? "0" : place)
    let page = try table.changes(after: position, limit: 5)
    guard !page.changes.isEmpty else { return page.hasMore }
    let again = try table.changes(after: position, limit: 5)
    let sum = number(item) + again.changes.count { $0.key.partition == "c" }
    let body = json("{\"p\":\"\(again.position.text)\",\"n\":\(sum)}")
    for _ in 0..<2 { _ = try table.write([.put(total, body, if: condition(item))]) }
    return true
  }
}
