internal import Base
internal import Media

/// Finds frames of a film again whose pictures were let go.
final class FoundPictures {
  private let path: String
  private let standIn: StandIn?
  /// `nil` for a damaged film: only reading it once more gives the frames the numbers that they had.
  private let access: FrameAccess?
  private var reader: MediaReader?
  private var next = 0

  init(_ path: String, _ standIn: StandIn?, isSound: Bool) throws(Fault) {
    (self.path, self.standIn) = (path, standIn)
    access = isSound ? try FrameAccess(path, index: FrameIndex(path)) : nil
  }

  /// `number` is the film's.
  func frame(at number: Int) throws(Fault) -> Frame {
    let place = standIn == nil ? number : standIn?.number(of: number)
    var found: Frame?
    if let place { found = try access == nil ? read(to: place) : access?.frame(at: place) }
    guard let frame = found else {
      throw Fault(.badInput, "frame \(number) is not in this file any more")
    }
    return try standIn?.told(frame) ?? frame
  }

  private func read(to place: Int) throws(Fault) -> Frame? {
    if reader == nil || place < next { (reader, next) = (try FrameSource.open(path, .all), 0) }
    while let frame = try reader?.next() {
      next = frame.index + 1
      if frame.index == place { return frame }
      if frame.index > place { return nil }
    }
    return nil
  }
}
