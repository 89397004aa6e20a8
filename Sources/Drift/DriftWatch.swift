/// Watches what one thing shows, or one network answers, over time: learns a reference, and says what has left it.
///
/// The first windows in which enough was seen are the reference; later ones are compared with it. A window in which too little was seen says
/// nothing, for or against.
public struct DriftWatch: Sendable, Hashable {
  public let measures: [DriftMeasure]
  public let settings: DriftSettings
  /// When it began, in seconds since 1970.
  public let since: Double
  /// What the reference will be made of.
  var blocks: [DriftReference.Block] = []
  public internal(set) var reference: DriftReference?
  /// What is being counted.
  private(set) var open: DriftReference.Block?
  /// The last window that is over.
  public internal(set) var from: Double?
  public internal(set) var now = DriftSketch()
  public internal(set) var states: [DriftMeasure: DriftState] = [:]

  /// Of pictures, or of one network's answers.
  public init(_ measures: [DriftMeasure], _ settings: DriftSettings, since: Double) {
    (self.measures, self.settings, self.since) = (measures, settings, since)
  }

  /// Adds to the window of a moment, in seconds since 1970; gives what changed by a window that is over with that.
  ///
  /// Where the clock was set back, the window that was open goes on from there.
  public mutating func add(at moment: Double, _ body: (inout DriftSketch) -> Void) -> [DriftChange] {
    let changes = advance(to: moment)
    let begin = start(of: moment)
    var block = open.take() ?? DriftReference.Block(from: begin, sketch: DriftSketch())
    block.from = begin
    body(&block.sketch)
    open = block
    return changes
  }

  /// Concludes from a window that is over at a moment, where there is one.
  public mutating func advance(to moment: Double) -> [DriftChange] {
    guard let block = open, start(of: moment) > block.from else { return [] }
    open = nil
    return close(block)
  }

  private func start(of moment: Double) -> Double { (moment / settings.window).rounded(.down) * settings.window }

  private mutating func close(_ block: DriftReference.Block) -> [DriftChange] {
    (from, now) = (block.from, block.sketch)
    let isEnough = block.sketch.pictures >= settings.evidence
    guard reference != nil else {
      if isEnough { learn(block) }
      return []
    }
    if isEnough, reference?.take(block, settings) == true {
      for measure in measures { states[measure, default: DriftState()].verdict = .few }
      return []
    }
    return measures.compactMap { judge($0, block) }
  }

  private mutating func learn(_ block: DriftReference.Block) {
    blocks.append(block)
    guard blocks.count >= settings.learning else { return }
    reference = DriftReference(blocks, measures, settings)
    blocks = []
  }

  private mutating func judge(_ measure: DriftMeasure, _ block: DriftReference.Block) -> DriftChange? {
    var state = states[measure] ?? DriftState()
    defer { states[measure] = state }
    // Where its own windows had too little, nobody knows how far they would have been from each other.
    guard reference?.unrest[measure] != nil, let old = reference?.around(block.from).counts[measure],
      let new = block.sketch.counts[measure], min(old.total, new.total) >= settings.evidence
    else {
      state.verdict = .few
      return nil
    }
    let index = StabilityIndex(old, new, measure)
    guard state.take(index, measure, thresholds(measure), windows: settings.windows) else { return nil }
    return DriftChange(measure: measure, isOutside: state.isOutside, index: index)
  }

  /// The index from which a measure has left its reference, and below which it is back.
  ///
  /// A reference that moves by itself is left only by what moves more, by a quarter; and what is back moves about as much as it usually did.
  public func thresholds(_ measure: DriftMeasure) -> (enter: Double, leave: Double) {
    guard let unrest = reference?.unrest[measure] else { return (settings.enter, settings.leave) }
    let enter = max(settings.enter, 1.25 * unrest.most)
    return (enter, unrest.usual + (enter - unrest.usual) * settings.leave / settings.enter)
  }

  /// The share of the reference that is learnt, 0 to 1.
  public var learnt: Double { reference == nil ? Double(blocks.count) / Double(settings.learning) : 1 }

  /// What has left its reference.
  public var outside: [DriftMeasure] { measures.filter { states[$0]?.isOutside == true } }

  public func standing(_ measure: DriftMeasure) -> DriftState.Standing {
    reference == nil ? .learning : states[measure]?.standing ?? .few
  }
}
