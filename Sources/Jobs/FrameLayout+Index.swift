public import Media
public import Planning

extension FrameLayout {
  /// The frames of a video as its packets tell them.
  public init(_ index: FrameIndex) {
    self.init(times: (0..<index.count).map { index[$0].time }, starts: index.starts, cells: index.cells)
  }
}
