public import Insights
public import Predictions
internal import Vision

/// One run of a pipeline over one video: what happens to a frame's answers after the networks (track, smooth, emit).
///
/// Holds all state of the run. Frames come in the order of presentation; the same frames give the same
/// predictions, however they were decoded or batched.
public struct PipelineRun: Sendable {
  /// What the steps did so far.
  public struct Counts: Sendable, Hashable {
    /// Objects with a number.
    public var tracks = 0
    /// Times that something came or went, or changed its label.
    public var changes = 0
    /// What zones, lines and rules counted.
    public var scene = SceneCounts()

    public init() {}
  }

  private let pipeline: Pipeline
  private var tracker: Tracker?
  private var smoothers: [StepSmoother]
  private var tally = Counts()
  /// What came and went with the frame at hand.
  private var changes: [Prediction] = []
  private var events: EventTracker?
  private var insights: InsightRun?
  /// What happened with the frame at hand, or with the end.
  public private(set) var happenings: [Happening] = []

  /// For pictures of the given aspect: width divided by height.
  ///
  /// `catalogue` is the one that the pipeline names, and `networks` are those that answer, in order; `nil` where nobody asks for ``insights(end:speech:)``, so that nothing is kept of frames for it.
  public init(
    _ pipeline: Pipeline, aspect: Double, networks: [AnsweringNetwork]? = nil, catalogue: KnownCatalogue? = nil
  ) {
    self.pipeline = pipeline
    tracker = pipeline.track.map { Tracker($0.settings, aspect: aspect) }
    smoothers = pipeline.smooth.map(StepSmoother.init)
    events = pipeline.watches ? EventTracker(pipeline, aspect: aspect) : nil
    insights = networks.flatMap { InsightRun(pipeline, networks: $0, catalogue: catalogue) }
  }

  /// What the steps did so far.
  public var counts: Counts {
    var counts = tally
    if let events { counts.scene = events.counts }
    return counts
  }

  /// Ids of the open events whose best moment is that of the last frame.
  public var peaks: [String] { events?.peaks ?? [] }

  /// Whether the end of the video may have something to say, so that the last frame must be known to be the last.
  public var waitsForEnd: Bool { pipeline.emit.when != .frame }

  /// Takes all answers of one frame, each with its `step` and `parent`; gives what becomes of them.
  ///
  /// With `isLast`, what is still open ends here. `descriptor` is there where the pipeline ``Pipeline/describesFrames``. `passedOver` are
  /// networks that were not shown this frame, by position: their votes are not asked for.
  public mutating func advance(
    _ found: [Prediction], _ descriptor: ShotDescriptor? = nil, at moment: FrameMoment, isLast: Bool = false,
    passedOver: Set<Int> = []
  ) -> [Prediction] {
    changes.removeAll(keepingCapacity: true)
    happenings.removeAll(keepingCapacity: true)
    var (answers, ended) = track(found, moment.time)
    insights?.add(found, answers, descriptor, at: moment, passedOver: passedOver)
    if isLast, waitsForEnd { ended += tracker?.finish() ?? [] }
    for index in smoothers.indices where !passedOver.contains(smoothers[index].settings.of) {
      answers = smoothers[index].advance(answers, at: moment.time, changes: &changes)
    }
    events?.advance(answers, ended: ended.map(\.id), at: moment, into: &happenings)
    tally.changes += pipeline.smooth.isEmpty ? 0 : changes.count
    tally.tracks = tracker?.count ?? 0
    let told = ended.compactMap { close($0) }
    switch pipeline.emit.when {
    case .frame: return PredictionFilter.keep(answers, where: passes)
    case .change: return changes.filter { $0.state == .off ? passesLabel($0) : passes($0) }
    case .end: return told.filter(passes)
    }
  }

  public mutating func advance(_ found: [Prediction], time: Double, isLast: Bool = false) -> [Prediction] {
    advance(found, at: FrameMoment(time: time), isLast: isLast)
  }

  /// No frame comes any more: what is open in zones and of events ends, and stands in ``happenings``.
  public mutating func close(_ ending: Event.Ending) {
    happenings.removeAll(keepingCapacity: true)
    events?.close(ending, into: &happenings)
  }

  /// What all frames together say.
  ///
  /// `end` is where the film ends, in seconds, where that is known; `speech` are spans in which somebody speaks, `nil` where nothing listened.
  public func insights(end: Double?, speech: [ClosedRange<Double>]? = nil) -> InsightReport? {
    insights?.finish(end: end, speech: speech)
  }

  /// Gives numbers to the followed detections and to what was found on them; those of no object go.
  private mutating func track(_ found: [Prediction], _ time: Double) -> ([Prediction], [Tracker.Ended]) {
    guard let on = pipeline.track?.on, let before = tracker?.count else { return (found, []) }
    let followed = found.indices.filter { found[$0].step == on && found[$0].box != nil }
    let (ids, ended) = tracker?.advance(followed.map { found[$0] }, time: time) ?? ([], [])
    var answers = found
    for (index, id) in zip(followed, ids) { answers[index].track = id }
    for index in answers.indices {
      if let parent = answers[index].parent { answers[index].track = answers[parent].track }
    }
    if pipeline.smooth.isEmpty {
      for answer in answers where answer.step == on && (answer.track ?? 0) > before { changes.append(answer.come) }
    }
    let kept = PredictionFilter.keepFamilies(answers) { $0.step != on || $0.track != nil }
    return (kept, ended)
  }

  /// An ended track as one prediction: its surest sighting, under the label it had in the end.
  ///
  /// `nil` where votes never settled on one: such a track was not told of before either.
  private mutating func close(_ end: Tracker.Ended) -> Prediction? {
    var prediction = end.best
    (prediction.step, prediction.track, prediction.span) = (pipeline.track?.on ?? 0, end.id, end.span)
    if pipeline.smooth.isEmpty { changes.append(prediction.gone) }
    var isTold = true
    for index in smoothers.indices {
      let label = smoothers[index].end(track: end.id, changes: &changes)
      guard smoothers[index].settings.by == .track, smoothers[index].settings.of == prediction.step else { continue }
      (prediction.label, isTold) = (label, label != nil)
    }
    return isTold ? prediction : nil
  }

  private func passesLabel(_ prediction: Prediction) -> Bool {
    pipeline.emit.labels.isEmpty || prediction.label.map(pipeline.emit.labels.contains) ?? false
  }

  private func passes(_ prediction: Prediction) -> Bool {
    passesLabel(prediction) && (pipeline.emit.score == 0 || prediction.score ?? 0 >= pipeline.emit.score)
  }
}
