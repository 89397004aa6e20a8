public import Base
public import Items
internal import SQLite

extension SQLiteTable: WholeTable {
  public func forEachItem(_ body: (Item) throws(Fault) -> Bool) throws(Fault) {
    let step = 500
    var (last, items) = (Int.min, [Item]())
    repeat {
      items = []
      try read { (connection, _) throws(Fault) in
        try connection.rows(.nextItems, [.integer(last), .integer(step)]) { row in
          let key = ItemKey(row.text(0), row.text(1))
          items.append(Item(key: key, version: ItemVersion(row.integer(2)), body: row.bytes(3)))
          last = row.integer(4)
          return true
        }
      }
      for item in items { guard try body(item) else { return } }
    } while items.count == step
  }
}
