import Base
import Inference
import TestKit

/// Networks of our own, made by the scripts beside them.
enum Fixture {
  private static let folder = Checkout.path + "/Tests/Fixtures/networks/"

  static func path(_ name: String) -> String { folder + name }

  /// A row of numbers for each picture.
  static func rows(_ name: String) throws -> [[Float]] {
    String(decoding: try FileSystem.read(path(name)), as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: " ").map { Float($0)! }
    }
  }

  /// Bytes of picture 0 or 1, as `function.py` makes them.
  static func picture(_ number: Int, width: Int = 32, height: Int = 32) -> [UInt8] {
    (0..<width * height * 3).map { index in
      let (y, x, c) = (index / 3 / width, index / 3 % width, index % 3)
      let value = number == 0 ? x * 8 + y * 3 + c * 40 : x * y / 16 + c * 90
      return UInt8(value % 256)
    }
  }

  /// The same as floats from -1 to 1 with the channels first.
  static func tensor(_ number: Int) -> [Float] {
    let bytes = picture(number)
    return (0..<3).flatMap { channel in (0..<1024).map { (Float(bytes[$0 * 3 + channel]) - 127.5) / 127.5 } }
  }

  /// Options that take a picture's bytes; mean and scale are those of ``tensor(_:)``.
  static func options(channelsFirst: Bool, width: Int = 32, height: Int = 32, batch: Int = 1) -> CompileOptions {
    var options = CompileOptions()
    (options.streams, options.batch) = (1, batch)
    options.picture = PictureInput(
      width: width, height: height, channels: 3, channelsFirst: channelsFirst, mean: [127.5, 127.5, 127.5],
      scale: [127.5, 127.5, 127.5])
    return options
  }
}

/// Runs one input given as numbers, one list for each input of the network, and waits for its answer.
func infer<Number: BitwiseCopyable & Sendable>(_ unit: InferenceUnit, tensors: [[Number]]) throws -> Answer {
  let answer = Monitor<Result<Answer, Fault>?>(nil)
  try submit(unit, tensors: tensors) { result in answer.update { $0 = result } }
  return try answer.wait(for: "an answer") { $0 }.get()
}

func submit<Number: BitwiseCopyable & Sendable>(
  _ unit: InferenceUnit, tensors: [[Number]], done: @escaping @Sendable (Result<Answer, Fault>) -> Void
) throws {
  try unit.submit { (place) throws(Fault) in
    for (index, numbers) in tensors.enumerated() {
      try place.write(input: index) { (span) throws(Fault) in
        guard span.byteCount == numbers.count * MemoryLayout<Number>.stride else {
          throw Fault(.bug, "input \(index) has room for \(span.byteCount) bytes")
        }
        for (offset, number) in numbers.enumerated() {
          span.storeBytes(of: number, toByteOffset: offset * MemoryLayout<Number>.stride, as: Number.self)
        }
      }
    }
  } done: {
    done($0.map { Answer($0) })
  }
}

func isNear(_ found: [Float], _ expected: [Float], within tolerance: Float = 1e-5) -> Bool {
  found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
}
