internal import Base
internal import Telemetry

/// Tells traces of a few pictures of a stream, from when they came until what was found in them was told.
///
/// One at a time, so that a camera's thousands do not push out all others; used by the stream's thread alone.
final class FrameSpans {
  private let telemetry: Telemetry
  private let stream: String
  private let interval: UInt64
  /// Monotonic nanoseconds before which no picture begins a trace.
  private var next: UInt64 = 0
  private var open: (index: Int, place: Trace)?

  /// `nil` where none are wanted.
  init?(_ settings: LiveStream.Settings) {
    guard let telemetry = settings.telemetry, let seconds = telemetry.settings.frameSeconds else { return nil }
    (self.telemetry, stream, interval) = (telemetry, settings.name, UInt64(min(seconds, 1e9) * 1e9))
  }

  /// A picture goes to the networks; it may begin a trace.
  func take(_ index: Int) {
    let now = Clock.now
    guard now >= next else { return }
    next = now + interval
    let place = telemetry.place(under: nil)
    open = place.isSampled ? (index, place) : nil
  }

  /// Where a picture stands; `nil` for most.
  func trace(of index: Int) -> Trace? { open?.index == index ? open?.place : nil }

  /// What was found in a picture was told; it came, had its turn and was answered at these moments.
  func told(_ index: Int, came: UInt64, turn: UInt64, answered: UInt64, found: Int) {
    guard let place = trace(of: index) else { return }
    open = nil
    let now = Clock.now
    let steps = [("decode", came, turn), ("events", answered, now)]
    for (name, start, end) in steps {
      telemetry.record(Span(name, at: Telemetry.place(within: place), parent: place.parent, from: start, to: end))
    }
    record(place, index, came, now, [Attribute("ridley.predictions", found)], nil)
  }

  /// A picture has no answer.
  func lost(_ index: Int, came: UInt64, _ reason: String) {
    guard let place = trace(of: index) else { return }
    open = nil
    record(place, index, came, Clock.now, [], reason)
  }

  private func record(
    _ place: Trace, _ index: Int, _ came: UInt64, _ end: UInt64, _ others: [Attribute], _ error: String?
  ) {
    let words = [Attribute("ridley.stream", stream), Attribute("ridley.frame", index)]
    var span = Span("frame", .consumer, at: place, parent: nil, from: came, to: end, words + others)
    span.error = error
    telemetry.record(span)
  }
}
