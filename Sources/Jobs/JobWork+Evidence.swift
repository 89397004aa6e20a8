internal import Analysis
internal import Base
internal import Catalog
internal import Execution
internal import Items
internal import Library
internal import Predictions
internal import Rollouts

/// What is seen of roll-outs in jobs, which counts once: it is written with what the task brought.
extension JobWork {
  /// Writes that count an item as one that goes by its roll-outs, and to the candidate once that can be had; `old` is the route that it had before.
  func drawing(of route: ItemRoute, after old: ItemRoute?) throws(Fault) -> [Write] {
    try adding(to: route) { (turn, evidence) in
      if old == nil { evidence.routed = 1 }
      guard turn.isCandidate, route.isToCandidate, route.candidate != nil, old?.candidate == nil else { return }
      evidence.routedToCandidate = 1
    }
  }

  /// Writes that count what a task saw; with `isAnswer` it is what answers the item.
  func evidence(of item: JobItem, in job: Job, _ seen: TaskSeen, isAnswer: Bool) throws(Fault) -> [Write] {
    guard let route = item.route else { return [] }
    let steps = try steps(of: job.pipelines[item.pipeline])
    return try adding(to: route) { (turn, evidence) in
      let isCandidate = turn.isCandidate && route.isToCandidate
      let tally = seen.tally(of: steps[turn.model] ?? [])
      if isCandidate { evidence.candidate = tally } else { evidence.baseline = tally }
      if let shadow = seen.shadows[turn.model] {
        (evidence.shadows, evidence.agreement) = (shadow.tally, shadow.agreement)
        if isCandidate { evidence.baseline = shadow.seen } else { evidence.candidate = shadow.seen }
      }
      guard isAnswer, let loss = route.loss else { return }
      if turn.isCandidate { evidence.rescued = 1 }
      if loss.models.contains(turn.model) { evidence.candidate.errors += 1 }
    }
  }

  private func adding(
    to route: ItemRoute, _ body: (ItemRoute.Turn, inout RolloutEvidence) -> Void
  ) throws(Fault) -> [Write] {
    guard let rollouts else { return [] }
    var writes: [Write] = []
    for turn in route.turns {
      var evidence = RolloutEvidence()
      body(turn, &evidence)
      guard !evidence.isEmpty else { continue }
      writes += try rollouts.adding(evidence, to: turn.rollout, of: turn.model, by: worker)
    }
    return writes
  }

  /// Asks the other version of each model for which that was drawn, about the first frames of what was just answered; what it says goes into `seen`,
  /// and nowhere else.
  ///
  /// For as long as it is asked, that stands in the item: a version that costs the worker is not asked again.
  func askShadows(_ sight: Sight, _ asset: Asset, _ item: JobItem, _ task: JobTask, of job: Job, _ seen: inout TaskSeen)
    throws(Fault)
  {
    guard let route = item.route, route.loss == nil else { return }
    for turn in route.turns where turn.isShadowed && !isStopped() {
      guard try mark(asking: turn.model, in: task) else { return }
      seen.shadows[turn.model] = try shadow(turn, route, sight, asset, job.pipelines[item.pipeline], seen.first)
      guard try mark(asking: nil, in: task) else { return }
    }
  }

  private func mark(asking model: String?, in task: JobTask) throws(Fault) -> Bool {
    try change(task) { (item, _) throws(Fault) in
      item.route?.asking = model
      return true
    }
  }

  private func shadow(
    _ turn: ItemRoute.Turn, _ route: ItemRoute, _ sight: Sight, _ asset: Asset, _ pinned: Job.Pinned,
    _ mine: [Int: [Prediction]]
  ) throws(Fault) -> TaskSeen.Shadow? {
    var (shadow, versions) = (TaskSeen.Shadow(), [String: String]())
    let standing = try standing(of: route.turns.map(\.model))
    guard standing.contains(where: { $0.rollout.id == turn.rollout && $0.rollout.state.isActive }) else { return nil }
    for one in standing {
      let isOther = one.rollout.id == turn.rollout
      let isCandidate = route.turns.contains { $0.rollout == one.rollout.id && $0.isCandidate }
      if isCandidate != isOther { versions[one.rollout.model] = one.candidate }
    }
    shadow.tally.chosen = 1
    guard let pipeline = try? pipeline(variant(of: pinned, with: versions)) else {
      // It cannot be had here.
      shadow.tally.dropped = 1
      return shadow
    }
    do throws(Fault) {
      let other = try look(sight, asset, pipeline, most: mine.count)
      let steps = try steps(of: pinned)[turn.model] ?? []
      let own = { AnswerComparison.answers($0, at: Set(steps)) }
      for (frame, predictions) in mine.sorted(by: { $0.key < $1.key }) {
        guard let theirs = other.first[frame] else { continue }
        let (one, two) = (own(predictions), own(theirs))
        shadow.agreement.merge(AnswerComparison.compare(one, two))
      }
      shadow.seen = other.tally(of: steps)
      shadow.tally.answered = 1
    } catch {
      // A file that cannot be read for a while says nothing of a version.
      let isItsFault = isNetworkAtFault ? error.kind != .closed : !Self.isTemporary(error)
      isNetworkAtFault = false
      if isItsFault { shadow.tally.failed = 1 } else { shadow.tally.dropped = 1 }
      if isItsFault, !turn.isCandidate { shadow.seen.errors = 1 }
    }
    return shadow
  }

  /// Looks at the first frames of what an item is about, and keeps nothing of it.
  private func look(
    _ sight: Sight, _ asset: Asset, _ pipeline: LoadedPipeline, most: Int
  ) throws(Fault) -> TaskSeen {
    let analyzer = try Analyzer(
      sight.path, pipeline: pipeline, naming: (asset.name, asset.name), standIn: sight.standIn, keepsPictures: false)
    var seen = TaskSeen()
    defer { isNetworkAtFault = analyzer.isNetworkAtFault }
    let summary = try analyzer.run(
      isStopped: { isStopped() || seen.first.count >= most }, progress: { [beat] _ in beat() }
    ) { (_, stamp, predictions) throws(Fault) in seen.add(stamp.index, predictions) }
    let done = Done(summary, networks: pipeline.models.count, cpuSeconds: 0)
    (seen.inferences, seen.times) = (done.inferences, done.stages[.infer])
    return seen
  }
}
