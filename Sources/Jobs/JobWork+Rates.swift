public import Base
internal import Catalog
internal import Execution
internal import Items
public import Library
internal import Objects
internal import Pipelines
public import Planning
internal import Predictions
internal import Reports
internal import Store

/// What tasks cost on machines of one kind, as a library keeps it.
public struct RateKeeper: Sendable {
  private let library: Library

  public init(_ library: Library) { self.library = library }

  /// Machines whose processors have the same name are of one kind.
  public static var machine: String { String(Processor.name.prefix(100)) }

  /// What is known of machines like this one.
  public func rates() throws(Fault) -> Rates {
    guard let item = try library.table.get(LibraryKeys.rates(Self.machine)) else { return Rates(machine: Self.machine) }
    return try Rates(bytes: item.body)
  }

  /// Adds what was measured.
  func add(_ measured: Rates) throws(Fault) {
    let key = LibraryKeys.rates(Self.machine)
    try library.change("what tasks cost") { () throws(Fault) in
      let item = try library.table.get(key)
      var rates = try item.map { (item) throws(Fault) in try Rates(bytes: item.body) } ?? Rates(machine: Self.machine)
      rates.merge(measured)
      return ([.put(key, rates.bytes, if: item.map { .version($0.version) } ?? .absent)], ())
    }
  }
}

extension JobWork {
  /// What a task did, for what the next ones are expected to cost.
  struct Done {
    var frames = 0
    var decoded = 0
    var sampled = 0
    /// Those that the gate passed over.
    var passedOver = 0
    /// Inferences of each network.
    var inferences: [Int] = []
    var stages = StageTimes()
    var cpuSeconds = 0.0
  }

  /// Takes in what a task measured; kept in the library now and then, since it is no loss where it is lost.
  func measure(_ done: Done, _ source: SourceFacts, _ pipeline: LoadedPipeline) {
    let weights = done.inferences.reduce(0, +)
    let seconds = done.stages.seconds(.infer)
    let steps = zip(pipeline.models, done.inferences).map { (model, count) in
      TaskMeasurement.Step(
        model: model.digest, inferences: count, seconds: seconds * Double(count) / Double(max(1, weights)))
    }
    guard steps.count == pipeline.pipeline.infer.count else { return }
    var task = TaskMeasurement(
      codec: source.codec, size: source.size, pipeline: pipeline.digest, sampling: pipeline.sampling,
      work: FrameWork(frames: done.frames, decoded: done.decoded, sampled: done.sampled),
      passed: pipeline.pipeline.gate == nil ? nil : done.sampled - done.passedOver, steps: steps,
      cpuSeconds: done.cpuSeconds)
    (task.decodeSeconds, task.prepareSeconds) = (done.stages.seconds(.decode), done.stages.seconds(.prepare))
    task.memoryBytes = ProcessFigures.now.residentBytes
    measured.add(task, isCropped: pipeline.pipeline.infer.map { $0.on != nil })
    measuredCount += 1
  }

  /// Does what is done between tasks now and then; `always` at the end.
  func catchUp(always: Bool = false) {
    keepTotals(always: always)
    keepRates(always: always)
  }

  /// The same where no task may be had, and now and then a look for tasks that nobody handed out.
  func whenIdle() throws(Fault) {
    catchUp()
    if Clock.now - copiesTrimmed > 3_600_000_000_000 {
      copiesTrimmed = Clock.now
      try desk.library.objects.trimCopies()
    }
    guard Clock.now - forgottenSought > 10_000_000_000 else { return }
    forgottenSought = Clock.now
    try desk.handOutForgotten()
  }

  /// Adds what was measured to what the library knows, where that is some time ago; `always` at the end.
  private func keepRates(always: Bool = false) {
    guard measuredCount > 0, always || Clock.now - ratesKept > 20_000_000_000 else { return }
    ratesKept = Clock.now
    guard (try? RateKeeper(desk.library).add(measured)) != nil else { return }
    (measured, measuredCount) = (Rates(machine: RateKeeper.machine), 0)
  }

  /// Has totals follow what was published, once a second at most, so that a task costs no sync of its own for them; `always` at the end.
  ///
  /// A reader of totals brings them up to date first: nothing is missing meanwhile.
  func keepTotals(always: Bool = false) {
    guard totalsAreBehind, always || Clock.now - totalsSettled > 1_000_000_000 else { return }
    totalsSettled = Clock.now
    if (try? desk.library.settle()) != nil { totalsAreBehind = false }
  }

  /// Why the job's profile cannot do an item, before anything runs; `nil` where it can.
  func refusal(_ asset: Asset, _ pinned: Job.Pinned, in job: Job) throws(Fault) -> Fault? {
    guard job.profile != TaskProfile.local.name else { return nil }
    let profile = try TaskProfile.named(job.profile)
    let pipeline = try JobDesk.pipelines([pinned])[0]
    let item = EstimatedItem(SourceFacts(asset).seen(through: pipeline.proxy), pinned, pipeline)
    do throws(Fault) {
      try profile.check(Estimator(try rates(), profile: profile).need(item))
      return nil
    } catch { return error.kind == .tooLarge ? error : nil }
  }

  /// As they were a minute ago at most.
  func rates() throws(Fault) -> Rates {
    if let (rates, time) = knownRates, Clock.now - time < 60_000_000_000 { return rates }
    let rates = try RateKeeper(desk.library).rates()
    knownRates = (rates, Clock.now)
    return rates
  }
}

extension JobWork.Done {
  /// Of a run through all of a film.
  init(_ summary: FileSummary, networks: Int, cpuSeconds: Double) {
    frames = summary.framesInFile ?? summary.framesDecoded
    (decoded, sampled, stages) = (summary.framesDecoded, summary.framesAnalyzed, summary.stages)
    func counts(_ kind: String) -> [FileSummary.Step.Count] {
      summary.steps.filter { $0.kind == kind }.flatMap(\.counts)
    }
    if let count = counts("sample").first { sampled = count.value }
    if let count = counts("gate").first(where: { $0.name == "passed_over" }) { passedOver = count.value }
    inferences = counts("infer").map(\.value)
    if inferences.isEmpty { inferences = Array(repeating: summary.framesAnalyzed, count: networks) }
    self.cpuSeconds = cpuSeconds
  }

  /// Of a part.
  init(_ counts: FrameAnswers.Counts, frames: Int, cpuSeconds: Double) {
    (self.frames, decoded, sampled) = (frames, counts.framesDecoded, counts.framesSampled)
    (passedOver, inferences, stages, self.cpuSeconds) = (counts.passedOver, counts.jobs, counts.stages, cpuSeconds)
  }
}

extension StageTimes {
  func seconds(_ stage: Stage) -> Double { self[stage].mean * Double(self[stage].count) / 1e6 }
}
