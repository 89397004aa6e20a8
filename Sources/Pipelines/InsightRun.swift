internal import Base
internal import Insights
internal import Predictions

/// Draws the conclusions about a film as a whole while its frames go by, in the order of presentation.
struct InsightRun: Sendable {
  private enum Shots {
    case described(ShotDetector)
    case answered(ShotMerger, step: Int)
  }

  private let steps: Pipeline.InsightSteps
  private let all: Set<Int>
  private var shots: Shots?
  private var breaks: BreakFinder?
  private var content: ContentSummary?
  private var safety: SafetyAssessment?
  private var products: ProductListing?
  private let catalogue: KnownCatalogue?
  private var attention: AttentionSummary?
  private var memorability: MemorabilityCurve?
  /// What kept a part from being concluded, and what a person should know of those that were.
  private var notes: [String] = []

  /// `networks` are those of the pipeline, in order, and `catalogue` is the one that it names; `nil` where the pipeline asks for nothing.
  init?(_ pipeline: Pipeline, networks: [AnsweringNetwork], catalogue: KnownCatalogue?) {
    (steps, self.catalogue) = (pipeline.insights, catalogue)
    if steps.isEmpty { return nil }
    all = Set(pipeline.infer.indices)
    shots = steps.shots.map { shots in
      shots.of.map { .answered(ShotMerger(shots.settings), step: $0) } ?? .described(ShotDetector(shots.settings))
    }
    breaks = steps.breaks.map { BreakFinder($0.settings) }
    content = steps.content.map { ContentSummary(networks: networks, steps: Set($0.of), settings: $0.settings) }
    products = steps.products.map { step in
      var settings = ProductListing.Settings()
      settings.gap = step.gap
      return ProductListing(settings)
    }
    do throws(Fault) {
      attention = try steps.attention.map { (step) throws(Fault) in try AttentionSummary(step.settings) }
      memorability = try steps.memorability.map { (step) throws(Fault) in
        let name = networks.indices.contains(step.of) ? networks[step.of].name : pipeline.infer[step.of].name
        var settings = MemorabilitySettings(delay: step.delay, model: name, step: step.of)
        settings.best = step.best
        return try MemorabilityCurve(settings)
      }
      safety = try steps.safety.map { (step) throws(Fault) in
        let mapping = try step.mapping.map { (text) throws(Fault) in
          try SafetyMapping.read(bytes: Array(text.utf8), name: "mapping")
        }
        notes += (mapping ?? .builtIn).check(networks).idle
        return SafetyAssessment(mapping: mapping ?? .builtIn, networks: networks)
      }
    } catch { notes.append(error.message) }
  }

  /// Takes all answers about a frame, those that have tracks with them, and what describes it; `passedOver` are the networks that were not
  /// shown it.
  mutating func add(
    _ found: [Prediction], _ answers: [Prediction], _ descriptor: ShotDescriptor?, at moment: FrameMoment,
    passedOver: Set<Int>
  ) {
    addShot(found, descriptor, moment)
    let looked = all.subtracting(passedOver)
    if let of = steps.breaks?.of, looked.contains(of) {
      for answer in found where answer.step == of && answer.parent == nil {
        breaks?.add(time: moment.time, embedding: answer.vector)
      }
    }
    if let of = steps.content?.of, of.contains(where: looked.contains) {
      content?.add(time: moment.time, predictions: found)
    }
    if !looked.isEmpty { safety?.add(frame: moment.frame, time: moment.time, predictions: found, steps: looked) }
    if let of = steps.products?.of, looked.contains(of) {
      products?.add(found, step: of, frame: moment.frame, at: moment.time)
    }
    if let of = steps.attention?.settings.step, looked.contains(of) { attention?.add(answers, at: moment.time) }
    if let of = steps.memorability?.of, looked.contains(of) {
      do throws(Fault) { try memorability?.add(found, at: moment.time) } catch {
        memorability = nil
        notes.append(error.message)
      }
    }
  }

  private mutating func addShot(_ found: [Prediction], _ descriptor: ShotDescriptor?, _ moment: FrameMoment) {
    switch shots {
    case .described(var detector):
      // Taken out, so that what it holds is not copied.
      shots = nil
      if let descriptor { detector.add(index: moment.frame, time: moment.time, descriptor) }
      shots = .described(detector)
    case .answered(var merger, let step):
      shots = nil
      let answer = found.first { $0.step == step }
      merger.add(
        index: moment.frame, time: moment.time, single: answer?.score ?? 0, many: answer?.vector.first, descriptor)
      shots = .answered(merger, step: step)
    case nil: break
    }
  }

  /// What all frames together say.
  ///
  /// `end` is where the film ends, in seconds, where that is known; `speech` are spans in which somebody speaks, `nil` where nothing listened.
  func finish(end: Double?, speech: [ClosedRange<Double>]?) -> InsightReport {
    var report = InsightReport()
    report.notes = notes
    switch shots {
    case .described(let detector): (report.figures, report.shots) = (detector.figures, detector.finish(end: end))
    case .answered(let merger, _): (report.figures, report.shots) = (merger.figures, merger.finish(end: end))
    case nil: break
    }
    let scenes = report.shots.map { list in list.shots.map { TimeSpan(start: $0.start, end: $0.end) } } ?? []
    if let breaks { report.breaks = breaks.finish(report.shots ?? ShotList(), speech: speech) }
    report.content = content?.finish(end: end, scenes: scenes)
    report.safety = safety?.finish(end: end, scenes: scenes)
    if let products, let catalogue { report.products = products.finish(catalogue, end: end) }
    if report.products != nil, let note = catalogue?.note { report.notes.append(note) }
    report.attention = attention?.finish(end: end)
    if let note = report.attention?.note { report.notes.append(note) }
    do throws(Fault) {
      report.memorability = try memorability.map { (curve) throws(Fault) in try curve.finish(end: end) }
    } catch { report.notes.append(error.message) }
    return report
  }
}
