public import Base
internal import JSON

/// What a table is.
public struct DynamoDBDescription: Sendable {
  /// Another one where a table was made anew, or of a backup.
  public let id: String
  public let isActive: Bool
  /// Its keys are `pk` and `sk`, both text.
  public let hasKeys: Bool
}

extension DynamoDBClient {
  /// The fault is `notFound` where there is no such table.
  public func describe() throws(Fault) -> DynamoDBDescription {
    let answer = try get("DescribeTable", to: "look at the table") { $0.field("TableName", address.table) }
    guard let table = try answer.root.member("Table") else {
      throw Fault(.unavailable, "\(address.shown) is described without a table")
    }
    var keys: Set<[String]> = []
    for key in try table.member("KeySchema")?.elements().map({ $0 }) ?? [] {
      keys.insert([try key.text("AttributeName"), try key.text("KeyType")])
    }
    var kinds: [String: String] = [:]
    for attribute in try table.member("AttributeDefinitions")?.elements().map({ $0 }) ?? [] {
      kinds[try attribute.text("AttributeName")] = try attribute.text("AttributeType")
    }
    return DynamoDBDescription(
      id: try table.text("TableId"), isActive: ["ACTIVE", "UPDATING"].contains(try table.text("TableStatus")),
      hasKeys: keys == [["pk", "HASH"], ["sk", "RANGE"]] && kinds["pk"] == "S" && kinds["sk"] == "S")
  }

  /// Makes the table, and waits until it can be written.
  public func makeTable() throws(Fault) {
    _ = try get("CreateTable", to: "make a table") { Self.define(address.table, &$0) }
    let end = Clock.now + 120_000_000_000
    while try !describe().isActive {
      guard Clock.now < end else { throw Fault(.unavailable, "\(address.shown) is not ready after two minutes") }
      Clock.sleep(until: Clock.now + 500_000_000)
    }
  }

  /// What `aws dynamodb create-table --cli-input-json` takes.
  public static func definition(of table: String) -> [UInt8] {
    JSONWriter.object(capacity: 512) { define(table, &$0) }
  }

  private static func define(_ table: String, _ json: inout JSONWriter) {
    json.field("TableName", table)
    json.field("BillingMode", "PAY_PER_REQUEST")
    json.array("KeySchema") { json in
      for (name, kind) in [("pk", "HASH"), ("sk", "RANGE")] {
        json.object {
          $0.field("AttributeName", name)
          $0.field("KeyType", kind)
        }
      }
    }
    json.array("AttributeDefinitions") { json in
      for name in ["pk", "sk"] {
        json.object {
          $0.field("AttributeName", name)
          $0.field("AttributeType", "S")
        }
      }
    }
  }
}

extension JSONValue {
  /// Empty where it does not stand.
  fileprivate func text(_ name: String) throws(Fault) -> String { try member(name)?.string() ?? "" }
}
