import Base
import Catalog
import Foundation
import Library
import LibraryKit
import Predictions
import TestKit
import Testing

@testable import Registry

@Suite struct ExampleTests {
  private static let computation = RecordedAnswers.Computation(engine: "E 1", precision: "f32", device: "CPU")

  private func box(_ label: String, _ score: Float, _ x: Double = 0.1) -> Prediction {
    Prediction(kind: .detection, label: label, score: score, box: Rect(x: x, y: 0.2, width: 0.3, height: 0.4))
  }

  private func floats(_ name: String, _ values: [Float]) -> RecordedAnswers.Tensor {
    .init(
      name: name, element: .f32, shape: [values.count],
      bytes: values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
  }

  @Test("What is recorded is read again as it was, from a library that was opened anew", arguments: Parts.there)
  func keeps(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let version = try fixture.registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann")).version
    var embedding = Prediction(kind: .embedding)
    embedding.vector = [0.25, -1, 3]
    let answers: [RecordedAnswers.Answer] = [
      .predictions([box("cup", 0.5), box("cup", 0.75, 0.5)]), .predictions([]), .predictions([embedding]),
      .tensors([floats("y", [1, .nan, 3]), floats("z", [])]),
    ]
    let inputs = answers.indices.map { ExampleInput(name: "in-\($0)", bytes: Array(repeating: UInt8($0), count: $0)) }
    for _ in 0..<2 {
      _ = try fixture.registry.record(
        Array(zip(inputs, answers)), of: version, by: Self.computation, who: "ann")
    }
    _ = try fixture.library.collect()
    let registry = try fixture.again()
    let sets = try registry.examples(of: "inspector", version: 1)
    #expect(sets.count == 2 && sets[0].count == 4 && sets.allSatisfy { $0.by == "ann" })
    for set in sets {
      let (recorded, read) = try registry.answers(of: set)
      #expect(recorded.examples.map(\.answer) == answers && recorded.computation == Self.computation)
      #expect(read.map(\.bytes) == inputs.map(\.bytes) && read.map(\.name) == inputs.map(\.name))
    }
    #expect(try registry.examples(of: "inspector", version: 2).isEmpty)
    // One whose bytes changed is no answer.
    let sound = try fixture.library.read(sets[0].answers)
    try fixture.ground.damage(sets[0].answers, sound.dropLast() + [1], in: fixture.library)
    let damaged = #expect(throws: Fault.self) { try fixture.registry.answers(of: sets[0]) }
    #expect(damaged?.message.contains(sets[0].answers) == true)
  }

  @Test("An answer is the recorded one within the tolerance, and every other is told")
  func tolerance() {
    let same = AnswerTolerance.sameComputation
    func differ(_ a: [Prediction], _ b: [Prediction], _ tolerance: AnswerTolerance) -> Int {
      tolerance.differences(of: .predictions(b), from: .predictions(a), threshold: 0.3).count
    }
    let one = [box("cup", 0.8), box("dog", 0.6, 0.5)]
    #expect(differ(one, [box("dog", 0.61, 0.505), box("cup", 0.79, 0.095)], same) == 0)
    #expect(differ(one, [box("cup", 0.8)], same) == 1)
    #expect(differ(one, one + [box("cat", 0.5)], same) == 1)
    #expect(differ(one, [box("cup", 0.8), box("cat", 0.6, 0.5)], same) == 2)
    #expect(differ(one, [box("cup", 0.75), box("dog", 0.6, 0.5)], same) == 1)
    #expect(differ(one, [box("cup", 0.76), box("dog", 0.6, 0.5)], .otherComputation) == 0)
    #expect(differ(one, [box("cup", 0.8, 0.15), box("dog", 0.6, 0.5)], same) == 1)
    #expect(differ(one, [box("cup", .nan), box("dog", 0.6, 0.5)], same) == 1)
    // What is at the threshold may come and go, and nothing else.
    #expect(differ(one + [box("cat", 0.31)], one, same) == 0 && differ(one, one + [box("cat", 0.31)], same) == 0)
    #expect(differ(one + [box("cat", 0.33)], one, same) == 1)
    let top = [("a", 0.6), ("b", 0.2), ("c", 0.1)].map {
      Prediction(kind: .classification, label: $0.0, score: Float($0.1))
    }
    #expect(
      same.differences(
        of: .predictions(top.dropLast() + [Prediction(kind: .classification, label: "d", score: 0.101)]),
        from: .predictions(top), threshold: 0) == [])
    #expect(
      !same.differences(of: .predictions(Array(top.dropFirst())), from: .predictions(top), threshold: 0).isEmpty)
    #expect(!same.differences(of: .tensors([]), from: .predictions(one), threshold: 0).isEmpty)
  }

  @Test("Numbers are compared with the largest of their tensor, and whole ones exactly")
  func tensors() {
    func differ(_ a: RecordedAnswers.Tensor, _ b: RecordedAnswers.Tensor) -> [String] {
      AnswerTolerance.sameComputation.differences(of: .tensors([b]), from: .tensors([a]), threshold: 0)
    }
    #expect(differ(floats("y", [1, 2, 100]), floats("y", [1.9, 1.1, 99])) == [])
    #expect(differ(floats("y", [1, 2, 100]), floats("y", [1, 3.5, 100])).first?.contains("at place 1") == true)
    #expect(differ(floats("y", [1, .nan]), floats("y", [1, .nan])) == [])
    #expect(differ(floats("y", [1, .nan]), floats("y", [1, 0])).count == 1)
    #expect(differ(floats("y", [1, 1]), floats("y", [1, .infinity])).count == 1)
    #expect(differ(floats("y", [1]), floats("z", [1])).count == 2)
    #expect(differ(floats("y", [1]), floats("y", [1, 1])).count == 1)
    let whole = { (bytes: [UInt8]) in RecordedAnswers.Tensor(name: "y", element: .u8, shape: [2], bytes: bytes) }
    #expect(differ(whole([1, 200]), whole([1, 200])) == [] && differ(whole([1, 200]), whole([1, 201])).count == 1)
  }

  @Test("An array of NumPy is read as it was saved, and anything else is refused")
  func arrays() throws {
    func file(_ head: String, _ values: [UInt8], version: UInt8 = 1) -> [UInt8] {
      let length = head.utf8.count
      let size =
        version == 1 ? [UInt8(length & 255), UInt8(length >> 8)] : [UInt8(length & 255), UInt8(length >> 8), 0, 0]
      return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + Array(head.utf8) + values
    }
    let plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }  \n"
    for version in [1, 2] as [UInt8] {
      let array = try NumPyArray(file(plain, [0, 0, 128, 63, 0, 0, 0, 64], version: version), name: "x.npy")
      #expect(array.shape == [1, 2] && array.element == .f32 && array.bytes.count == 8)
    }
    #expect(try NumPyArray(file("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", [7]), name: "x").shape == [])
    let flat = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }"
    #expect(try NumPyArray(file(flat, [1, 2, 3]), name: "x").shape == [3])
    for bytes in [
      [], Array("no".utf8), file(plain, [1]), file(plain, Array(repeating: 0, count: 9)),
      file(plain.replacing("False", with: "True"), Array(repeating: 0, count: 8)),
      file(plain.replacing("<f4", with: ">f4"), Array(repeating: 0, count: 8)),
      file(plain.replacing("<f4", with: "|O"), Array(repeating: 0, count: 8)),
      file(plain.replacing("(1, 2)", with: "(-1, 2)"), Array(repeating: 0, count: 8)),
      file(plain.replacing("(1, 2)", with: "(4611686018427387904, 4)"), []),
      Array(file(plain, Array(repeating: 0, count: 8)).prefix(20)),
    ] {
      let fault = #expect(throws: Fault.self) { try NumPyArray(bytes, name: "x.npy") }
      #expect(fault?.message.contains("x.npy") == true)
    }
  }
}
