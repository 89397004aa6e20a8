public import Base
internal import DynamoDB
internal import Items

extension DynamoDBTable {
  /// Compares every index with a rebuild.
  ///
  /// Reads the whole table while others write; what differs then is looked at once more, each item together with its entry. In memory are the keys of entries
  /// whose item, or of items whose entry, was not read yet.
  public func verify() throws(Fault) -> [IndexReport] {
    var (open, items, start) = ([UInt64: [Open]](), 0, DynamoDBKey?.none)
    repeat {
      let (records, next) = try client.scan(after: start)
      for record in records {
        if let id = DynamoDBLayout.index(record.key) {
          if actions.ids.contains(id) { Self.meet(record, isWanted: false, &open) }
        } else if DynamoDBLayout.itemKey(record.key) != nil {
          items += 1
          for entry in try row(record).map({ (row) throws(Fault) in try actions.entries(of: row.item) }) ?? [] {
            Self.meet(entry, isWanted: true, &open)
          }
        }
      }
      start = next
    } while start != nil
    var (missing, surplus) = ([Int: Int](), [Int: Int]())
    var seen: Set<[[UInt8]]> = []
    for key in open.values.joined().map(\.key)
    where seen.insert([Array(key.partition.utf8), Array(key.sort.utf8)]).inserted {
      guard let id = DynamoDBLayout.index(key) else { continue }
      let (wanted, found) = try entry(key)
      guard wanted != found else { continue }
      if wanted != nil { missing[id, default: 0] += 1 }
      if found != nil { surplus[id, default: 0] += 1 }
    }
    return zip(schema.indexes, actions.ids).map { index, id in
      IndexReport(index: index.name, items: items, missing: missing[id] ?? 0, surplus: surplus[id] ?? 0)
    }
  }

  /// An entry that stands there, or that an item should have, of which the other was not met yet.
  private struct Open {
    let key: DynamoDBKey
    let isWanted: Bool
  }

  private static func meet(_ record: DynamoDBRecord, isWanted: Bool, _ open: inout [UInt64: [Open]]) {
    var hasher = Hasher()
    hasher.combine(Array(record.key.partition.utf8))
    hasher.combine(Array(record.key.sort.utf8))
    hasher.combine(record.attributes)
    let hash = UInt64(bitPattern: Int64(hasher.finalize()))
    let other = open[hash]?.firstIndex {
      $0.isWanted != isWanted && $0.key.partition.hasSameBytes(as: record.key.partition)
        && $0.key.sort.hasSameBytes(as: record.key.sort)
    }
    if let other {
      open[hash]?.remove(at: other)
      if open[hash]?.isEmpty == true { open[hash] = nil }
    } else {
      open[hash, default: []].append(Open(key: record.key, isWanted: isWanted))
    }
  }

  private typealias Attributes = [String: DynamoDBValue]

  /// What should stand under the key of an entry, and what does, at one moment.
  private func entry(_ key: DynamoDBKey) throws(Fault) -> (wanted: Attributes?, found: Attributes?) {
    guard let item = IndexEntry.parts(ofPlace: Array(key.sort.utf8))?.key else {
      return (nil, try client.get(key)?.attributes)
    }
    return try whole { () throws(Fault) -> (wanted: Attributes?, found: Attributes?)? in
      let records = try client.get([DynamoDBLayout.item(item), key]).records
      guard let record = records[0] else { return (nil, records[1]?.attributes) }
      guard let row = try row(record) else { return nil }
      let wanted = try actions.entries(of: row.item).first {
        $0.key.partition.hasSameBytes(as: key.partition) && $0.key.sort.hasSameBytes(as: key.sort)
      }
      return (wanted?.attributes, records[1]?.attributes)
    }
  }
}
