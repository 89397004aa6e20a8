public import Base

/// Where people speak, from how probable that is in each part of a film's sound.
///
/// Two thresholds, so that one part in doubt ends no sentence: speech begins with a part at ``Settings/threshold`` or above, and ends where one
/// is below ``Settings/release``, unless the first threshold is reached again before ``Settings/minimumSilence``. What is then too short goes;
/// what stays grows at both ends, by half of the pause where two would meet. The rule is that of Silero's own `get_speech_timestamps`, to the sample.
public struct SpeechSegments: Sendable {
  public struct Settings: Sendable, Hashable {
    /// Probability at which speech begins, and below which it may end.
    public var threshold: Double
    public var release: Double
    /// Seconds; speech is longer, pauses at least so long.
    public var minimumSpeech: Double
    public var minimumSilence: Double
    /// Seconds that speech grows at each end.
    public var padding: Double

    public init(
      threshold: Double = 0.5, release: Double = 0.35, minimumSpeech: Double = 0.25, minimumSilence: Double = 0.1,
      padding: Double = 0.03
    ) {
      (self.threshold, self.release, self.padding) = (threshold, release, padding)
      (self.minimumSpeech, self.minimumSilence) = (minimumSpeech, minimumSilence)
    }
  }

  public struct Result: Sendable, Hashable {
    public let settings: Settings
    public let spans: [SoundSpan]

    /// `{"threshold":0.5,"minimumSpeech":0.25,"minimumSilence":0.1,"spans":[…]}`.
    public func write(into json: inout JSONWriter) {
      json.object {
        $0.field("threshold", settings.threshold)
        $0.field("minimumSpeech", settings.minimumSpeech, digits: 3)
        $0.field("minimumSilence", settings.minimumSilence, digits: 3)
        $0.field("spans") { $0.spans(spans) }
      }
    }
  }

  /// Samples that one probability is about.
  public static let step = 512

  private let settings: Settings
  private let first: Int
  private var count = 0
  private var begin: Int?
  /// Where speech may have ended.
  private var pause: Int?
  private var found: [Range<Int>] = []

  /// `first` is the number of the first sample that the first probability is about.
  public init(_ settings: Settings = Settings(), first: Int) { (self.settings, self.first) = (settings, first) }

  /// Takes the probability of the part that follows.
  public mutating func add(_ probability: Float) {
    let place = count * Self.step
    count += 1
    // In the network's own numbers, so that a threshold that is one of them is reached by it.
    if probability >= Float(settings.threshold) {
      pause = nil
      begin = begin ?? place
    } else if probability < Float(settings.release), let start = begin {
      let end = pause ?? place
      pause = end
      guard place - end >= samples(settings.minimumSilence) else { return }
      note(start..<end)
      (begin, pause) = (nil, nil)
    }
  }

  /// `end` is the number behind the last sample, which the last part may reach beyond.
  public mutating func finish(end: Int) -> Result {
    let length = end - first
    if let begin, begin <= length { note(begin..<length) }
    begin = nil
    return Result(
      settings: settings,
      spans: padded(upTo: length).map { SoundSpan(samples: first + $0.lowerBound..<first + $0.upperBound) })
  }

  private mutating func note(_ span: Range<Int>) {
    if span.count > samples(settings.minimumSpeech) { found.append(span) }
  }

  private func padded(upTo length: Int) -> [Range<Int>] {
    let padding = samples(settings.padding)
    return found.indices.map { index in
      let before = index > 0 ? found[index].lowerBound - found[index - 1].upperBound : Int.max
      let behind = index + 1 < found.count ? found[index + 1].lowerBound - found[index].upperBound : Int.max
      let start = found[index].lowerBound - (before < 2 * padding ? before / 2 : padding)
      return max(0, start)..<min(length, found[index].upperBound + (behind < 2 * padding ? behind / 2 : padding))
    }
  }

  private func samples(_ seconds: Double) -> Int { Int((seconds * Double(SoundScale.rate)).rounded()) }
}
