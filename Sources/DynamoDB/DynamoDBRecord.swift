internal import Base
internal import JSON

/// Where a record stands in a table; both are text, in the order of its bytes in UTF-8.
public struct DynamoDBKey: Sendable {
  public let partition: String
  public let sort: String

  public init(_ partition: String, _ sort: String) { (self.partition, self.sort) = (partition, sort) }

  /// Bytes of a sort key, at most; a partition key may have 2048.
  public static let sortByteCount = 1024
  /// What the attributes of keys are called in the table.
  static let (partitionName, sortName) = ("pk", "sk")
}

public enum DynamoDBValue: Sendable, Hashable {
  case text(String)
  case number(Int)
  case bytes([UInt8])
}

/// A record: a key and attributes, whose names are other than those of the key.
public struct DynamoDBRecord: Sendable {
  public let key: DynamoDBKey
  public var attributes: [String: DynamoDBValue]

  public init(_ key: DynamoDBKey, _ attributes: [String: DynamoDBValue]) {
    (self.key, self.attributes) = (key, attributes)
  }

  public func number(_ name: String) -> Int? {
    if case .number(let number) = attributes[name] { number } else { nil }
  }

  public func bytes(_ name: String) -> [UInt8]? {
    if case .bytes(let bytes) = attributes[name] { bytes } else { nil }
  }

  public func text(_ name: String) -> String? {
    if case .text(let text) = attributes[name] { text } else { nil }
  }

  /// How much the service takes it for, at most, in bytes.
  public var byteCount: Int {
    attributes.reduce(key.partition.utf8.count + key.sort.utf8.count + 100) { sum, attribute in
      switch attribute.value {
      case .text(let text): sum + attribute.key.utf8.count + text.utf8.count
      case .number: sum + attribute.key.utf8.count + 21
      case .bytes(let bytes): sum + attribute.key.utf8.count + bytes.count
      }
    }
  }
}

extension DynamoDBKey {
  func write(to json: inout JSONWriter) {
    json.object("pk") { $0.field("S", partition) }
    json.object("sk") { $0.field("S", sort) }
  }
}

extension DynamoDBValue {
  func write(to json: inout JSONWriter) {
    json.object {
      switch self {
      case .text(let text): $0.field("S", text)
      case .number(let number): $0.field("N", String(number))
      case .bytes(let bytes): $0.field("B", Base64.encode(bytes))
      }
    }
  }

  /// `nil` for a value of another kind, which Ridley writes none of.
  init?(_ value: JSONValue) throws(Fault) {
    for (kind, value) in try value.members() {
      switch kind {
      case "S": self = .text(try value.string())
      case "N":
        guard let number = Int(try value.string()) else { return nil }
        self = .number(number)
      case "B":
        guard let bytes = Base64.decode(try value.string()) else { return nil }
        self = .bytes(bytes)
      default: return nil
      }
      return
    }
    return nil
  }
}

extension DynamoDBRecord {
  func write(to json: inout JSONWriter) {
    json.object {
      key.write(to: &$0)
      for (name, value) in attributes { $0.field(JSONWriter.Name(name)) { value.write(to: &$0) } }
    }
  }

  init(_ value: JSONValue) throws(Fault) {
    var attributes: [String: DynamoDBValue] = [:]
    for (name, value) in try value.members() { attributes[name] = try DynamoDBValue(value) }
    guard case .text(let partition) = attributes.removeValue(forKey: DynamoDBKey.partitionName),
      case .text(let sort) = attributes.removeValue(forKey: DynamoDBKey.sortName)
    else { throw value.fault("a record without the keys pk and sk", .unavailable) }
    self.init(DynamoDBKey(partition, sort), attributes)
  }
}
