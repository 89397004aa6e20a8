public import Base
internal import JSON

/// A range of one partition.
public struct DynamoDBQuery: Sendable {
  public enum Range: Sendable {
    case all
    /// Not empty.
    case prefix(String)
    /// Both ends belong to it; the lower is not behind the upper.
    case between(String, String)
    /// The end belongs to it; not empty.
    case upTo(String)
    /// The end does not belong to it; not empty.
    case behind(String)
  }

  public var partition: String
  public var range: Range
  public var isDescending = false
  /// Behind this sort key, which must lie in the range, in the query's order.
  public var start: String?
  public var limit: Int

  public init(_ partition: String, _ range: Range, limit: Int) {
    (self.partition, self.range, self.limit) = (partition, range, limit)
  }
}

extension DynamoDBClient {
  private func tableName(_ json: inout JSONWriter) { json.field("TableName", address.table) }

  /// As it is now; `nil` where it is not there.
  public func get(_ key: DynamoDBKey) throws(Fault) -> DynamoDBRecord? {
    let answer = try get("GetItem", to: "read a record") { json in
      tableName(&json)
      json.object("Key") { key.write(to: &$0) }
      json.field("ConsistentRead", true)
    }
    return try answer.root.record("Item")
  }

  /// As they are at one moment, in the order of the keys, which are different; at most 100.
  ///
  /// `isOneMoment` is `false` where they had to be read in several goes, each of which is one.
  public func get(_ keys: [DynamoDBKey]) throws(Fault) -> (records: [DynamoDBRecord?], isOneMoment: Bool) {
    let outcome = try call("TransactGetItems", to: "read records together") { json in
      json.array("TransactItems") { json in
        for key in keys {
          json.object { json in
            json.object("Get") { json in
              tableName(&json)
              json.object("Key") { key.write(to: &$0) }
            }
          }
        }
      }
    }
    switch outcome {
    case .done(let answer):
      var records: [DynamoDBRecord?] = []
      for response in try answer.root.member("Responses")?.elements().map({ $0 }) ?? [] {
        records.append(try response.record("Item"))
      }
      guard records.count == keys.count else {
        throw Fault(.unavailable, "\(address.shown) answers \(records.count) of \(keys.count) records")
      }
      return (records, true)
    case .refused(let failure):
      // 4 MB are the most that are read together.
      guard failure.isTooMuch, keys.count > 1 else { throw fault(failure, "read records together") }
      let half = keys.count / 2
      return (try get(Array(keys[..<half])).records + get(Array(keys[half...])).records, false)
    }
  }

  /// The next records of a range, some of them (1 MB at most); `next` is where it goes on, `nil` at the end.
  public func page(_ query: DynamoDBQuery) throws(Fault) -> (records: [DynamoDBRecord], next: String?) {
    let (condition, values) = query.condition
    let answer = try get("Query", to: "read records of a partition") { json in
      tableName(&json)
      json.field("ConsistentRead", true)
      json.field("ScanIndexForward", !query.isDescending)
      json.field("Limit", query.limit)
      json.field("KeyConditionExpression", condition)
      json.object("ExpressionAttributeValues") { json in
        for (name, text) in values { json.object(JSONWriter.Name(name)) { $0.field("S", text) } }
      }
      if let start = query.start {
        json.object("ExclusiveStartKey") { DynamoDBKey(query.partition, start).write(to: &$0) }
      }
    }
    return (try answer.root.records("Items"), try answer.root.key("LastEvaluatedKey")?.sort)
  }

  /// Records of the whole table in an order of the service's own, behind one of them; `next` is `nil` at the end.
  public func scan(
    after start: DynamoDBKey?, limit: Int? = nil
  ) throws(Fault) -> (records: [DynamoDBRecord], next: DynamoDBKey?) {
    let answer = try get("Scan", to: "read all records") { json in
      tableName(&json)
      json.field("ConsistentRead", true)
      json.field("Limit", ifKnown: limit)
      if let start { json.object("ExclusiveStartKey") { start.write(to: &$0) } }
    }
    return (try answer.root.records("Items"), try answer.root.key("LastEvaluatedKey"))
  }
}

extension DynamoDBQuery {
  fileprivate var condition: (text: String, values: [(String, String)]) {
    let partition = (":p", self.partition)
    return switch range {
    case .all: ("pk = :p", [partition])
    case .prefix(let text): ("pk = :p AND begins_with(sk, :a)", [partition, (":a", text)])
    case .between(let lower, let upper):
      ("pk = :p AND sk BETWEEN :a AND :b", [partition, (":a", lower), (":b", upper)])
    case .upTo(let upper): ("pk = :p AND sk <= :a", [partition, (":a", upper)])
    case .behind(let lower): ("pk = :p AND sk > :a", [partition, (":a", lower)])
    }
  }
}

extension JSONValue {
  func member(_ name: String) throws(Fault) -> JSONValue? {
    for (key, value) in try members() where key == name { return value }
    return nil
  }

  func record(_ name: String) throws(Fault) -> DynamoDBRecord? {
    guard let value = try member(name) else { return nil }
    return try DynamoDBRecord(value)
  }

  func records(_ name: String) throws(Fault) -> [DynamoDBRecord] {
    guard let list = try member(name) else { throw fault("no \(name)", .unavailable) }
    var records: [DynamoDBRecord] = []
    for value in try list.elements() { records.append(try DynamoDBRecord(value)) }
    return records
  }

  /// An object without members says the same as none.
  func key(_ name: String) throws(Fault) -> DynamoDBKey? {
    guard let value = try member(name), !value.isNull, try value.members().contains(where: { _ in true }) else {
      return nil
    }
    return try DynamoDBRecord(value).key
  }
}
