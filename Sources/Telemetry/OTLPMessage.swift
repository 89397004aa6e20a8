internal import Base
internal import Protobuf

/// What a collector is sent, and what it answers: OTLP 1 (github.com/open-telemetry/opentelemetry-proto), as Protocol Buffers.
///
/// Every receiver of OTLP over HTTP takes this encoding, and it is the one that clients use unless told otherwise.
enum OTLPMessage {
  /// `ExportTraceServiceRequest`.
  static func spans(_ spans: [Span], of resource: [Attribute], scope: String, _ clock: WallClock) -> [UInt8] {
    export(of: resource, scope) { message in
      for span in spans { message.message(2) { write(span, clock, to: &$0) } }
    }
  }

  /// `ExportLogsServiceRequest`.
  static func logs(_ records: [LogRecord], of resource: [Attribute], scope: String, _ clock: WallClock) -> [UInt8] {
    export(of: resource, scope) { message in
      for record in records { message.message(2) { write(record, clock, to: &$0) } }
    }
  }

  private static func export(
    of resource: [Attribute], _ version: String, _ write: (inout MessageWriter) -> Void
  ) -> [UInt8] {
    var request = MessageWriter()
    request.message(1) { resources in
      resources.message(1) { self.write(resource, 1, to: &$0) }
      resources.message(2) { scopes in
        scopes.message(1) { scope in
          scope.field(1, "ridley")
          scope.field(2, version)
        }
        write(&scopes)
      }
    }
    return request.bytes
  }

  private static func write(_ span: Span, _ clock: WallClock, to message: inout MessageWriter) {
    message.bytes(1, bytes(span.place.id))
    message.bytes(2, bytes(span.place.parent))
    message.field(3, span.state)
    if let parent = span.parent { message.bytes(4, bytes(parent)) }
    message.field(5, span.name)
    message.field(6, span.kind.rawValue)
    message.fixed64(7, clock.nanoseconds(span.start))
    message.fixed64(8, clock.nanoseconds(span.end))
    write(span.attributes, 9, to: &message)
    for link in span.links {
      message.message(13) { one in
        one.bytes(1, bytes(link.id))
        one.bytes(2, bytes(link.parent))
      }
    }
    guard let error = span.error else { return }
    message.message(15) { status in
      status.field(2, error)
      status.field(3, 2)
    }
  }

  private static func write(_ record: LogRecord, _ clock: WallClock, to message: inout MessageWriter) {
    message.fixed64(1, clock.nanoseconds(record.moment))
    message.field(2, record.severity.rawValue)
    message.field(3, record.severity.text)
    message.message(5) { $0.bytes(1, Array(record.text.utf8)) }
    write(record.attributes, 6, to: &message)
    if let place = record.place {
      message.bytes(9, bytes(place.id))
      message.bytes(10, bytes(place.parent))
    }
    message.fixed64(11, clock.nanoseconds(record.moment))
  }

  private static func write(_ attributes: [Attribute], _ number: Int, to message: inout MessageWriter) {
    for attribute in attributes {
      message.message(number) { pair in
        pair.field(1, attribute.name)
        pair.message(2) { value in
          switch attribute.value {
          case .text(let text): value.bytes(1, Array(text.utf8))
          case .flag(let flag): value.number(2, flag ? 1 : 0)
          case .number(let number): value.number(3, number)
          }
        }
      }
    }
  }

  /// The first byte is the one that stands first in the text.
  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  /// What a receiver did not take of what it was sent, and what it says of it; `nil` where it took all, or says something else.
  static func refusal(in answer: [UInt8]) -> (count: Int, reason: String)? {
    var (count, reason) = (0, "")
    try? fields(answer, 0..<answer.count) { (field) throws(Fault) in
      guard field.number == 1, case .bytes(let range) = field.value else { return }
      try fields(answer, range) { field in
        switch (field.number, field.value) {
        case (1, .number(let value)): count = Int(clamping: Int64(bitPattern: value))
        case (2, .bytes(let range)): reason = String(decoding: answer[range], as: UTF8.self)
        default: break
        }
      }
    }
    return count > 0 || !reason.isEmpty ? (max(0, count), reason.cut(to: 200)) : nil
  }

  /// What a receiver says of an error: the message of a `google.rpc.Status`.
  static func reason(in answer: [UInt8]) -> String {
    var reason = ""
    try? fields(answer, 0..<answer.count) { field in
      if field.number == 2, case .bytes(let range) = field.value {
        reason = String(validating: answer[range], as: UTF8.self) ?? ""
      }
    }
    return reason.cut(to: 200)
  }

  private static func fields(
    _ bytes: [UInt8], _ range: Range<Int>, _ body: (MessageFields.Field) throws(Fault) -> Void
  ) throws(Fault) {
    var fields = MessageFields(range)
    while let field = try fields.next(in: bytes.span.bytes) { try body(field) }
  }
}
