import Base
import OpenInference
import Protobuf
import Testing

@Suite("Server reflection")
struct ReflectionTests {
  private static func ask(_ number: Int, _ text: String) throws -> [Int: [UInt8]] {
    var question = MessageWriter()
    question.field(1, "here")
    question.bytes(number, Array(text.utf8))
    return try fields(answer(to: question.bytes))
  }

  private static func answer(to bytes: [UInt8]) -> [UInt8] {
    ReflectionMessage.answer(bytes.span.bytes, at: 0..<bytes.count, from: .served)
  }

  /// Those fields that are bytes.
  private static func fields(_ message: [UInt8]) throws -> [Int: [UInt8]] {
    var (fields, found) = (MessageFields(0..<message.count), [Int: [UInt8]]())
    while let field = try fields.next(in: message.span.bytes) {
      if case .bytes(let range) = field.value { found[field.number] = Array(message[range]) }
    }
    return found
  }

  @Test("services are listed, and the question is repeated")
  func services() throws {
    #expect(
      ServiceDescriptors.served.services == [
        "inference.GRPCInferenceService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
      ])
    let answer = try Self.ask(7, "*")
    #expect(answer[1] == Array("here".utf8))
    #expect(try Self.fields(answer[2] ?? [])[7] == Array("*".utf8))
    #expect(answer[6]?.isEmpty == false && answer[7] == nil)
  }

  @Test(
    "a symbol and a file's name lead to the same file",
    arguments: [
      ("inference.GRPCInferenceService", "inference.proto"),
      ("inference.GRPCInferenceService.ModelStreamInfer", "inference.proto"),
      ("inference.ModelInferRequest.InferInputTensor", "inference.proto"),
      ("inference.ModelInferRequest.model_name", "inference.proto"), ("inference.DataType", "inference.proto"),
      ("inference.TYPE_FP32", "inference.proto"),
      ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
      ("grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"),
      ("grpc.reflection.v1alpha.ServerReflection", "grpc/reflection/v1alpha/reflection.proto"),
    ])
  func files(symbol: String, name: String) throws {
    let file = try #require(try Self.ask(4, symbol)[4])
    #expect(try Self.ask(3, name)[4] == file)
    #expect(try Self.fields(Self.fields(file)[1] ?? [])[1] == Array(name.utf8))
  }

  @Test("what is not there, and what is damaged, is answered by an error")
  func errors() throws {
    for (number, text) in [(3, "no.proto"), (4, "inference"), (4, "inference.Nothing"), (4, ""), (6, "x.Y"), (5, "")] {
      let error = try #require(try Self.ask(number, text)[7], "\(number) \(text)")
      #expect(error.starts(with: [8, 5]))
    }
    #expect(try Self.ask(6, "inference.ModelInferRequest")[5] != nil)
    #expect(try Self.ask(99, "x")[7]?.starts(with: [8, 3]) == true)
    #expect(try Self.fields(Self.answer(to: [0x3a, 5]))[7]?.starts(with: [8, 3]) == true)
  }

  @Test("a set of descriptors that is damaged is refused")
  func damagedSet() {
    #expect(throws: Fault.self) { try ServiceDescriptors(set: [0x0a, 9, 1]) }
  }
}
