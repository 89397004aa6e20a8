public import Base

/// A stretch of a film's sound.
public struct SoundSpan: Sendable, Hashable {
  /// Sample numbers, at 16 kHz from the film's second 0.
  public var samples: Range<Int>

  public init(samples: Range<Int>) { self.samples = samples }

  /// Seconds on the axis of the film's frames.
  public var start: Double { SoundScale.seconds(samples.lowerBound) }
  public var end: Double { SoundScale.seconds(samples.upperBound) }
}

extension JSONWriter {
  /// Spans as `[{"start":1.2,"end":3.4}, …]`, in seconds.
  public mutating func spans(_ spans: [SoundSpan]) {
    array { json in
      for span in spans {
        json.object {
          $0.field("start", span.start, digits: 6)
          $0.field("end", span.end, digits: 6)
        }
      }
    }
  }
}
