public import Base

/// Where a table is: its region and its name, and the server that is asked.
public struct DynamoDBAddress: Sendable, Hashable {
  public let region: String
  public let table: String
  let endpoint: String

  private static let advice = "write dynamodb://REGION/TABLE"

  /// Reads `dynamodb://REGION/TABLE`, with `?endpoint=http://HOST:PORT` for an emulator.
  ///
  /// Of the environment where the address names no endpoint: RIDLEY_DYNAMODB_ENDPOINT, AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL; else Amazon's.
  ///
  /// - Throws: `usage` for what is no such address.
  public init(_ text: String, environment: [String: String] = [:]) throws(Fault) {
    guard text.hasPrefix("dynamodb://") else {
      throw Fault(.usage, "that is no place of a table of DynamoDB: \(Self.advice)")
    }
    let rest = text.dropFirst("dynamodb://".count)
    let place = rest.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard place.count == 2, Self.isPlain(place[0], "-"), Self.isPlain(place[1], "-._"),
      (3...255).contains(place[1].utf8.count), place[0] == place[0].lowercased()
    else {
      throw Fault(
        .usage,
        "that names no region with a table (3 to 255 letters, digits, -._): \(Self.advice)")
    }
    (region, table) = (place[0], place[1])
    let query = rest.dropFirst(place[0].utf8.count + place[1].utf8.count + 1)
    let names = ["RIDLEY_DYNAMODB_ENDPOINT", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"]
    if query.isEmpty {
      let amazon = "https://dynamodb.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
      endpoint = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? amazon
    } else {
      guard query.hasPrefix("?endpoint=") else {
        throw Fault(.usage, "behind the table only ?endpoint= may stand: \(Self.advice)?endpoint=http://HOST:PORT")
      }
      endpoint = String(query.dropFirst("?endpoint=".count))
    }
  }

  /// As errors and logs show it.
  public var shown: String { "dynamodb://\(region)/\(table)" }

  private static func isPlain(_ text: String, _ others: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: others.utf8.contains(byte)
        }
      }
  }
}
