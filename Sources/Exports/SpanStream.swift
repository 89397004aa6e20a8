internal import Base
internal import Predictions

/// Spans in the order in which they began, while rows come.
///
/// A span waits until none that began before it can come. At most ``limit`` wait: then, where the order must hold, everything that is still
/// going on is cut in two there, and elsewhere the earliest goes out of turn. So memory does not grow with the film. Ended
/// tracks are told long after they began: where the order must hold, they all wait for the end.
struct SpanStream: Sendable {
  static let limit = 4096
  static let trackLimit = 250_000

  private var builder: SpanBuilder
  private var waiting = SpanHeap()
  private let isStrict: Bool
  private var tellsEnded = false
  /// Where the last span began that was given away.
  private var told = -Double.infinity

  init(_ asset: ExportedAsset, isStrict: Bool) { (builder, self.isStrict) = (SpanBuilder(asset), isStrict) }

  /// Adds a row; gives the spans that are ready by it, mostly none.
  mutating func add(_ row: PredictionRow) throws(Fault) -> [Span] {
    var ready: [Span] = []
    if try builder.advance(to: row.stamp) { ready = release() }
    if let last = ready.last { told = last.start }
    if let span = row.prediction.span { try expect(span, row.stamp.index) }
    builder.add(row.prediction)
    if tellsEnded, isStrict, waiting.count + builder.closed.count > Self.trackLimit {
      throw Fault(
        .tooLarge, "more than \(Self.trackLimit) tracks ended, too many to put in order; otio, csv and jsonl hold them")
    }
    return ready
  }

  /// Whether an ended track can still be told of.
  private mutating func expect(_ span: ClosedRange<Double>, _ frame: Int) throws(Fault) {
    guard span.lowerBound.isFinite, span.upperBound.isFinite else {
      throw Fault(.badInput, "a track that ended in frame \(frame) has no times; csv and jsonl hold it")
    }
    guard !isStrict || span.lowerBound >= told else {
      throw Fault(
        .unsupported,
        "the track that ended in frame \(frame) began before what was told of already, and cues are in order; otio, csv and jsonl hold it"
      )
    }
    tellsEnded = true
  }

  mutating func finish() -> [Span] {
    builder.finish()
    waiting.insert(builder.takeClosed())
    return waiting.pop(before: .infinity)
  }

  private mutating func release() -> [Span] {
    waiting.insert(builder.takeClosed())
    if isStrict, tellsEnded { return [] }
    var ready = waiting.pop(before: builder.earliestComing)
    guard waiting.count > Self.limit else { return ready }
    if isStrict {
      builder.cut()
      waiting.insert(builder.takeClosed())
      ready += waiting.pop(before: builder.earliestComing)
    } else {
      while waiting.count > Self.limit, let first = waiting.pop() { ready.append(first) }
    }
    return ready
  }
}

/// A heap of spans: the one that began first on top, of several the one that was told of first.
struct SpanHeap: Sendable {
  private var spans: [Span] = []

  var count: Int { spans.count }

  mutating func insert(_ more: [Span]) {
    for span in more {
      spans.append(span)
      var place = spans.count - 1
      while place > 0, Self.isBefore(spans[place], spans[(place - 1) / 2]) {
        spans.swapAt(place, (place - 1) / 2)
        place = (place - 1) / 2
      }
    }
  }

  mutating func pop() -> Span? {
    guard let first = spans.first else { return nil }
    let last = spans.removeLast()
    guard !spans.isEmpty else { return first }
    spans[0] = last
    var place = 0
    while true {
      let children = [place * 2 + 1, place * 2 + 2].filter { $0 < spans.count }
      guard let child = children.min(by: { Self.isBefore(spans[$0], spans[$1]) }),
        Self.isBefore(spans[child], spans[place])
      else { return first }
      spans.swapAt(child, place)
      place = child
    }
  }

  /// Those that began before a time, in order.
  mutating func pop(before time: Double) -> [Span] {
    var ready: [Span] = []
    while let first = spans.first, first.start < time, let span = pop() { ready.append(span) }
    return ready
  }

  private static func isBefore(_ one: Span, _ other: Span) -> Bool {
    (one.start, one.serial) < (other.start, other.serial)
  }
}
