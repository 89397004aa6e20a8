/// What could not be decoded, counted; a broken frame is data, and the stream goes on.
public struct CorruptFrames: Sendable, Hashable {
  /// One breakage that is told in full.
  public struct Sample: Sendable, Hashable {
    /// In the stream's time base, where it is known.
    public let pts: Int?
    /// Seconds, where they are known.
    public let time: Double?
    public let reason: String

    package init(pts: Int?, time: Double?, reason: String) { (self.pts, self.time, self.reason) = (pts, time, reason) }
  }

  /// Packets that gave no frame, frames that were damaged, and frames that the file promises but does not hold.
  public private(set) var count = 0
  /// The first few.
  public private(set) var samples: [Sample] = []

  public init() {}

  /// As another process counted them.
  package init(count: Int, samples: [Sample]) { (self.count, self.samples) = (count, samples) }

  static let sampleLimit = 8

  mutating func note(pts: Int?, time: Double?, _ reason: String, count: Int = 1) {
    self.count += count
    if samples.count < Self.sampleLimit { samples.append(Sample(pts: pts, time: time, reason: reason)) }
  }
}
