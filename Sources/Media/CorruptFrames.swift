/// What could not be decoded, counted; a broken frame is data, and the stream goes on.
public struct CorruptFrames: Sendable, Hashable {
  /// One breakage that is told in full.
  public struct Sample: Sendable, Hashable {
    /// In the stream's time base, where it is known.
    public let pts: Int?
    /// Seconds, where they are known.
    public let time: Double?
    public let reason: String
  }

  /// Packets that gave no frame, frames that were damaged, and frames that the file promises but does not hold.
  public private(set) var count = 0
  /// The first few.
  public private(set) var samples: [Sample] = []

  static let sampleLimit = 8

  mutating func note(pts: Int?, time: Double?, _ reason: String, count: Int = 1) {
    self.count += count
    if samples.count < Self.sampleLimit { samples.append(Sample(pts: pts, time: time, reason: reason)) }
  }
}
