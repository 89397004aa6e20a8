internal import Base
internal import DynamoDB
internal import Items

/// An item, and the number of its first writing, which it keeps as long as it is there.
struct DynamoDBRow {
  let item: Item
  let first: Int
}

/// What one transaction did, as it stands in the table: readers of changes read it, and who finds it unfinished carries it out.
struct DynamoDBCommit {
  struct Write {
    /// Of the write, and of the version that it made.
    let number: Int
    let key: ItemKey
    /// Of the item's first writing.
    let first: Int
    var before: Item?
    var after: Item?
  }

  /// Of the last write of the transaction.
  let number: Int
  /// Of the transaction before it.
  let previous: Int
  /// Of the one before it that readers of changes are told of.
  let previousRecorded: Int
  /// Whether they are told of this one.
  let isRecorded: Bool
  /// Seconds since 1970.
  let time: Int
  /// At random: tells whose transaction it is.
  let token: Int
  /// How often it was written down anew.
  var series = 0
  var writes: [Write]

  /// That goes on from a state.
  init(_ number: Int, after state: DynamoDBState, isRecorded: Bool, time: Int, writes: [Write]) {
    (self.number, previous, previousRecorded) = (number, state.number, state.recorded)
    (self.isRecorded, self.time, token, self.writes) = (isRecorded, time, Int.random(in: 1...Int.max), writes)
  }

  /// The record, and its parts.
  var records: [DynamoDBRecord] {
    let bytes = content
    var record = DynamoDBRecord(
      DynamoDBLayout.commit(number, isRecorded: isRecorded), DynamoDBParts.head(bytes))
    let numbers = [
      ("n", number), ("p", previousRecorded), ("q", previous), ("t", time), ("k", token), ("s", series),
    ]
    for (name, number) in numbers { record.attributes[name] = .number(number) }
    return [record] + DynamoDBParts.commit(number, series).records(bytes)
  }

  /// `nil` where it was trimmed meanwhile.
  init?(_ record: DynamoDBRecord, _ client: DynamoDBClient) throws(Fault) {
    guard let number = record.number("n"), let previous = record.number("q"),
      let previousRecorded = record.number("p"), let time = record.number("t"), let token = record.number("k"),
      let series = record.number("s")
    else { throw Self.damaged }
    guard let bytes = try DynamoDBParts.commit(number, series).bytes(of: record, client) else { return nil }
    guard let writes = Self.writes(bytes) else { throw Self.damaged }
    (self.number, self.previous, self.previousRecorded) = (number, previous, previousRecorded)
    isRecorded = record.key.partition == DynamoDBLayout.recorded
    (self.time, self.token, self.series, self.writes) = (time, token, series, writes)
  }

  /// The keys of the record and its parts, the parts first: whoever dies between finds the rest by the record.
  static func keys(_ record: DynamoDBRecord) -> [DynamoDBKey] {
    DynamoDBParts.commit(record.number("n") ?? 0, record.number("s") ?? 0).keys(record.number("c") ?? 0) + [record.key]
  }

  private static let damaged = Fault(.badInput, "a transaction in the table cannot be read: restore a backup")

  /// For each write its number, its key, that of the item's first writing, and what stood there and stands there, each behind its length.
  private var content: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ number: Int) { bytes += Fingerprint.bytes(of: UInt64(number)) }
    func append(_ field: [UInt8]) {
      append(field.count)
      bytes += field
    }
    for write in writes {
      append(write.number)
      append(Array(write.key.partition.utf8))
      append(Array(write.key.sort.utf8))
      append(write.first)
      for item in [write.before, write.after] {
        append(item?.version.number ?? 0)
        append(item?.body ?? [])
      }
    }
    return bytes
  }

  private static func writes(_ bytes: [UInt8]) -> [Write]? {
    var rest = bytes[...]
    func integer() -> Int? {
      guard rest.count >= 8 else { return nil }
      defer { rest = rest.dropFirst(8) }
      return Int(exactly: rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    func field() -> [UInt8]? {
      guard let count = integer(), rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    func item(_ key: ItemKey) -> Item?? {
      guard let version = integer(), let body = field() else { return nil }
      return .some(version == 0 ? nil : Item(key: key, version: ItemVersion(version), body: body))
    }
    var writes: [Write] = []
    while !rest.isEmpty {
      guard let number = integer(), let partition = field(), let sort = field(), let first = integer() else {
        return nil
      }
      let key = ItemKey(String(decoding: partition, as: UTF8.self), String(decoding: sort, as: UTF8.self))
      guard let before = item(key), let after = item(key) else { return nil }
      writes.append(Write(number: number, key: key, first: first, before: before, after: after))
    }
    return writes
  }
}
