public import Base
internal import Crypto

/// Reads the answers about a part of a video in order, a block at a time.
///
/// Whatever its bytes are, what is not exactly what a ``FrameAnswerWriter`` wrote ends in a fault, at the latest where the counts should
/// stand: what was read until then is not to be used. One thread at a time.
public final class FrameAnswerReader {
  public let head: FrameAnswers.Head
  /// There once the last frame was read.
  public private(set) var counts: FrameAnswers.Counts?
  private let read: (Int) throws(Fault) -> [UInt8]
  private var block = AnswerByteReader([])
  /// Number of the last frame.
  private var last: Int

  /// `read` gives the next bytes, so many, and fewer only at the end.
  public init(_ read: @escaping (Int) throws(Fault) -> [UInt8]) throws(Fault) {
    guard try read(FrameAnswers.magic.count) == FrameAnswers.magic else {
      throw Fault(.badInput, "these are no frame answers, or they are of another version of ridley")
    }
    guard case (.head, var input) = try Self.block(read) else { throw AnswerByteReader.damaged }
    (self.read, head) = (read, try FrameAnswers.Head(&input))
    guard input.isAtEnd else { throw AnswerByteReader.damaged }
    last = head.frames.lowerBound - 1
  }

  /// Of bytes in memory.
  public convenience init(_ bytes: [UInt8]) throws(Fault) {
    var rest = bytes[...]
    try self.init { (count) throws(Fault) in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }

  /// The next frame; `nil` behind the last, and then ``counts`` are there.
  public func next() throws(Fault) -> FrameAnswer? {
    while block.isAtEnd {
      guard counts == nil else { return nil }
      switch try Self.block(read) {
      case (.frames, let frames): block = frames
      case (.counts, var input):
        counts = try FrameAnswers.Counts(&input)
        guard input.isAtEnd, try read(1).isEmpty else { throw AnswerByteReader.damaged }
      case (.head, _): throw AnswerByteReader.damaged
      }
    }
    let answer = try FrameAnswer(&block)
    guard answer.index > last, answer.index < head.frames.upperBound else { throw AnswerByteReader.damaged }
    last = answer.index
    return answer
  }

  private static func block(
    _ read: (Int) throws(Fault) -> [UInt8]
  ) throws(Fault) -> (FrameAnswers.Block, AnswerByteReader) {
    let start = try read(FrameAnswers.headCount)
    guard start.count == FrameAnswers.headCount else {
      throw Fault(.badInput, "the frame answers end before their end: they were cut short")
    }
    let length = (0..<8).reduce(0) { $0 | Int(start[$1 + 1]) << (8 * $1) }
    guard let kind = FrameAnswers.Block(rawValue: start[0]), (1...FrameAnswers.longestBlock).contains(length) else {
      throw AnswerByteReader.damaged
    }
    let rest = try read(length + FastChecksum.byteCount)
    guard rest.count == length + FastChecksum.byteCount else { throw AnswerByteReader.damaged }
    let bytes = start + rest.prefix(length)
    guard FastChecksum.of(bytes.span.bytes) == Array(rest.suffix(FastChecksum.byteCount)) else {
      throw AnswerByteReader.damaged
    }
    return (kind, AnswerByteReader(bytes[FrameAnswers.headCount...]))
  }
}
