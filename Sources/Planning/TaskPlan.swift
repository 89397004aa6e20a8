public import Base
internal import Crypto

/// How one pipeline is run over one video: the tasks, and everything that a worker must keep to so that the answer is the same anywhere.
///
/// A value that is written as JSON (``TaskPlan/bytes``); its digest is that of these bytes, so the plan is an object like any other.
public struct TaskPlan: Sendable, Hashable {
  /// SHA-256 of the bytes that are looked at, the video's or those of a rendition of it, 64 hexadecimal digits.
  public var object: String
  /// Where that is a rendition: SHA-256 of what it shows of its video, likewise.
  public var rendition: String?
  public var source: SourceFacts
  /// The pipeline's normal form, which can be run.
  public var pipelineText: String
  /// The pipeline's identity, `sha256:…`.
  public var pipelineDigest: String
  /// One for each network of the pipeline, in order.
  public var models: [PinnedModel]
  /// Name and version: `OpenVINO 2026.4.1-22982`.
  public var engine: String
  /// SHA-256 of the frame index, and the frames that it counts; `nil` where the video is not cut.
  public var index: PlannedIndex?
  public let cuts: Cuts
  public var profile: TaskProfile
  /// CPU seconds that each task is expected to take, to whole milliseconds.
  public let expected: [Double]

  public struct PlannedIndex: Sendable, Hashable {
    /// 64 hexadecimal digits.
    public var digest: String
    public var frameCount: Int

    public init(digest: String, frameCount: Int) { (self.digest, self.frameCount) = (digest, frameCount) }
  }

  /// `expected` has an entry for each task; chunks need an index.
  public init(
    object: String, source: SourceFacts, pipelineText: String, pipelineDigest: String, models: [PinnedModel],
    engine: String, index: PlannedIndex?, cuts: Cuts, profile: TaskProfile, expected: [Double]
  ) {
    precondition(expected.count == cuts.taskCount, "each task has an expectation")
    if case .chunks(let ranges) = cuts {
      precondition(index?.frameCount == ranges.last?.upperBound, "chunks are cut by an index, and cover its frames")
    }
    (self.object, self.source, self.pipelineText) = (object, source, pipelineText)
    (self.pipelineDigest, self.models, self.engine) = (pipelineDigest, models, engine)
    (self.index, self.cuts, self.profile) = (index, cuts, profile)
    self.expected = expected.map { ($0 * 1e3).rounded() / 1e3 }
  }

  /// SHA-256 of ``bytes``, 64 hexadecimal digits.
  public var digest: String { SHA256.hex(of: bytes) }
}

extension TaskPlan {
  /// What one task of a plan is to do.
  public enum Work: Sendable, Hashable {
    /// The sequential run.
    case whole
    /// Frame answers for these frames.
    case chunk(Range<Int>)
    /// All frame answers to predictions, once every chunk is done.
    case merge
  }

  /// Chunks are 0 up to the number of the merge, which is the last; a whole video is task 0.
  public var taskCount: Int { cuts.taskCount }

  /// The task that gathers what the others found; `nil` where there is but one.
  public var mergeNumber: Int? { cuts.chunkCount > 0 ? cuts.chunkCount : nil }

  /// What a task does; `badInput` for a number that the plan does not have.
  public func work(of task: Int) throws(Fault) -> Work {
    guard (0..<taskCount).contains(task) else {
      throw Fault(.badInput, "the plan has no task \(task): its tasks are 0 to \(taskCount - 1)")
    }
    guard case .chunks(let ranges) = cuts else { return .whole }
    return task < ranges.count ? .chunk(ranges[task]) : .merge
  }

  /// The same work as one sequential run, for what turned out not to be sure in parts.
  public func undivided(_ reason: Cuts.WholeReason) -> TaskPlan {
    var plan = TaskPlan(
      object: object, source: source, pipelineText: pipelineText, pipelineDigest: pipelineDigest, models: models,
      engine: engine, index: nil, cuts: .whole(reason), profile: profile, expected: [expected.reduce(0, +)])
    plan.rendition = rendition
    return plan
  }
}
