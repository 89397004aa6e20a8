public import Base
public import Objects

extension HTTPEvent {
  /// Bytes that a function may answer with: 6 MB, less what the platform puts around them.
  static let mostBytes = 6 << 20 - 4096

  /// A server's answer as the gateway wants it; one that is longer than a function may give is refused with 502 in its place.
  public func answer(_ answer: ServerAnswer) -> [UInt8] {
    let bytes = written(answer.status, answer.headers, answer.body)
    guard bytes.count > Self.mostBytes else { return bytes }
    let fault = Fault(
      .tooLarge,
      "the answer has \(answer.body.count) bytes, more than a function may give: ask for less of it, by pages or by 'Range'"
    )
    return refusal(502, fault)
  }

  /// An answer that no server gave.
  public func refusal(_ status: Int, _ fault: Fault) -> [UInt8] {
    written(status, [("Content-Type", "application/json")], FaultEnvelope.json(fault))
  }

  private func written(_ status: Int, _ headers: [(name: String, value: String)], _ body: [UInt8]) -> [UInt8] {
    let passed = headers.filter { !HTTPText.notPassed.contains($0.name.lowercased()) }
    let text = Self.isText(headers) ? String(validating: body, as: UTF8.self) : nil
    return JSONWriter.object(capacity: body.count + 4096) { json in
      json.field("statusCode", status)
      switch payload {
      case .v1: Self.write(passed, "multiValueHeaders", into: &json)
      case .v2: Self.writeJoined(passed, into: &json)
      }
      json.field("isBase64Encoded", text == nil)
      json.field("body", text ?? Base64.encode(body))
    }
  }

  /// Each name once, in the order in which they came first.
  private static func grouped(
    _ headers: [(name: String, value: String)]
  ) -> [(name: String, values: [String])] {
    var groups: [(name: String, values: [String])] = []
    for (name, value) in headers {
      if let place = groups.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) {
        groups[place].values.append(value)
      } else {
        groups.append((name, [value]))
      }
    }
    return groups
  }

  private static func write(
    _ headers: [(name: String, value: String)], _ member: JSONWriter.Name, into json: inout JSONWriter
  ) {
    json.object(member) { json in
      for (name, values) in grouped(headers) { json.field(.init(name), values) }
    }
  }

  /// Payload 2.0 has one value for each name, and cookies apart.
  private static func writeJoined(_ headers: [(name: String, value: String)], into json: inout JSONWriter) {
    let isCookie = { (name: String) in name.lowercased() == "set-cookie" }
    json.object("headers") { json in
      for (name, values) in grouped(headers.filter { !isCookie($0.name) }) {
        json.field(.init(name), values.joined(separator: ", "))
      }
    }
    json.field("cookies", headers.filter { isCookie($0.name) }.map(\.value))
  }

  /// Whether a body goes as the text that it is.
  private static func isText(_ headers: [(name: String, value: String)]) -> Bool {
    func value(_ name: String) -> String? { headers.last { $0.name.lowercased() == name }?.value.lowercased() }
    guard value("content-encoding") == nil, let type = value("content-type")?.prefix(while: { $0 != ";" }) else {
      return value("content-encoding") == nil && value("content-type") == nil
    }
    return type.hasPrefix("text/") || type.hasSuffix("json") || type.hasSuffix("xml") || type.hasSuffix("javascript")
  }
}
