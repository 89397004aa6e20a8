import Base
import TestKit
import Web

/// A source whose bytes follow from their places, and which can fail, be short, or wait.
final class PatternSource: BodySource {
  let byteCount: Int
  private let failsAt: Int
  private let shortAt: Int
  /// Bytes that were read, and the largest piece.
  let read = Monitor((count: 0, largest: 0))

  init(_ byteCount: Int, failsAt: Int = .max, shortAt: Int = .max) {
    (self.byteCount, self.failsAt, self.shortAt) = (byteCount, failsAt, shortAt)
  }

  func read(_ range: Range<Int>) throws(Fault) -> [UInt8] {
    if range.upperBound > failsAt { throw Fault(.exhausted, "the disk is gone") }
    read.update { ($0.count, $0.largest) = ($0.count + range.count, max($0.largest, range.count)) }
    return Self.bytes(range.upperBound > shortAt ? range.lowerBound..<range.upperBound - 1 : range)
  }

  /// Words of 64 bits, so that large ones are made quickly.
  static func bytes(_ range: Range<Int>) -> [UInt8] {
    let (first, last) = (range.lowerBound / 8, (range.upperBound + 7) / 8)
    let words = (first..<max(first, last)).map { UInt64($0) &* 0x9e37_79b9_7f4a_7c15 }
    return words.withUnsafeBytes { Array($0[(range.lowerBound - first * 8)...].prefix(range.count)) }
  }
}
