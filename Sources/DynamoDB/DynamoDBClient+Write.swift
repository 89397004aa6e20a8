public import Base
internal import JSON

/// What must stand under a key before a transaction.
public enum DynamoDBCondition: Sendable {
  case none
  case absent
  /// It is there, with these values.
  case equal([(name: String, value: DynamoDBValue)])
}

/// One part of a transaction.
public struct DynamoDBAction: Sendable {
  enum Kind: Sendable {
    case put(DynamoDBRecord)
    case delete(DynamoDBKey)
    case check(DynamoDBKey)
  }

  let kind: Kind
  let condition: DynamoDBCondition

  public static func put(_ record: DynamoDBRecord, if condition: DynamoDBCondition = .none) -> Self {
    Self(kind: .put(record), condition: condition)
  }

  /// What is not there is deleted already.
  public static func delete(_ key: DynamoDBKey, if condition: DynamoDBCondition = .none) -> Self {
    Self(kind: .delete(key), condition: condition)
  }

  public static func check(_ key: DynamoDBKey, if condition: DynamoDBCondition) -> Self {
    Self(kind: .check(key), condition: condition)
  }

  /// What it counts for the limit of a transaction, in bytes.
  public var byteCount: Int {
    switch kind {
    case .put(let record): record.byteCount
    case .delete(let key), .check(let key): key.partition.utf8.count + key.sort.utf8.count + 100
    }
  }

  public static let mostActions = 100
  /// The service takes 4 MB.
  public static let mostBytes = 3_800_000
}

extension DynamoDBClient {
  /// Does all or nothing, at most ``DynamoDBAction/mostActions``, one a record; `false` where a condition does not hold.
  ///
  /// `false` may also mean that it was done: its answer was lost, and it was sent again. The fault `unavailable` leaves open whether it was, or still will be.
  public func write(_ actions: [DynamoDBAction]) throws(Fault) -> Bool {
    let outcome = try call("TransactWriteItems", to: "write records") { json in
      json.array("TransactItems") { json in for action in actions { write(action, to: &json) } }
    }
    guard case .refused(let failure) = outcome else { return true }
    guard failure.isRefusal else { throw fault(failure, "write records") }
    return false
  }

  private func write(_ action: DynamoDBAction, to json: inout JSONWriter) {
    json.object { json in
      switch action.kind {
      case .put(let record):
        json.object("Put") { json in
          json.field("TableName", address.table)
          json.field("Item") { record.write(to: &$0) }
          action.condition.write(to: &json)
        }
      case .delete(let key): write("Delete", key, action.condition, to: &json)
      case .check(let key): write("ConditionCheck", key, action.condition, to: &json)
      }
    }
  }

  private func write(
    _ name: JSONWriter.Name, _ key: DynamoDBKey, _ condition: DynamoDBCondition, to json: inout JSONWriter
  ) {
    json.object(name) { json in
      json.field("TableName", address.table)
      json.object("Key") { key.write(to: &$0) }
      condition.write(to: &json)
    }
  }
}

extension DynamoDBCondition {
  fileprivate func write(to json: inout JSONWriter) {
    switch self {
    case .none: return
    case .absent: json.field("ConditionExpression", "attribute_not_exists(pk)")
    case .equal(let values):
      let texts = values.indices.map { "#n\($0) = :v\($0)" }
      json.field("ConditionExpression", texts.joined(separator: " AND "))
      json.object("ExpressionAttributeNames") { json in
        for (number, value) in values.enumerated() { json.field(JSONWriter.Name("#n\(number)"), value.name) }
      }
      json.object("ExpressionAttributeValues") { json in
        for (number, value) in values.enumerated() {
          json.field(JSONWriter.Name(":v\(number)")) { value.value.write(to: &$0) }
        }
      }
    }
  }
}
