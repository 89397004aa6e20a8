internal import Base
internal import Inference

/// Tensors as bytes that travel: inputs one behind the other as the network takes them, outputs each on a border of 64 bytes.
enum FramePayload {
  static func joined(_ inputs: [SharedBytes]) -> SharedBytes {
    guard inputs.count != 1 else { return inputs[0] }
    return SharedBytes(inputs.flatMap { input in unsafe [UInt8](input.pointer) })
  }

  /// The inputs of one row; `nil` where there are not as many bytes as they have.
  static func inputs(_ bytes: SharedBytes, like specs: [TensorSpec]) -> [SharedBytes]? {
    var (place, parts) = (0, [SharedBytes]())
    for spec in specs {
      guard let count = spec.byteCount, place + count <= bytes.count else { return nil }
      // an engine reads them on borders
      let part = bytes[place..<place + count]
      parts.append(place == 0 ? part : SharedBytes(unsafe [UInt8](part.pointer)))
      place += count
    }
    return place == bytes.count ? parts : nil
  }

  static func written(_ outputs: Outputs) -> (sides: [[Int]], bytes: SharedBytes) {
    let sides = outputs.specs.map { $0.shape.map { $0 ?? 0 } }
    let counts = outputs.specs.indices.map { index in outputs.withBytes(index) { $0.byteCount } }
    let bytes = SharedBytes(count: counts.reduce(0) { $0 + aligned($1) }) { (span) in
      var place = 0
      for (index, count) in counts.enumerated() {
        outputs.withBytes(index) { bytes in
          unsafe span.withUnsafeMutableBytes { room in
            unsafe bytes.withUnsafeBytes { bytes in
              unsafe UnsafeMutableRawBufferPointer(rebasing: room[place..<place + count]).copyMemory(from: bytes)
            }
          }
        }
        place += aligned(count)
      }
    }
    return (sides, bytes)
  }

  /// What a unit answered, which is believed where it is of the shapes that the network has here.
  static func outputs(_ sides: [[Int]], _ bytes: SharedBytes, like specs: [TensorSpec]) throws(Fault) -> [BatchOutput] {
    guard sides.count == specs.count else {
      throw Fault(.unavailable, "a unit answered with \(sides.count) outputs, and the network has \(specs.count)")
    }
    var (place, list) = (0, [BatchOutput]())
    for (spec, sides) in zip(specs, sides) {
      let isLike = sides.count == spec.shape.count && zip(sides, spec.shape).allSatisfy { $1 == nil || $0 == $1 }
      guard isLike, let elements = TensorSpec.elementCount(of: sides), elements <= bytes.count,
        place + elements * spec.element.byteCount <= bytes.count
      else {
        throw Fault(
          .unavailable,
          "a unit answered with \(sides) for the output '\(spec.name)', which is \(spec.description) here")
      }
      let count = elements * spec.element.byteCount
      list.append(BatchOutput(sides: sides, bytes: bytes[place..<place + count]))
      place = aligned(place + count)
    }
    return list
  }

  private static func aligned(_ count: Int) -> Int { (count + 63) / 64 * 64 }
}
