public import Base

extension PackedFrameIndex {
  /// The rate that a file says, where its frames lie so, each within a tick of its place; `nil` where they do not.
  public func evenRate(_ rate: Ratio) -> Ratio? {
    guard rate.isKnown, frameCount > 0 else { return nil }
    let index = FrameIndex(self, of: SourceStamp(byteCount: 0, modified: 0))
    let (first, tick) = (index[0].time, max(index.timeBase.value, 1e-6) * 1.01)
    for number in 0..<index.count {
      let place = first + Double(number) * Double(rate.denominator) / Double(rate.numerator)
      guard (index[number].time - place).magnitude <= tick else { return nil }
    }
    return rate
  }

  /// Seconds of the first frame.
  public var firstTime: Double {
    frameCount > 0 ? FrameIndex(self, of: SourceStamp(byteCount: 0, modified: 0))[0].time : 0
  }
}
