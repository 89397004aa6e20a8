/// What a user sets about shots.
public struct ShotSettings: Sendable, Hashable {
  /// Transitions with a smaller score are none; 0 to 1, lower finds more.
  public var threshold: Double
  /// Seconds: a shorter shot becomes a part of the neighbour that it differs from less.
  public var minShot: Double
  /// Seconds: shorter stretches of black are not reported, and part nothing by themselves.
  public var minBlack: Double
  /// A frame is black where hardly a place on it has more luma, 0 to 255 at full range.
  public var blackLuma: Int

  public init(threshold: Double = 0.5, minShot: Double = 0, minBlack: Double = 0.08, blackLuma: Int = 20) {
    (self.threshold, self.minShot, self.minBlack, self.blackLuma) = (threshold, minShot, minBlack, blackLuma)
  }
}
