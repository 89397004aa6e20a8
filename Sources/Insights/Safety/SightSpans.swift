/// Frames on which a rule held, put together to sights.
struct SightSpans: Sendable {
  private struct Span {
    let start: Double
    /// When the last frame that held stopped to speak.
    var end: Double
    var frames = 0
    var seconds = 0.0
    var total = 0.0
    var shown: [(level: Double, evidence: [Safety.Evidence])] = []
  }

  private let rule: SafetyMapping.Rule
  private let merge: Double
  private let evidence: Int
  private var open: Span?
  private var closed: [Span] = []
  /// The last frame, and whether it held.
  private var last: (time: Double, held: Bool)?
  private var frames = 0
  private var disagreed = 0
  private var short = 0

  init(rule: SafetyMapping.Rule, merge: Double, evidence: Int) {
    (self.rule, self.merge, self.evidence) = (rule, merge, evidence)
  }

  mutating func add(_ time: Double, level: Double?, isDisagreed: Bool, _ found: [Safety.Evidence]) {
    frames += 1
    if isDisagreed { disagreed += 1 }
    speak(until: time)
    if let span = open, !(last?.held ?? false), time - span.end > merge { close(span) }
    if let level { hold(at: time, level, found) }
    last = (time, level != nil)
  }

  /// The last frame speaks until this one is shown.
  private mutating func speak(until time: Double) {
    guard let last, last.held else { return }
    open?.seconds += time - last.time
    open?.end = time
  }

  private mutating func hold(at time: Double, _ level: Double, _ found: [Safety.Evidence]) {
    var span = open ?? Span(start: time, end: time)
    span.frames += 1
    span.total += level
    span.end = max(span.end, time)
    // the surest, of equals the first
    let place = span.shown.firstIndex { $0.level < level } ?? span.shown.count
    if place < evidence {
      span.shown.insert((level, found), at: place)
      if span.shown.count > evidence { span.shown.removeLast() }
    }
    open = span
  }

  private mutating func close(_ span: Span) {
    open = nil
    // a film with as many frames as the rule asks for cannot become one with fewer: a flicker is counted and forgotten
    if span.frames < rule.frames, frames >= rule.frames { short += 1 } else { closed.append(span) }
  }

  func finish(frames: Int, film: TimeSpan) -> RuleVerdict {
    var spans = self
    spans.speak(until: film.end)
    if let span = spans.open { spans.close(span) }
    let (least, seconds) = (min(rule.frames, frames), min(rule.seconds, film.end - film.start))
    // a microsecond for what times lose as fractions
    let held = spans.closed.filter { $0.frames >= least && $0.seconds >= seconds - 1e-6 }
    return RuleVerdict(
      rule: rule,
      segments: held.map { span in
        Safety.Segment(
          span: TimeSpan(start: span.start, end: span.end), rule: rule.name, score: span.total / Double(span.frames),
          frames: span.frames, evidence: span.shown.flatMap(\.evidence))
      },
      short: spans.short + spans.closed.count - held.count, disagreed: spans.disagreed)
  }
}
