public import Base

/// Where a film's sound is silent: no louder than a threshold for long enough.
///
/// Loudness is the root of the mean square over windows of 10 ms, so spans begin and end on such borders, or where the sound does. What a
/// file has no sound for counts as silent, since nobody hears anything there.
public struct SilenceDetector: Sendable {
  public struct Settings: Sendable, Hashable {
    /// Decibels below full scale; a window that is louder is not silent.
    public var threshold: Double
    /// Seconds that a silence lasts at least.
    public var minimum: Double

    public init(threshold: Double = -50, minimum: Double = 0.5) {
      (self.threshold, self.minimum) = (threshold, minimum)
    }
  }

  public struct Result: Sendable, Hashable {
    public let settings: Settings
    public let spans: [SoundSpan]

    /// `{"threshold":-50,"minimum":0.5,"spans":[…]}`.
    public func write(into json: inout JSONWriter) {
      json.object {
        $0.field("threshold", settings.threshold, digits: 2)
        $0.field("minimum", settings.minimum, digits: 3)
        $0.field("spans") { $0.spans(spans) }
      }
    }
  }

  private let settings: Settings
  private var windows = SoundWindows(length: SoundScale.rate / 100)
  private var finder: Finder

  public init(_ settings: Settings = Settings()) {
    self.settings = settings
    finder = Finder(settings)
  }

  /// Takes the samples that follow, from number `first` on.
  public mutating func add(_ samples: Span<Float>, at first: Int) {
    var finder = finder
    windows.add(samples, at: first) { finder.add($0) }
    self.finder = finder
  }

  public mutating func finish() -> Result {
    var finder = finder
    windows.finish { finder.add($0) }
    finder.close()
    self.finder = finder
    return Result(settings: settings, spans: finder.spans)
  }

  /// Puts silent windows together.
  private struct Finder {
    private let limit: Double
    private let minimum: Int
    private var open: Range<Int>?
    private(set) var spans: [SoundSpan] = []

    init(_ settings: Settings) {
      limit = settings.threshold
      minimum = Int((settings.minimum * Double(SoundScale.rate)).rounded())
    }

    mutating func add(_ window: SoundWindows.Window) {
      guard SoundScale.decibels(power: window.power) <= limit else { return close() }
      open = (open?.lowerBound ?? window.samples.lowerBound)..<window.samples.upperBound
    }

    mutating func close() {
      if let open, open.count >= minimum { spans.append(SoundSpan(samples: open)) }
      open = nil
    }
  }
}
