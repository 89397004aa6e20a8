public import Base
internal import Bus
internal import Catalog
internal import Items
internal import Library
internal import Pipelines
internal import Rollouts

/// Items of jobs, where models of their pipelines are being rolled out: each goes by its asset's id.
extension JobWork {
  /// Nanoseconds for which roll-outs are taken as they were read last.
  private static let standingAge: UInt64 = 200_000_000

  func standing(of models: [String], isFresh: Bool = false) throws(Fault) -> [StandingRollout] {
    guard let rollouts else { return [] }
    if !isFresh, let (standing, time) = knownRollouts[models], Clock.now - time < Self.standingAge { return standing }
    let standing = try rollouts.standing(of: models)
    if knownRollouts.count == Self.mostVerified { knownRollouts = [:] }
    knownRollouts[models] = (standing, Clock.now)
    return standing
  }

  /// The item with the versions that are to answer it; drawn when it is begun, and kept then.
  ///
  /// One whose candidate is out by now goes to the baseline. `nil` where it was settled, or begun anew, meanwhile.
  func routed(_ item: JobItem, _ task: JobTask, of job: Job) throws(Fault) -> JobItem? {
    guard rollouts != nil, !job.isExternal else { return item }
    let pinned = job.pipelines[item.pipeline]
    var item = item
    if item.route == nil {
      guard let route = try draw(item, pinned) else { return item }
      guard let drawn = try keep(route, in: item, task) else { return nil }
      item = drawn
    }
    guard var route = item.route, route.isToCandidate else { return item }
    if try isOut(route) {
      route.loss = Self.over
    } else if route.candidate == nil {
      // By what is kept already whoever watches this worker knows whose fault it is that it crashes or hangs here.
      try prove(&route, pinned)
    } else {
      return item
    }
    return try keep(route, in: item, task)
  }

  /// Keeps a route in an item that nothing was done of; `nil` where it was settled, or begun anew, meanwhile.
  private func keep(_ route: ItemRoute, in item: JobItem, _ task: JobTask) throws(Fault) -> JobItem? {
    _ = try change(task) { (now, writes) throws(Fault) in
      guard now.state == .waiting, now.route == item.route else { return false }
      now.route = route
      writes += try drawing(of: route, after: item.route)
      return true
    }
    return try self.item(of: task).flatMap { $0.state == .waiting ? $0 : nil }
  }

  /// Finds out whether the candidates that were drawn can be had here.
  private func prove(_ route: inout ItemRoute, _ pinned: Job.Pinned) throws(Fault) {
    var versions: [String: String] = [:]
    for one in try standing(of: route.turns.map(\.model))
    where route.turns.contains(where: { $0.isCandidate && $0.rollout == one.rollout.id }) {
      versions[one.rollout.model] = one.candidate
    }
    guard versions.count == route.candidates.count else {
      route.loss = Self.over
      return
    }
    do throws(Fault) { route.candidate = ItemRoute.Variant(try variant(of: pinned, with: versions)) } catch {
      route.loss = ItemRoute.Loss(error.message)
    }
  }

  private static let over = ItemRoute.Loss("its roll-out is over")

  /// An item that is cut goes on as it was begun, unless its candidate is out: then it is begun anew; whether it was.
  func isBegunAnew(_ item: JobItem, _ task: JobTask) throws(Fault) -> Bool {
    guard let route = item.route, try isOut(route) else { return false }
    return try leaveCandidate(task)
  }

  /// Has the baseline answer an item whose roll-out is over; `false` where no candidate was to.
  func leaveCandidate(_ task: JobTask) throws(Fault) -> Bool { try fallBack(task) { _ in Self.over } }

  /// A candidate of it was to answer, and is not to any more.
  ///
  /// With `isFresh` as it stands now, for a transaction that publishes.
  func isOut(_ route: ItemRoute, isFresh: Bool = false) throws(Fault) -> Bool {
    guard rollouts != nil, route.isToCandidate else { return false }
    let known = try standing(of: route.turns.map(\.model), isFresh: isFresh)
    let open = Set(known.filter(\.isOpen).map(\.rollout.id))
    return route.turns.contains { $0.isCandidate && !open.contains($0.rollout) }
  }

  /// What roll-outs draw for an item that nothing was done of; `nil` where none concerns it.
  private func draw(_ item: JobItem, _ pinned: Job.Pinned) throws(Fault) -> ItemRoute? {
    // A model that is named by its file stays that file.
    let names = try steps(of: pinned).keys.filter { !$0.contains("/") }
    let (standing, key) = (try standing(of: names.sorted()).filter(\.isOpen), item.asset.text)
    var (turns, versions) = ([ItemRoute.Turn](), [String: String]())
    for one in standing where pinned.published.contains("\(one.rollout.model)@\(one.baseline)") {
      let rollout = one.rollout
      let isCandidate = rollout.canaryShare.has(key, rollout.share)
      if isCandidate { versions[rollout.model] = one.candidate }
      turns.append(
        ItemRoute.Turn(
          model: rollout.model, rollout: rollout.id, isCandidate: isCandidate,
          isShadowed: rollout.shadowShare.has(key, rollout.shadow)))
    }
    guard !turns.isEmpty else { return nil }
    return ItemRoute(turns, candidate: knownVariants[Self.name(pinned, versions)].map { ItemRoute.Variant($0) })
  }

