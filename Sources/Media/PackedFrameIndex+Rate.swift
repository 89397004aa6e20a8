public import Base

extension PackedFrameIndex {
  /// Seconds of the first frame, and the rate that the file says where its frames lie so, each within a tick of its place; `nil` where they do not.
  public func timing(_ rate: Ratio) -> (first: Double, evenRate: Ratio?) {
    guard frameCount > 0 else { return (0, nil) }
    let index = FrameIndex(self, of: SourceStamp(byteCount: 0, modified: 0))
    let (first, tick) = (index[0].time, max(index.timeBase.value, 1e-6) * 1.01)
    let isEven =
      rate.isKnown
      && (0..<index.count).allSatisfy { number in
        let place = first + Double(number) * Double(rate.denominator) / Double(rate.numerator)
        return (index[number].time - place).magnitude <= tick
      }
    return (first, isEven ? rate : nil)
  }
}
