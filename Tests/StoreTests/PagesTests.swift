import Base
import Items
import Store
import TestKit
import Testing

struct PagesTests {
  @Test("A walk over all that a query finds goes on behind its pages, each once and in order")
  func walks() throws {
    let folder = TemporaryFolder()
    let index = IndexDeclaration("n", partition: [.text("N")], sort: [.attribute("n")], projection: [])
    let table = try SQLiteTable(folder.file("t.db"), schema: TableSchema(version: 1, indexes: [index]))
    let keys = (0..<10).map { ItemKey("p", "\($0)") }
    for (number, key) in keys.enumerated() {
      _ = try table.write([.put(key, Array("{\"n\":\(9 - number)}".utf8))])
    }
    var (items, entries) = ([ItemKey](), [ItemKey]())
    try table.forEach(Query("p", limit: 3)) { items.append($0.key) }
    try table.forEach(Query("N", order: .descending, limit: 4), of: index) { entries.append($0.key) }
    #expect(items == keys && entries == keys)
    let many = keys + (10..<250).map { ItemKey("p", "\($0)") }
    #expect(try table.present(many.reversed()).map(\.key) == keys.reversed())
    #expect(try table.present([]).isEmpty)
  }
}
