internal import Base
internal import Protobuf

/// `grpc.reflection.v1.ServerReflectionRequest` and its answer; those of `v1alpha` look the same.
public enum ReflectionMessage {
  private enum Question {
    case file(String), symbol(String), fileOfExtension(String), extensions(of: String), services
  }

  /// The answer to a question, which is repeated in it; one that finds nothing, or is damaged, is answered by an error within it.
  public static func answer(
    _ message: RawSpan, at range: Range<Int>, from descriptors: ServiceDescriptors
  ) -> [UInt8] {
    var answer = MessageWriter(capacity: 256 + range.count)
    do throws(Fault) {
      let (host, question) = try read(message, range)
      answer.field(1, host)
      answer.begin(2, byteCount: range.count)
      answer.append(message.extracting(range))
      write(question, from: descriptors, to: &answer)
    } catch { answer.write(errorCode: 3, error.message) }
    return answer.bytes
  }

  private static func write(
    _ question: Question?, from descriptors: ServiceDescriptors, to answer: inout MessageWriter
  ) {
    switch question {
    case .services:
      answer.message(6) { list in
        for service in descriptors.services { list.message(1) { $0.field(1, service) } }
      }
    case .file(let name): answer.write(descriptors.file(named: name), orNoFile: "named '\(name.prefix(200))'")
    case .symbol(let symbol):
      answer.write(descriptors.file(containing: symbol), orNoFile: "with the symbol '\(symbol.prefix(200))'")
    case .fileOfExtension(let type): answer.write(nil, orNoFile: "that extends '\(type.prefix(200))'")
    case .extensions(let type):
      guard descriptors.file(containing: type) != nil else {
        answer.write(nil, orNoFile: "with the symbol '\(type.prefix(200))'")
        break
      }
      answer.message(5) { $0.field(1, type) }
    case nil: answer.write(errorCode: 3, "the request asks for nothing: name a file or a symbol, or list the services")
    }
  }

  private static func read(_ message: RawSpan, _ range: Range<Int>) throws(Fault) -> (host: String, Question?) {
    var (host, question) = ("", Question?.none)
    var fields = MessageFields(range)
    while let field = try fields.next(in: message) {
      guard case .bytes(let bytes) = field.value else { continue }
      switch field.number {
      case 1: host = try MessageText.read(message, bytes, "host")
      case 3: question = .file(try MessageText.read(message, bytes, "file_by_filename"))
      case 4: question = .symbol(try MessageText.read(message, bytes, "file_containing_symbol"))
      case 5: question = .fileOfExtension(try ModelQuestion.parse(message, at: bytes).model)
      case 6: question = .extensions(of: try MessageText.read(message, bytes, "all_extension_numbers_of_type"))
      case 7: question = .services
      default: break
      }
    }
    return (host, question)
  }
}

extension MessageWriter {
  /// A file of descriptors, or that there is none such.
  fileprivate mutating func write(_ file: [UInt8]?, orNoFile what: String) {
    guard let file else { return write(errorCode: 5, "there is no file \(what)") }
    message(4) { $0.bytes(1, file) }
  }

  /// `errorCode` is one of gRPC's.
  fileprivate mutating func write(errorCode: Int, _ text: String) {
    message(7) { error in
      error.field(1, errorCode)
      error.field(2, text)
    }
  }
}
