public import Base
internal import Items

extension SQLiteTable {
  /// How the entries of one index differ from a rebuild.
  public struct IndexReport: Sendable, Hashable {
    public let index: String
    public let items: Int
    /// Entries that items should have and the index lacks, or has with other contents.
    public let missing: Int
    /// Entries that stand there otherwise than items should have them.
    public let surplus: Int
  }

  /// Compares every index with the items at one moment, and reads every page of the file.
  ///
  /// As long as the table is large; writes go on meanwhile. The fault is `badInput` where the file is damaged.
  public func verify() throws(Fault) -> [IndexReport] {
    try read { (connection, _) throws(Fault) in
      try connection.checkWhole()
      var (items, right) = (0, [Int](repeating: 0, count: schema.indexes.count))
      var lacking = right
      try connection.rows(.allItems, []) { (row) throws(Fault) in
        let (key, version) = (ItemKey(row.text(0), row.text(1)), row.integer(2))
        items += 1
        for (number, entry) in try schema.entries(of: row.bytes(3), at: key).enumerated() {
          guard let entry else { continue }
          let found = try connection.first(.entry, entry.values(declared.ids[number], key)) { found in
            found.integer(0) == version && found.bytes(1) == entry.attributes
          }
          if found == true { right[number] += 1 } else { lacking[number] += 1 }
        }
        return true
      }
      var reports: [IndexReport] = []
      for (number, index) in schema.indexes.enumerated() {
        let all = try connection.first(.countEntries, [.integer(declared.ids[number])]) { $0.integer(0) } ?? 0
        reports.append(
          IndexReport(index: index.name, items: items, missing: lacking[number], surplus: all - right[number]))
      }
      return reports
    }
  }
}
