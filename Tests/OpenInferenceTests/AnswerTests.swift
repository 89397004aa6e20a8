import Base
import Foundation
import OpenInference
import TestKit
import Testing

@Suite("Open Inference: answers")
struct AnswerTests {
  private func text(_ answer: InferAnswer) -> String { String(decoding: answer.bytes, as: UTF8.self) }

  private let shelf = Shelf([
    ("scores", .f32, [1, 3], bytes([0.25, 0.5, .nan] as [Float])), ("boxes", .u8, [1, 2, 2], [1, 2, 3, 4]),
    ("words", .string, [2], strings([Array("é\"".utf8), []])),
  ])

  @Test("without binary outputs all is JSON, flat and exact")
  func json() throws {
    let call = InferCall(id: "7\n", inputs: [])
    let answer = try call.answer(shelf, model: "m", version: "2")
    #expect(answer.headCount == nil)
    #expect(
      text(answer)
        == #"{"model_name":"m","model_version":"2","id":"7\n","outputs":["#
        + #"{"name":"scores","datatype":"FP32","shape":[1,3],"data":[0.25,0.5,null]},"#
        + #"{"name":"boxes","datatype":"UINT8","shape":[1,2,2],"data":[1,2,3,4]},"#
        + #"{"name":"words","datatype":"BYTES","shape":[2],"data":["é\"",""]}]}"#)
  }

  @Test("binary outputs follow the JSON in its order, and are lent once for looking and once for copying")
  func binary() throws {
    let outputs = [
      WantedOutput(name: "boxes", binary: true), WantedOutput(name: "scores", binary: false),
      WantedOutput(name: "words", binary: true),
    ]
    let answer = try InferCall(inputs: [], outputs: outputs).answer(shelf, model: "m", version: "1")
    let head = try #require(answer.headCount)
    #expect(
      String(decoding: answer.bytes[..<head], as: UTF8.self)
        == #"{"model_name":"m","model_version":"1","outputs":["#
        + #"{"name":"boxes","datatype":"UINT8","shape":[1,2,2],"parameters":{"binary_data_size":4}},"#
        + #"{"name":"scores","datatype":"FP32","shape":[1,3],"data":[0.25,0.5,null]},"#
        + #"{"name":"words","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":11}}]}"#)
    #expect(Array(answer.bytes[head...]) == [1, 2, 3, 4] + strings([Array("é\"".utf8), []]))
    #expect(shelf.lent == ["boxes": 2, "scores": 1, "words": 2])
  }

  @Test("an answer is written into memory that was large enough from the start")
  func capacity() throws {
    let large = Shelf([("a", .u8, [1 << 20], [UInt8](repeating: 9, count: 1 << 20))])
    let answer = try InferCall(inputs: [], binaryByDefault: true).answer(large, model: "m", version: "1")
    #expect(answer.bytes.count > 1 << 20 && answer.bytes.capacity < (1 << 20) + 8192)
  }

  @Test("classification gives the highest scores of each row, as strings")
  func classification() throws {
    let scores = bytes([0.1, 0.7, .nan, 0.7, -1, 9, 8, 7, 6, 5.5] as [Float])
    let shelf = Shelf([("p", .f32, [2, 5], scores), ("q", .i32, [3], bytes([-5, 7, 7] as [Int32]))])
    func classes(_ name: String, _ count: Int, binary: Bool) throws -> InferAnswer {
      try InferCall(inputs: [], outputs: [WantedOutput(name: name, binary: binary, classes: count)])
        .answer(shelf, model: "m", version: "1", labels: ["cat", "dog:brown"])
    }
    #expect(
      try text(classes("p", 2, binary: false)).contains(
        #""datatype":"BYTES","shape":[2,2],"data":["0.7:1:dog:brown","0.7:3","9.0:0:cat","8.0:1:dog:brown"]"#))
    #expect(try text(classes("p", 9, binary: false)).contains(#""shape":[2,5]"#))
    #expect(try text(classes("p", 9, binary: false)).contains(#""-1.0:4","nan:2""#))
    #expect(try text(classes("q", 2, binary: false)).contains(#""shape":[2],"data":["7:1:dog:brown","7:2"]"#))
    let binary = try classes("q", 1, binary: true)
    #expect(Array(binary.bytes[try #require(binary.headCount)...]) == strings([Array("7:1:dog:brown".utf8)]))
  }

  @Test("the highest scores are those that sorting gives, of every type")
  func ranking() throws {
    var dice = SeededRandom(9)
    for element in ElementType.allCases where ![.string, .bool].contains(element) {
      for count in [1, 5, 70] {
        let raw = (0..<100 * element.byteCount).map { _ in UInt8.random(in: 0...255, using: &dice) }
        let answer = try InferCall(inputs: [], outputs: [WantedOutput(name: "x", binary: false, classes: count)])
          .answer(Shelf([("x", element, [1, 100], raw)]), model: "m", version: "1")
        let root = try #require(try JSONSerialization.jsonObject(with: Data(answer.bytes)) as? [String: Any])
        let output = try #require((root["outputs"] as? [[String: Any]])?.first)
        let pairs = try #require(output["data"] as? [String]).map { $0.split(separator: ":").map { Double($0)! } }
        #expect(output["shape"] as? [Int] == [1, count])
        #expect(Set(pairs.map { $0[1] }).count == count)
        let scores = pairs.map { $0[0].isNaN ? -Double.infinity : $0[0] }
        #expect(scores == scores.sorted(by: >), "\(element)")
        if count < 70, let last = scores.last, last.isFinite {
          let whole = try InferCall(inputs: [], outputs: [WantedOutput(name: "x", binary: false, classes: 100)])
            .answer(Shelf([("x", element, [1, 100], raw)]), model: "m", version: "1")
          #expect(text(whole).contains(text(answer).split(separator: "[").last!.dropLast(4)))
        }
      }
    }
  }

  @Test("what an output cannot be is refused")
  func refusals() {
    let shelf = Shelf([("h", .f16, [1], [0, 0]), ("s", .string, [1], strings([[0xff]])), ("b", .bool, [1], [1])])
    func refusal(_ output: WantedOutput) -> Fault.Kind? {
      fault { _ = try InferCall(inputs: [], outputs: [output]).answer(shelf, model: "m", version: "1") }?.kind
    }
    #expect(refusal(WantedOutput(name: "h", binary: false)) == .unsupported)
    #expect(refusal(WantedOutput(name: "h", binary: true)) == nil)
    #expect(refusal(WantedOutput(name: "s", binary: false)) == .unsupported)
    #expect(refusal(WantedOutput(name: "s", binary: true)) == nil)
    #expect(refusal(WantedOutput(name: "b", binary: false, classes: 1)) == .unsupported)
    #expect(refusal(WantedOutput(name: "none", binary: true)) == .badInput)
  }
}
