import Base
import Inference
import TestKit
import Testing

@testable import Units

/// What comes back from a unit is somebody's bytes.
struct PayloadTests {
  private let specs = [
    TensorSpec(name: "boxes", shape: [1, nil, 4], element: .f32), TensorSpec(name: "count", shape: [1], element: .i64),
  ]

  private func fits(_ sides: [[Int]], _ count: Int) -> Bool {
    guard let found = try? FramePayload.outputs(sides, SharedBytes([UInt8](repeating: 1, count: count)), like: specs)
    else { return false }
    return found.map(\.sides) == sides
      && zip(found, specs).allSatisfy { output, spec in
        output.bytes.count == output.sides.reduce(spec.element.byteCount, *)
          && Int(bitPattern: output.bytes.pointer.baseAddress) % 8 == 0
      }
  }

  @Test func `outputs are taken where they are as the network has them, and else refused`() {
    #expect(fits([[1, 3, 4], [1]], 128) && fits([[1, 0, 4], [1]], 8))
    for sides in [
      [[1, 3, 4]], [[1, 3, 4], [1], [1]], [[1, 3, 5], [1]], [[2, 3, 4], [1]], [[1, 3], [1]], [[1, 3, 4], [2]],
    ] {
      #expect(!fits(sides, 1024), "\(sides)")
    }
    #expect(!fits([[1, 3, 4], [1]], 71) && !fits([[1, 1 << 32, 4], [1]], 128) && !fits([[1, 3, 4], [1]], 48))
  }

  @Test func `whatever sides and sizes come, no byte is read that is not there`() {
    var dice = SeededRandom(11)
    for _ in 0..<20_000 {
      let sides = (0..<Int.random(in: 1...3, using: &dice)).map { _ in
        (0..<Int.random(in: 0...4, using: &dice)).map { _ in
          [0, 1, 1, 3, 4, 1 << 20, 1 << 32].randomElement(using: &dice)!
        }
      }
      let count = Int.random(in: 0...256, using: &dice)
      guard fits(sides, count) else { continue }
      #expect(sides[0][1] * 16 <= count && sides.count == 2)
    }
  }

  @Test func `inputs are cut as they were joined, and nothing else is`() throws {
    let specs = [
      TensorSpec(name: "a", shape: [1, 5], element: .u8), TensorSpec(name: "b", shape: [1, 2], element: .f32),
    ]
    let parts = [SharedBytes([1, 2, 3, 4, 5]), SharedBytes([UInt8](repeating: 9, count: 8))]
    let found = try #require(FramePayload.inputs(FramePayload.joined(parts), like: specs))
    #expect(found.map { [UInt8]($0.pointer) } == parts.map { [UInt8]($0.pointer) })
    for count in [0, 5, 12, 14] {
      #expect(FramePayload.inputs(SharedBytes([UInt8](repeating: 0, count: count)), like: specs) == nil)
    }
  }
}
