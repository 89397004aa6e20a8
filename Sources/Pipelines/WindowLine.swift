internal import Vision

/// Which windows a network is asked about, as the frames of a film come one by one.
struct WindowLine: Sendable {
  let window: FrameWindow
  /// Frames that are answered about, by their numbers in the film.
  private let answered: Range<Int>
  /// The block whose window is not whole yet.
  private(set) var next: Int

  init(_ window: FrameWindow, answering answered: Range<Int>) {
    (self.window, self.answered) = (window, answered)
    next = window.block(of: answered.lowerBound)
  }

  /// The first frame that a window to come shows.
  var oldest: Int { max(0, window.frames(of: next).lowerBound) }

  /// Takes the next frame in; gives the block whose window is whole by it.
  mutating func add(_ frame: Int) -> Int? {
    guard window.kept(by: next).lowerBound < answered.upperBound, frame >= window.frames(of: next).upperBound - 1 else {
      return nil
    }
    defer { next += 1 }
    return next
  }

  /// No frame comes any more; gives the blocks that end with the last of `count` frames, whose windows show it more than once.
  mutating func end(count: Int) -> Range<Int> {
    let (first, end) = (next, min(count, answered.upperBound))
    guard end > answered.lowerBound else { return first..<first }
    next = max(first, window.block(of: end - 1) + 1)
    return first..<next
  }
}
