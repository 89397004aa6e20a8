internal import Base
internal import Predictions

/// Makes spans of sightings.
///
/// Sightings of one key belong together when their frames follow each other in the file, or lie at most one and a half of the usual
/// distance between analysed frames apart. A span ends one usual distance behind its last sighting, never behind the film's end. Where only
/// changes are told (`state`), it lasts from the one to the other; where an ended track is told (`span`), it is what is told.
struct SpanBuilder: Sendable {
  private struct Open {
    var span: Span
    var lastIndex: Int
    var lastTime: Double
    /// Lasts until it is said to be over.
    var isHeld: Bool
  }

  private let distance: Double
  private let duration: Double?
  private var open: [SpanKey: Open] = [:]
  private var serial = 0
  private var index = Int.min
  /// Seconds of the frame that rows are coming of.
  private(set) var time = -Double.infinity
  /// Spans that are over, in no order.
  private(set) var closed: [Span] = []

  init(_ asset: ExportedAsset) { (distance, duration) = (asset.usualDistance, asset.duration) }

  /// The earliest start of a span that may still come, but for those of ended tracks.
  var earliestComing: Double { open.values.reduce(time) { min($0, $1.span.start) } }

  mutating func takeClosed() -> [Span] {
    defer { closed.removeAll(keepingCapacity: true) }
    return closed
  }

  /// Goes on to a frame; true where it is another one.
  mutating func advance(to stamp: FrameStamp) throws(Fault) -> Bool {
    guard stamp.time.isFinite else { throw Fault(.badInput, "frame \(stamp.index) has no time; csv and jsonl hold it") }
    guard stamp.index != index else { return false }
    guard stamp.index > index, stamp.time >= time else {
      let reason = "frame \(stamp.index), at \(NumberFormat.short(stamp.time, 3)) s, comes behind one that is later"
      throw Fault(
        .unsupported, "\(reason): the clock of this film goes back, so it has no spans; csv and jsonl hold it")
    }
    (index, time) = (stamp.index, stamp.time)
    for (key, sighted) in open where !sighted.isHeld && !isNext(sighted) { close(key, sighted) }
    return true
  }

  /// Adds a sighting of the frame advanced to.
  mutating func add(_ prediction: Prediction) {
    guard let key = SpanKey(prediction) else { return }
    if prediction.state == .off { return release(key) }
    if let told = prediction.span {
      closed.append(begun(key, at: told.lowerBound, until: end(behind: told.upperBound), prediction.finiteScore))
      return
    }
    var sighted =
      open[key]
      ?? Open(
        span: begun(key, at: time, until: time, nil), lastIndex: index, lastTime: time, isHeld: prediction.state == .on)
    (sighted.lastIndex, sighted.lastTime) = (index, time)
    if let score = prediction.finiteScore { sighted.span.best = max(score, sighted.span.best ?? score) }
    open[key] = sighted
  }

  /// Ends everything that is open; what goes on begins anew with its next sighting, what is held begins anew at once.
  mutating func cut() {
    for (key, sighted) in open.sorted(by: { $0.value.span.serial < $1.value.span.serial }) {
      close(key, sighted)
      guard sighted.isHeld else { continue }
      var next = sighted
      next.span = begun(key, at: time, until: time, sighted.span.best)
      open[key] = next
    }
  }

  mutating func finish() {
    for (key, sighted) in open {
      var last = sighted
      if sighted.isHeld { last.lastTime = max(time, duration ?? time) }
      open[key] = nil
      closed.append(last.span.ending(end(behind: last.lastTime)))
    }
  }

  /// Ends what lasted until now; an object may go under another label than it came by.
  private mutating func release(_ key: SpanKey) {
    let ended = open.filter {
      $0.key == key || key.track != nil && $0.key.track == key.track && $0.key.kind == key.kind
    }
    guard let over = ended[key] ?? (ended.count == 1 ? ended.first?.value : nil) else { return }
    open[over.span.key] = nil
    closed.append(over.span.ending(time))
  }

  private func isNext(_ sighted: Open) -> Bool {
    index - sighted.lastIndex == 1 || time - sighted.lastTime <= distance * 1.5
  }

  private mutating func close(_ key: SpanKey, _ sighted: Open) {
    open[key] = nil
    closed.append(sighted.span.ending(sighted.isHeld ? time : end(behind: sighted.lastTime)))
  }

  private func end(behind last: Double) -> Double { max(last, min(last + distance, duration ?? .infinity)) }

  private mutating func begun(_ key: SpanKey, at start: Double, until end: Double, _ best: Float?) -> Span {
    defer { serial += 1 }
    return Span(key: key, start: start, end: end, best: best, serial: serial)
  }
}

extension Span {
  fileprivate func ending(_ end: Double) -> Span {
    var span = self
    span.end = max(start, end)
    return span
  }
}
