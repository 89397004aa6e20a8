internal import Base
internal import Protobuf

/// `ModelStreamInferResponse`: what a call of many messages answers to each of them.
public enum StreamedAnswer {
  /// What stands in front of a `ModelInferResponse` of so many bytes.
  public static func head(byteCount: Int) -> [UInt8] {
    var message = MessageWriter()
    message.begin(2, byteCount: byteCount)
    return message.bytes
  }

  /// That there is no answer, and why; `id` is that of the request, where it has one.
  public static func failure(_ text: String, id: String?) -> [UInt8] {
    var message = MessageWriter()
    message.field(1, text)
    if let id { message.message(2) { $0.field(3, id) } }
    return message.bytes
  }
}

extension InferMessage {
  /// The id of a request that could not be read, as far as it can be; `nil` without one.
  public static func id(of body: RawSpan, at range: Range<Int>) -> String? {
    var fields = MessageFields(range)
    while let field = try? fields.next(in: body) {
      if field.number == 3, case .bytes(let text) = field.value { return try? MessageText.read(body, text, "id") }
    }
    return nil
  }
}
