public import Base

/// How strong a film's sound is over time: root of the mean square and peak, a tenth of a second each.
///
/// This is a level, and no loudness as of EBU R128: nothing is weighted by how people hear, channels are mixed into one before, and what lies
/// above 8 kHz is gone. Eight bytes a tenth of a second are kept.
public struct LevelMeter: Sendable {
  public struct Result: Sendable, Hashable {
    /// Seconds from one value to the next.
    public static let step = 0.1

    /// Of the first window, a multiple of ``step``; the sound may begin inside it.
    public let start: Double
    /// Decibels below full scale, at least ``SoundScale/floor``.
    public let rms: [Float]
    public let peak: [Float]

    /// Of the whole sound: `nil` where there is none.
    public let mean: Double?
    public let highest: Double?

    /// `{"start":0,"step":0.1,"mean":-23.1,"peak":-1.2,"rms":[…],"peaks":[…]}`, decibels with one decimal.
    public func write(into json: inout JSONWriter) {
      json.object {
        $0.field("start", start, digits: 6)
        $0.field("step", Self.step, digits: 3)
        $0.field("mean", mean, digits: 1)
        $0.field("peak", highest, digits: 1)
        $0.array("rms") { for value in rms { $0.number(Double(value), digits: 1) } }
        $0.array("peaks") { for value in peak { $0.number(Double(value), digits: 1) } }
      }
    }
  }

  private var windows = SoundWindows(length: SoundScale.rate / 10)
  private var first: Int?
  private var (rms, peak): ([Float], [Float]) = ([], [])
  private var (energy, count, highest): (Double, Int, Float) = (0, 0, 0)

  public init() {}

  /// Takes the samples that follow, from number `first` on.
  public mutating func add(_ samples: Span<Float>, at first: Int) {
    var found: [SoundWindows.Window] = []
    windows.add(samples, at: first) { found.append($0) }
    for window in found { note(window) }
  }

  public mutating func finish() -> Result {
    var found: [SoundWindows.Window] = []
    windows.finish { found.append($0) }
    for window in found { note(window) }
    let length = Double(windows.length)
    return Result(
      start: ((Double(first ?? 0) / length).rounded(.down)) * length / Double(SoundScale.rate), rms: rms, peak: peak,
      mean: count > 0 ? SoundScale.decibels(power: energy / Double(count)) : nil,
      highest: count > 0 ? SoundScale.decibels(peak: highest) : nil)
  }

  private mutating func note(_ window: SoundWindows.Window) {
    if first == nil { first = window.samples.lowerBound }
    rms.append(Float(SoundScale.decibels(power: window.power)))
    peak.append(Float(SoundScale.decibels(peak: window.peak)))
    energy += window.power * Double(window.samples.count)
    count += window.samples.count
    highest = max(highest, window.peak)
  }
}
