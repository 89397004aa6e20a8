public import Base
public import Pipelines

/// One video and one pipeline, as an estimate sees them.
public struct EstimatedItem: Sendable, Hashable {
  public var source: SourceFacts
  public var pipeline: Pipeline
  /// Begins with `sha256:`.
  public var pipelineDigest: String
  /// The pipeline's networks, in order, as rates name them (``RateKey/infer(model:)``).
  public var models: [String]
  /// The film, where a rendition of it is the source and has to be made first.
  public var film: SourceFacts?

  public init(source: SourceFacts, pipeline: Pipeline, pipelineDigest: String, models: [String]) {
    precondition(models.count == pipeline.infer.count, "there is one model for each network")
    (self.source, self.pipeline, self.pipelineDigest, self.models) = (source, pipeline, pipelineDigest, models)
  }
}

/// Says what items will take on one kind of machine under one profile, and cuts them accordingly.
public struct Estimator: Sendable {
  public let profile: TaskProfile
  let book: RateBook

  /// `others` are rates of other kinds of machines, the most alike first.
  public init(_ rates: Rates, others: [Rates] = [], profile: TaskProfile = .local) {
    (book, self.profile) = (RateBook(rates: rates, others: others), profile)
  }

  /// Bytes of what a task writes of a frame, about: twenty predictions.
  static let answerBytes = 2048

  /// What an item will take; of a video whose index is known, `layout` tells its frames, else its facts do.
  public func estimate(_ item: EstimatedItem, layout: FrameLayout? = nil, price: MachinePrice? = nil) -> Estimate {
    let work = self.work(item, layout)
    var estimate = Estimate()
    (estimate.items, estimate.work, estimate.duration) = (1, work.value, item.source.duration ?? 0)
    for line in lines(item, work) { estimate.add(line) }
    estimate.inferences = inferences(item, work.value).reduce(0) { $0 + $1.count.value }
    let chunks = size(item, wished: 1).count(of: estimate.cpuSeconds)
    estimate.tasks = chunks > 1 && !item.source.isPicture ? chunks + 1 : 1
    for line in ownLines(item, tasks: estimate.tasks) { estimate.add(line) }
    // Before it is cut, so it makes no more tasks.
    if let film = item.film { for line in makingLines(film, of: item.source) { estimate.add(line) } }
    let need = need(item, work.value)
    (estimate.memoryBytes, estimate.diskBytes) = (need.memoryBytes, need.diskBytes)
    let reads = profile.copiesObjects ? max(1, estimate.tasks - 1) : 1
    let bytes = item.source.byteCount.multipliedReportingOverflow(by: reads)
    estimate.bytesRead = bytes.overflow ? .max : bytes.partialValue
    estimate.isUpperBound = item.pipeline.gate != nil && passing(item).confidence == .assumed
    estimate.money = price?.money(for: estimate, profile)
    return estimate
  }

  /// What a task of the item needs at most.
  public func need(_ item: EstimatedItem) -> TaskNeed { need(item, work(item, nil).value) }

  private func need(_ item: EstimatedItem, _ work: FrameWork) -> TaskNeed {
    let memory = book.rate(.memory(pipeline: item.pipelineDigest, size: item.source.size)).value
    let answers = work.sampled.multipliedReportingOverflow(by: Self.answerBytes).partialValue
    let copy = profile.copiesObjects ? item.source.byteCount : 0
    return TaskNeed(memoryBytes: Int(min(memory, 1e15)), diskBytes: max(0, min(copy, 1 << 60) + min(answers, 1 << 60)))
  }

  /// Cuts a video by its index, and says how many CPU seconds each task is expected to take, the merge last.
  ///
  /// Faults are `tooLarge`, say what does not fit, and name the way out.
  public func cut(
    _ item: EstimatedItem, _ layout: FrameLayout?, wished: Int = 1
  ) throws(Fault) -> (cuts: Cuts, expected: [Double]) {
    try profile.check(need(item))
    let size = size(item, wished: wished)
    let (cost, gated) = (cost(item), item.pipeline.gate != nil)
    if let layout, !item.source.isPicture {
      let cuts = try Cuts(layout, sampling: item.pipeline.sample, gated: gated, cost: cost, size: size)
      if case .chunks(let ranges) = cuts {
        return (cuts, expected(ranges, layout, item, cost, size))
      }
      if case .whole(.unindexed) = cuts { return (cuts, [try whole(item, cost, size)]) }
      let work = layout.pieces(item.pipeline.sample, gated: gated).reduce(FrameWork()) { $0 + $1.work }
      return (cuts, [cost.seconds(work) + size.fixed])
    }
    return (.whole(item.source.isPicture ? .picture : .unindexed), [try whole(item, cost, size)])
  }

  /// The expectation of a video that cannot be cut, which must fit as it is.
  private func whole(_ item: EstimatedItem, _ cost: FrameCost, _ size: CutSize) throws(Fault) -> Double {
    let seconds = cost.seconds(work(item, nil).value) + size.fixed
    guard seconds <= size.most else {
      throw Fault(
        .tooLarge,
        "this video cannot be cut, because its packets do not tell its frames, and takes about \(NumberFormat.measure(seconds)) CPU seconds, where a task has \(NumberFormat.measure(size.most)): look at fewer frames (sample), or take a profile with more time"
      )
    }
    return seconds
  }

  private func expected(
    _ ranges: [Range<Int>], _ layout: FrameLayout, _ item: EstimatedItem, _ cost: FrameCost, _ size: CutSize
  ) -> [Double] {
    var (rest, seconds) = (layout.pieces(item.pipeline.sample, gated: item.pipeline.gate != nil)[...], [Double]())
    for range in ranges {
      let own = rest.prefix { $0.frames.lowerBound < range.upperBound }
      seconds.append(own.reduce(size.fixed) { $0 + cost.seconds($1.work) })
      rest = rest.dropFirst(own.count)
    }
    return seconds + [book.rate(.item).value]
  }

  private func size(_ item: EstimatedItem, wished: Int) -> CutSize {
    CutSize(target: profile.target, most: profile.mostCPUSeconds, fixed: fixed(item), wished: wished)
  }

  /// CPU seconds that each task costs by itself.
  private func fixed(_ item: EstimatedItem) -> Double {
    let loading = profile.loadsEachTask ? Set(item.models).sorted().map { book.rate(.load(model: $0)).value } : []
    return book.rate(.task).value + loading.reduce(0, +)
  }

  private func ownLines(_ item: EstimatedItem, tasks: Int) -> [Estimate.Line] {
    let chunks = Double(max(1, tasks - 1))
    var lines = [line("each task", Known(value: chunks, confidence: .measured), .task)]
    if profile.loadsEachTask {
      for (number, model) in item.models.enumerated() where item.models.firstIndex(of: model) == number {
        let name = item.pipeline.infer[number].name
        lines.append(line("load \(name)", Known(value: chunks, confidence: .measured), .load(model: model)))
      }
    }
    return lines + [line("each video", Known(value: 1, confidence: .measured), .item)]
  }

  func line(_ what: String, _ count: Known, _ key: RateKey) -> Estimate.Line {
    let rate = book.rate(key)
    return Estimate.Line(
      what: what, count: count.value, cpuSeconds: count.value * rate.value,
      confidence: min(rate.confidence, count.confidence))
  }
}