  func variant(of pinned: Job.Pinned, with versions: [String: String]) throws(Fault) -> Job.Pinned {
    guard let rollouts, !versions.isEmpty else { return pinned }
    let name = Self.name(pinned, versions)
    if let known = knownVariants[name] { return known }
    let variant = try rollouts.variant(of: pinned, with: versions)
    if knownVariants.count == Self.mostVerified { knownVariants = [:] }
    knownVariants[name] = variant
    return variant
  }

  private static func name(_ pinned: Job.Pinned, _ versions: [String: String]) -> String {
    "\(pinned.digest) \(versions.sorted { $0.key < $1.key })"
  }

  /// At which steps of a pipeline its models work, by the names that it gives them.
  func steps(of pinned: Job.Pinned) throws(Fault) -> [String: [Int]] {
    if let known = knownSteps[pinned.digest] { return known }
    var steps: [String: [Int]] = [:]
    for (place, step) in try JobDesk.pipelines([pinned])[0].infer.enumerated() {
      steps[step.model, default: []].append(place)
    }
    if knownSteps.count == Self.mostVerified { knownSteps = [:] }
    knownSteps[pinned.digest] = steps
    return steps
  }

  /// Has the baseline answer an item that a candidate was to answer; `false` where none was.
  private func fallBack(_ task: JobTask, _ loss: (ItemRoute) -> ItemRoute.Loss) throws(Fault) -> Bool {
    try beginAnew(task) { route in
      guard route.isToCandidate else { return false }
      (route.loss, route.asking) = (loss(route), nil)
      return true
    }
  }

  /// Begins an item anew where its route is changed, so that no two versions answer one asset, and what was begun before is refused.
  ///
  /// - Returns: `false` where `edit` says that there is nothing to change.
  private func beginAnew(_ task: JobTask, _ edit: (inout ItemRoute) -> Bool) throws(Fault) -> Bool {
    guard let old = try item(of: task), !old.state.isSettled, var next = old.route, edit(&next) else { return false }
    let isDone = try change(task) { (item, _) throws(Fault) in
      guard var route = item.route, edit(&route) else { return false }
      item.retry()
      item.route = route
      return true
    }
    guard isDone, let job = try desk.read(task.job)?.job else { return true }
    try desk.clear(old)
    try desk.add([JobTask(.item, job.id, number: old.number, generation: old.generation + 1)], of: job)
    return true
  }

  /// The same where a task of the item failed; with `isError` that is the candidate's, once the baseline has answered.
  func fallBack(from task: JobTask, because fault: Fault, isError: Bool) throws(Fault) -> Bool {
    try fallBack(task) { ItemRoute.Loss(fault.message, errorOf: isError ? $0.candidates : []) }
  }

  /// The same where a task of the item cost its worker: that is the candidate's, unless another version was being asked as well.
  func fallBack(lost task: JobTask, because fault: Fault) throws(Fault) -> Bool {
    try beginAnew(task) { route in
      guard task.kind != .piece, let asked = route.turns.first(where: { $0.model == route.asking }) else {
        guard route.isToCandidate else { return false }
        route.loss = ItemRoute.Loss(fault.message, errorOf: route.candidates)
        return true
      }
      route.giveUpAsking()
      // The baseline was asked beside its candidate, which goes on.
      if asked.isCandidate { return true }
      route.loss = ItemRoute.Loss(fault.message, errorOf: [asked.model])
      return true
    }
  }

  /// For whoever watches a worker that crashed or hung over a task: the baseline answers the item, where a candidate was to, and what was asked as
  /// well is not asked again.
  ///
  /// - Returns: whether the task is over, because the item was begun anew.
  public func fallBack(_ payload: [UInt8], because fault: Fault) throws(Fault) -> Bool {
    let task = try JobTask(payload)
    guard [.item, .piece, .merge].contains(task.kind) else { return false }
    return try fallBack(lost: task, because: fault)
  }

  /// The item where nobody is asked as well any more: whoever was when the worker was ended is not asked again, and is not blamed for what comes now.
  func unasked(_ item: JobItem, _ task: JobTask) throws(Fault) -> JobItem? {
    guard task.kind != .piece, item.route?.asking != nil else { return item }
    _ = try change(task) { (item, _) throws(Fault) in
      item.route?.giveUpAsking()
      return true
    }
    return try self.item(of: task)
  }
}
