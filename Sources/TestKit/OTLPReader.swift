/// A span as a receiver of OTLP reads it, by the numbers of opentelemetry-proto; read without any of the code that writes it.
public struct ToldSpan: Sendable {
  public var trace: String
  public var id: String
  /// Empty where the trace begins with it.
  public var parent: String
  public var name: String
  public var kind: Int
  public var state: String
  /// Nanoseconds since 1970.
  public var start: UInt64
  public var end: UInt64
  public var attributes: [String: String]
  /// Trace and span, with a dash between.
  public var links: [String]
  public var error: String?

  fileprivate init(_ message: WireMessage) {
    (trace, id, parent) = (message.hex(1), message.hex(2), message.hex(4))
    (name, state, kind) = (message.text(5), message.text(3), Int(message.number(6)))
    (start, end) = (message.number(7), message.number(8))
    attributes = message.attributes(9)
    links = message.messages(13).map { "\($0.hex(1))-\($0.hex(2))" }
    error = message.messages(15).first.flatMap { $0.number(3) == 2 ? $0.text(2) : nil }
  }
}

/// A line of a log, the same way.
public struct ToldLine: Sendable {
  public var time: UInt64
  public var severity: Int
  public var word: String
  public var text: String
  public var attributes: [String: String]
  public var trace: String
  public var span: String

  fileprivate init(_ message: WireMessage) {
    (time, severity, word) = (message.number(1), Int(message.number(2)), message.text(3))
    text = message.messages(5).first?.text(1) ?? ""
    (attributes, trace, span) = (message.attributes(6), message.hex(9), message.hex(10))
  }
}

extension CollectorDouble {
  /// Of all requests, in the order they came in.
  public var spans: [ToldSpan] { requests.flatMap(\.spans) }
  public var lines: [ToldLine] { requests.flatMap(\.lines) }
}

extension CollectorDouble.Request {
  public var spans: [ToldSpan] {
    path.hasSuffix("traces") ? scopes.flatMap { $0.messages(2) }.map(ToldSpan.init) : []
  }

  public var lines: [ToldLine] {
    path.hasSuffix("logs") ? scopes.flatMap { $0.messages(2) }.map(ToldLine.init) : []
  }

  /// What is said of the process.
  public var resource: [String: String] {
    WireMessage(body)?.messages(1).first?.messages(1).first?.attributes(1) ?? [:]
  }

  private var scopes: [WireMessage] { WireMessage(body)?.messages(1).flatMap { $0.messages(2) } ?? [] }
}

/// A message of Protocol Buffers, field by field (protobuf.dev, "Encoding").
private struct WireMessage {
  private enum Value {
    case number(UInt64)
    case bytes([UInt8])
  }

  private var fields: [(number: Int, value: Value)] = []

  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let tag = Self.varint(&rest) else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = Self.varint(&rest) else { return nil }
        fields.append((Int(tag >> 3), .number(value)))
      case 1, 5:
        let count = tag & 7 == 1 ? 8 : 4
        guard rest.count >= count else { return nil }
        fields.append((Int(tag >> 3), .number(rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) })))
        rest = rest.dropFirst(count)
      case 2:
        guard let count = Self.varint(&rest), count <= rest.count else { return nil }
        fields.append((Int(tag >> 3), .bytes(Array(rest.prefix(Int(count))))))
        rest = rest.dropFirst(Int(count))
      default: return nil
      }
    }
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 127) << UInt64(shift)
      if byte < 128 { return value }
    }
    return nil
  }

  func number(_ number: Int) -> UInt64 {
    for field in fields where field.number == number { if case .number(let value) = field.value { return value } }
    return 0
  }

  private func all(_ number: Int) -> [[UInt8]] {
    fields.compactMap { field in
      if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
    }
  }

  func text(_ number: Int) -> String { all(number).first.map { String(decoding: $0, as: UTF8.self) } ?? "" }
  func messages(_ number: Int) -> [WireMessage] { all(number).compactMap(WireMessage.init) }

  func hex(_ number: Int) -> String {
    (all(number).first ?? []).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count < 2 ? "0" + digits : digits
    }.joined()
  }

  /// Values of all kinds as texts.
  func attributes(_ number: Int) -> [String: String] {
    var found: [String: String] = [:]
    for pair in messages(number) {
      guard let value = pair.messages(2).first, let field = value.fields.first else { continue }
      switch (field.number, field.value) {
      case (1, .bytes(let bytes)): found[pair.text(1)] = String(decoding: bytes, as: UTF8.self)
      case (2, .number(let flag)): found[pair.text(1)] = flag == 0 ? "false" : "true"
      case (_, .number(let number)): found[pair.text(1)] = "\(Int64(bitPattern: number))"
      default: found[pair.text(1)] = "?"
      }
    }
    return found
  }
}
