/// A piece of a film's sound: one channel, 16,000 samples a second.
public struct SoundBlock: Sendable, Hashable {
  /// The number of the first sample: number `n` is heard `n / 16,000` seconds behind the zero of the frames' times; it may lie before it.
  public let start: Int
  /// From -1 to 1, but for what the source overdrives.
  public let samples: [Float]

  public init(start: Int, samples: [Float]) { (self.start, self.samples) = (start, samples) }

  /// Behind the last sample.
  public var end: Int { start + samples.count }
  /// Seconds of the first sample.
  public var time: Double { Double(start) / Double(SoundReader.rate) }
}

/// What a file says of its sound.
public struct SoundInfo: Sendable, Hashable {
  /// FFmpeg's names.
  public var format: String
  public var codec: String
  /// As the container has it; 0 where it does not say.
  public var sampleRate: Int
  public var channels: Int
  public var streamIndex: Int
  /// The number of the first sample that is given: where picture or sound begins.
  public var first: Int
  /// Where there is none, second 0 is where the sound begins.
  public var hasPicture: Bool

  package init(
    format: String, codec: String, sampleRate: Int, channels: Int, streamIndex: Int, first: Int, hasPicture: Bool
  ) {
    (self.format, self.codec, self.sampleRate, self.channels) = (format, codec, sampleRate, channels)
    (self.streamIndex, self.first, self.hasPicture) = (streamIndex, first, hasPicture)
  }
}

/// What was wrong with a film's sound so far, and what was done about it.
public struct SoundTally: Sendable, Hashable {
  /// Packets that gave no sound, or a damaged one: silence stands in their place.
  public var corrupt = CorruptFrames()
  /// Samples of silence where the file has none, at 16 kHz: holes, damage, and before a late beginning.
  public var filled = 0
  /// How often sound and timestamps had run apart by more than a millisecond, and were brought together.
  public var corrections = 0
  /// How often timestamps jumped back by half a second or more.
  public var jumps = 0

  public init() {}
}
