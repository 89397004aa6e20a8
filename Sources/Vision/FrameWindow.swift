/// How a network that is shown many frames at once goes through a film: by windows that overlap, of each of which some answers count.
///
/// Frames are numbered as they are looked at, from 0. The film is cut into blocks of ``step`` frames from its first one on, wherever a look
/// begins, and a block has one window, which shows what lies around it too. Before the first frame stands the first, behind the last the
/// last, as often as is needed.
public struct FrameWindow: Sendable, Hashable {
  /// Frames of one input.
  public let length: Int
  /// Frames from one window to the next.
  public let step: Int
  /// Places in the window whose answers are those of the block, in its order.
  public let keep: Range<Int>

  /// More than any network takes; a window is one piece of memory.
  public static let longest = 4096

  /// `nil` where frames would be answered about twice or never.
  public init?(length: Int, step: Int, keep: Range<Int>) {
    guard (1...Self.longest).contains(length), step > 0, keep.count == step, keep.lowerBound >= 0,
      keep.upperBound <= length
    else { return nil }
    (self.length, self.step, self.keep) = (length, step, keep)
  }

  /// The block that a frame is answered with.
  public func block(of frame: Int) -> Int { frame / step }

  /// The frames of a block.
  public func kept(by block: Int) -> Range<Int> { block * step..<(block + 1) * step }

  /// The frames that a block's window shows; some may lie before the first or behind the last of the film.
  public func frames(of block: Int) -> Range<Int> {
    let start = block * step - keep.lowerBound
    return start..<start + length
  }

  /// Frames that have come when the window of a block is whole, from the first of the block on.
  public var reach: Int { length - keep.lowerBound }

  /// The film's frames that the windows show whose blocks hold some of these; `total` is how many there are in all.
  public func frames(around kept: Range<Int>, of total: Int) -> Range<Int> {
    guard !kept.isEmpty else { return kept }
    let first = frames(of: block(of: kept.lowerBound)).lowerBound
    let end = frames(of: block(of: kept.upperBound - 1)).upperBound
    return max(0, first)..<max(kept.upperBound, min(total, end))
  }
}
