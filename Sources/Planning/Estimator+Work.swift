internal import Base
internal import Pipelines

/// How many frames and inferences an item is, and what each costs.
extension Estimator {
  /// The frames of an item: by its index where it is known, else by its facts.
  func work(_ item: EstimatedItem, _ layout: FrameLayout?) -> (value: FrameWork, confidence: Confidence) {
    guard let layout else { return work(item) }
    var work = layout.pieces(item.pipeline.sample, gated: false).reduce(FrameWork()) { $0 + $1.work }
    let share = decodedShare(item)
    guard share.confidence > .assumed else { return (work, .measured) }
    // Of what might be decoded, some is not: pictures that no other is made from.
    work.decoded = min(work.decoded, max(work.sampled, Int((share.value * Double(work.frames)).rounded())))
    return (work, share.confidence)
  }

  /// From duration and rate, where nothing is known of the video's entries.
  private func work(_ item: EstimatedItem) -> (value: FrameWork, confidence: Confidence) {
    let frames = item.source.frameCount
    var work = FrameWork(frames: frames, decoded: frames, sampled: frames)
    guard !item.source.isPicture else { return (work, .measured) }
    let (share, gap) = (decodedShare(item), min(Self.usualGap, frames))
    let told = share.confidence > .assumed ? share.value * Double(frames) : nil
    switch item.pipeline.sample {
    case .all: return (work, .measured)
    case .keyFrames:
      // Every key frame is decoded, and nothing else.
      let keys = max(1, min(Int((told ?? Double(frames) / Double(gap)).rounded()), frames))
      (work.sampled, work.decoded) = (keys, keys)
      return (work, share.confidence)
    case .every(let seconds): return (timed(work, seconds, item, gap, told), share.confidence)
    case .fps(let rate): return (timed(work, 1 / rate, item, gap, told), share.confidence)
    }
  }

  /// One frame in a step of time is looked at, and what it is made from is decoded: half of the gap between entries where steps are longer
  /// than that, else all up to the last one in each gap.
  private func timed(_ all: FrameWork, _ step: Double, _ item: EstimatedItem, _ gap: Int, _ told: Double?) -> FrameWork
  {
    var work = all
    let seconds = item.source.duration ?? 0
    work.sampled = max(1, min(all.frames, Int((seconds / step).rounded(.up))))
    let apart = Double(all.frames) / Double(work.sampled)
    let reach = apart >= Double(gap) ? Double(gap) / 2 / apart : 1 - apart / 2 / Double(gap)
    let decoded = told ?? (apart <= 1.5 ? Double(all.frames) : reach * Double(all.frames))
    work.decoded = max(work.sampled, min(all.frames, Int(decoded.rounded())))
    return work
  }

  /// Frames from one entry to the next where nothing says how many: what x264 makes without being told.
  static let usualGap = 250

  private func decodedShare(_ item: EstimatedItem) -> Known {
    book.rate(.decoded(codec: item.source.codec, sampling: item.pipeline.sample))
  }

  func passing(_ item: EstimatedItem) -> Known {
    guard item.pipeline.gate != nil else { return Known(value: 1, confidence: .measured) }
    return book.rate(.passing(pipeline: item.pipelineDigest))
  }

  /// How often each network is asked about a frame that passed the gate.
  private func questions(_ item: EstimatedItem) -> [Known] {
    var asked: [Known] = []
    for (number, step) in item.pipeline.infer.enumerated() {
      let crops = book.rate(.crops(pipeline: item.pipelineDigest, step: number))
      asked.append(step.on == nil ? Known(value: shown(step, item), confidence: .measured) : crops)
    }
    return asked
  }

  /// Of the sampled frames, the share that a network is shown which is shown some of them.
  private func shown(_ step: Pipeline.Infer, _ item: EstimatedItem) -> Double {
    guard let every = step.every else { return 1 }
    let rate =
      switch item.pipeline.sample {
      case .every(let seconds): 1 / seconds
      case .fps(let rate): min(rate, item.source.rate)
      case .all, .keyFrames: item.source.rate
      }
    return min(1, 1 / (every * rate))
  }

  func inferences(_ item: EstimatedItem, _ work: FrameWork) -> [(step: Int, count: Known)] {
    let passing = passing(item)
    return questions(item).enumerated().map { step, asked in
      let count = Double(work.sampled) * passing.value * asked.value
      return (step, Known(value: count, confidence: min(passing.confidence, asked.confidence)))
    }
  }

  /// All work on frames.
  func lines(
    _ item: EstimatedItem, _ work: (value: FrameWork, confidence: Confidence)
  ) -> [Estimate.Line] {
    let (source, sampled) = (item.source, Double(work.value.sampled))
    let decoded = Known(value: Double(work.value.decoded), confidence: work.confidence)
    // Sampling by time says itself how many frames are looked at; how many key frames there are, only tasks or an index do.
    let certainty = item.pipeline.sample == .keyFrames ? work.confidence : .measured
    var lines = [
      line(
        "read \(source.codec)", Known(value: Double(work.value.frames), confidence: .measured),
        .pass(codec: source.codec)),
      line("decode \(source.codec) \(source.size)", decoded, .decode(codec: source.codec, size: source.size)),
    ]
    if item.pipeline.gate != nil {
      lines.append(line("gate", Known(value: sampled, confidence: certainty), .gate(size: source.size)))
    }
    lines.append(
      line("answers of frames", Known(value: sampled, confidence: certainty), .frame(pipeline: item.pipelineDigest)))
    for (step, count) in inferences(item, work.value) {
      let known = Known(value: count.value, confidence: min(count.confidence, certainty))
      lines.append(line("prepare", known, .prepare(size: source.size)))
      lines.append(line("infer \(item.pipeline.infer[step].name)", known, .infer(model: item.models[step])))
    }
    return lines
  }

  /// Decoding a film, and scaling what a rendition shows of it; what encoding costs is not known, and is not in it.
  func makingLines(_ film: SourceFacts, of rendition: SourceFacts) -> [Estimate.Line] {
    let all = Known(value: Double(film.frameCount), confidence: .measured)
    let shown = Known(value: Double(min(film.frameCount, rendition.frameCount)), confidence: .measured)
    return [
      line("read \(film.codec)", all, .pass(codec: film.codec)),
      line("decode \(film.codec) \(film.size)", all, .decode(codec: film.codec, size: film.size)),
      line("scale to \(rendition.size)", shown, .prepare(size: film.size)),
    ]
  }

  /// The same per frame, for cutting.
  func cost(_ item: EstimatedItem) -> FrameCost {
    let source = item.source
    var looked = book.rate(.frame(pipeline: item.pipelineDigest)).value
    if item.pipeline.gate != nil { looked += book.rate(.gate(size: source.size)).value }
    for (step, asked) in questions(item).enumerated() {
      let each = book.rate(.prepare(size: source.size)).value + book.rate(.infer(model: item.models[step])).value
      looked += passing(item).value * asked.value * each
    }
    return FrameCost(
      passed: book.rate(.pass(codec: source.codec)).value,
      decoded: book.rate(.decode(codec: source.codec, size: source.size)).value, sampled: looked)
  }
}
