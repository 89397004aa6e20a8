import Base
import Foundation
import OpenInference
import TestKit
import Testing

@Suite("Open Inference: round trips and damage")
struct RoundTripTests {
  private struct Tensor {
    var name: String
    var element: ElementType
    var shape: [Int]
    var bytes: [UInt8]
    var binary: Bool
  }

  private func tensor(_ name: String, _ dice: inout SeededRandom) -> Tensor {
    let element = ElementType.allCases.randomElement(using: &dice)!
    let shape = (0..<Int.random(in: 0...3, using: &dice)).map { _ in Int.random(in: 0...4, using: &dice) }
    let count = shape.reduce(1, *)
    var binary = Bool.random(using: &dice)
    var content: [UInt8]
    switch element {
    case .string:
      let words = (0..<count).map { _ in
        (0..<Int.random(in: 0...5, using: &dice)).map { _ in UInt8.random(in: 0...127, using: &dice) }
      }
      content = strings(words)
    case .f32: content = bytes((0..<count).map { _ in Float.random(in: -1e6...1e6, using: &dice) })
    case .f64: content = bytes((0..<count).map { _ in Double.random(in: -1e300...1e300, using: &dice) })
    case .bool: content = (0..<count).map { _ in UInt8.random(in: 0...1, using: &dice) }
    case .f16, .bf16:
      binary = true
      fallthrough
    default: content = (0..<count * element.byteCount).map { _ in UInt8.random(in: 0...255, using: &dice) }
    }
    return Tensor(name: name, element: element, shape: shape, bytes: content, binary: binary)
  }

  /// What an answer with the tensors says, turned into a request with them.
  private func request(_ tensors: [Tensor]) throws -> RequestBody {
    let shelf = Shelf(tensors.map { ($0.name, $0.element, $0.shape, $0.bytes) })
    let outputs = tensors.map { WantedOutput(name: $0.name, binary: $0.binary) }
    let answer = try InferCall(id: "ü", inputs: [], outputs: outputs).answer(shelf, model: "m", version: "1")
    let head = answer.headCount ?? answer.bytes.count
    let text = String(decoding: answer.bytes[..<head], as: UTF8.self).replacing(#""outputs":["#, with: #""inputs":["#)
    return RequestBody(head: text, tail: Array(answer.bytes[head...]), tells: answer.headCount != nil)
  }

  @Test("tensors of all kinds, in JSON and binary, come back from the form that answers have")
  func roundTrip() throws {
    var dice = SeededRandom(21)
    for _ in 0..<300 {
      let tensors = (0..<Int.random(in: 1...4, using: &dice)).map { tensor("t\($0)", &dice) }
      let body = try request(tensors)
      let call = try body.call()
      #expect(call.id == "ü")
      for (input, tensor) in zip(call.inputs, tensors) {
        #expect(input.name == tensor.name && input.element == tensor.element && input.shape == tensor.shape)
        #expect(input.bytes(in: body) == tensor.bytes, "\(tensor)")
      }
    }
  }

  @Test("a request that is cut or damaged anywhere is read or refused, and never read past its end")
  func damage() throws {
    var dice = SeededRandom(22)
    var read = 0
    for _ in 0..<60 {
      let body = try request((0..<3).map { tensor("t\($0)", &dice) })
      for _ in 0..<50 {
        var bytes = body.bytes
        var head = body.headCount
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &dice))
        case 1: head = head.map { $0 + Int.random(in: -3...3, using: &dice) }
        case 2: bytes.append(contentsOf: [0, 1, 2].prefix(Int.random(in: 1...3, using: &dice)))
        default:
          let at = Int.random(in: 0..<bytes.count, using: &dice)
          bytes[at] = Array("0123456789[]{}\",:".utf8).randomElement(using: &dice)!
        }
        guard let call = try? InferCall.parse(bytes.span.bytes, headCount: head) else { continue }
        read += 1
        for input in call.inputs {
          if case .body(let range) = input.content { #expect(range.lowerBound >= 0 && range.upperBound <= bytes.count) }
          let count = input.shape.reduce(1, *)
          if input.element != .string { #expect(input.byteCount == count * input.element.byteCount) }
        }
      }
    }
    #expect(read > 50)
  }
}
