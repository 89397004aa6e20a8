internal import Base
internal import DynamoDB
internal import Items

/// Where things stand in the one table of a library.
///
/// - `S`: the state, and the indexes as they are declared.
/// - `D#…`: items, by their keys. What a body has more than fits stands in parts.
/// - `I#…`: entries of indexes, by index and partition, in the order of their places: they are written with the items, so that a reader never finds
///   an index that lags behind, as one of the service's own (GSI) would.
/// - `L`: what each transaction did that readers of changes are told of, by number.
/// - `U`: what each other one did, for moments, and for who finds it unfinished; it stays for hours, not days.
/// - `P#…`: parts, whose partitions are named by a number that no other bytes will have.
enum DynamoDBLayout {
  static let format = 1
  static let state = DynamoDBKey("S", "state")
  static let declaration = DynamoDBKey("S", "indexes")
  static let recorded = "L"
  static let unrecorded = "U"

  static func item(_ key: ItemKey) -> DynamoDBKey { DynamoDBKey(items(key.partition), key.sort) }

  static func items(_ partition: String) -> String { "D#" + partition }

  static func entries(_ id: Int, _ partition: String) -> String { "I#\(id)#\(partition)" }

  static func commit(_ number: Int, isRecorded: Bool) -> DynamoDBKey {
    DynamoDBKey(isRecorded ? recorded : unrecorded, CompositeKey.number(number))
  }

  /// The item that a record is, `nil` for other records.
  static func itemKey(_ key: DynamoDBKey) -> ItemKey? {
    guard key.partition.utf8.starts(with: "D#".utf8) else { return nil }
    return ItemKey(String(decoding: key.partition.utf8.dropFirst(2), as: UTF8.self), key.sort)
  }

  /// The index of which a record is an entry, `nil` for other records.
  static func index(_ key: DynamoDBKey) -> Int? {
    guard key.partition.utf8.starts(with: "I#".utf8) else { return nil }
    let digits = key.partition.utf8.dropFirst(2).prefix { $0 != UInt8(ascii: "#") }
    return Int(String(decoding: digits, as: UTF8.self))
  }
}

/// Bytes that one record may be too small for: the first stand in it (`b`), the others in parts, whose number it tells (`c`).
struct DynamoDBParts {
  /// A record has 400 KB at most, with its keys.
  static let byteCount = 350_000

  let partition: String

  static func item(_ version: Int) -> Self { Self(partition: "P#D#\(version)") }

  /// `series`: another one whenever the transaction is written down anew.
  static func commit(_ number: Int, _ series: Int) -> Self { Self(partition: "P#L#\(number)#\(series)") }

  static func count(of bytes: [UInt8]) -> Int { max(0, (bytes.count - 1) / byteCount) }

  static func head(_ bytes: [UInt8]) -> [String: DynamoDBValue] {
    ["b": .bytes(Array(bytes.prefix(byteCount))), "c": .number(count(of: bytes))]
  }

  func keys(_ count: Int) -> [DynamoDBKey] { (0..<count).map { DynamoDBKey(partition, CompositeKey.number($0)) } }

  /// All but the head.
  func records(_ bytes: [UInt8]) -> [DynamoDBRecord] {
    keys(Self.count(of: bytes)).enumerated().map { number, key in
      let rest = bytes.dropFirst((number + 1) * Self.byteCount).prefix(Self.byteCount)
      return DynamoDBRecord(key, ["b": .bytes(Array(rest))])
    }
  }

  /// What a record and its parts hold; `nil` where a part is gone, since others wrote over the record.
  func bytes(of record: DynamoDBRecord, _ client: DynamoDBClient) throws(Fault) -> [UInt8]? {
    guard var bytes = record.bytes("b"), let count = record.number("c") else { return nil }
    for key in keys(count) {
      guard let part = try client.get(key)?.bytes("b") else { return nil }
      bytes += part
    }
    return bytes
  }
}
