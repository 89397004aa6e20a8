internal import Crypto

/// Writes the answers about a part of a video as they come; its bytes are drained in parts, so that memory stays flat.
public struct FrameAnswerWriter: ~Copyable {
  /// Bytes by which a block is full.
  private static let fullBlock = 1 << 16

  private var block = AnswerBytes()
  private var pending = FrameAnswers.magic

  public init(_ head: FrameAnswers.Head) {
    head.write(into: &block)
    close(.head)
  }

  /// Takes one analysed frame, also one about which nothing was answered; call it in order.
  public mutating func add(_ answer: FrameAnswer) {
    answer.write(into: &block)
    if block.bytes.count >= Self.fullBlock { close(.frames) }
  }

  /// What was written since the last call.
  public mutating func drain() -> [UInt8] {
    defer { pending = [] }
    return pending
  }

  /// The rest: without it the answers are not whole, and behind it nothing more may come.
  public mutating func close(_ counts: FrameAnswers.Counts) -> [UInt8] {
    if !block.isEmpty { close(.frames) }
    counts.write(into: &block)
    close(.counts)
    return drain()
  }

  private mutating func close(_ kind: FrameAnswers.Block) {
    var bytes = [kind.rawValue]
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: block.bytes.count >> shift))
    }
    bytes += block.bytes
    pending += bytes
    pending += FastChecksum.of(bytes.span.bytes)
    block.clear()
  }
}
