internal import Base
internal import DynamoDB
internal import Items

/// What a transaction makes of items and of entries of indexes.
struct DynamoDBActions {
  let schema: TableSchema
  /// Of the schema's indexes, in the schema's order.
  let ids: [Int]
  /// Records that are written in one go.
  let mostAtOnce: Int

  /// Refuses what the service would, before anything is written.
  func check(_ writes: [PreparedWrite]) throws(Fault) {
    for prepared in writes {
      for (index, entry) in zip(schema.indexes, prepared.entries?.indexes ?? []) {
        guard let entry else { continue }
        let count = IndexEntry.place(sort: entry.sort, key: prepared.write.key).count
        guard count <= DynamoDBKey.sortByteCount else {
          throw Fault(
            .badInput,
            "\(prepared.write.key): its keys and its place in the index '\(index.name)' have \(count) bytes together, at most \(DynamoDBKey.sortByteCount) in DynamoDB: shorten them"
          )
        }
        guard entry.attributes.count <= DynamoDBParts.byteCount else {
          throw Fault(
            .badInput,
            "\(prepared.write.key): what the index '\(index.name)' shows of it has \(entry.attributes.count) bytes, at most \(DynamoDBParts.byteCount) in DynamoDB: shorten it"
          )
        }
      }
    }
  }

  /// Everything that the writes of a transaction do, one action a record.
  ///
  /// `isFirst`: items must stand as the transaction found them, or nothing is done; else it may have been done already.
  func all(_ commit: DynamoDBCommit, isFirst: Bool) throws(Fault) -> [DynamoDBAction] {
    var actions: [DynamoDBAction] = []
    for write in commit.writes {
      let condition: DynamoDBCondition =
        if !isFirst { .none } else if let before = write.before {
          .equal([("v", .number(before.version.number))])
        } else { .absent }
      let key = DynamoDBLayout.item(write.key)
      if let after = write.after {
        var record = DynamoDBRecord(key, DynamoDBParts.head(after.body))
        record.attributes["v"] = .number(after.version.number)
        record.attributes["f"] = .number(write.first)
        actions.append(.put(record, if: condition))
        actions += DynamoDBParts.item(after.version.number).records(after.body).map { .put($0) }
      } else {
        actions.append(.delete(key, if: condition))
      }
      if let before = write.before {
        let parts = DynamoDBParts.item(before.version.number)
        actions += parts.keys(DynamoDBParts.count(of: before.body)).map { .delete($0) }
      }
      actions += try entries(write)
    }
    return actions
  }

  private func entries(_ write: DynamoDBCommit.Write) throws(Fault) -> [DynamoDBAction] {
    let old = try write.before.map { (item) throws(Fault) in try schema.entries(of: item.body, at: item.key).indexes }
    let new = try write.after.map { (item) throws(Fault) in try schema.entries(of: item.body, at: item.key).indexes }
    var actions: [DynamoDBAction] = []
    for (number, id) in ids.enumerated() {
      let (old, new) = (old?[number], new?[number])
      if let old, new.map({ !old.isInPlace(of: $0) }) ?? true {
        actions.append(.delete(Self.key(of: old, id, write.key)))
      }
      if let new, let after = write.after { actions.append(.put(Self.record(of: new, id, after))) }
    }
    return actions
  }

  /// The entries of an item, as they should be.
  func entries(of item: Item) throws(Fault) -> [DynamoDBRecord] {
    let entries = try schema.entries(of: item.body, at: item.key).indexes
    return zip(ids, entries).compactMap { id, entry in entry.map { Self.record(of: $0, id, item) } }
  }

  private static func key(of entry: IndexEntry.Content, _ id: Int, _ key: ItemKey) -> DynamoDBKey {
    let place = String(decoding: IndexEntry.place(sort: entry.sort, key: key), as: UTF8.self)
    return DynamoDBKey(DynamoDBLayout.entries(id, entry.partition), place)
  }

  private static func record(of entry: IndexEntry.Content, _ id: Int, _ item: Item) -> DynamoDBRecord {
    DynamoDBRecord(
      key(of: entry, id, item.key), ["v": .number(item.version.number), "a": .bytes(entry.attributes)])
  }
}
