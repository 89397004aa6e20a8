public import Base

/// What a unit of work is, whose cost was measured.
public enum RateKey: Sendable, Hashable {
  /// CPU seconds of a decoded frame; the size is that of the upright picture.
  case decode(codec: String, size: Size)
  /// CPU seconds of a frame that is gone through, packet by packet, decoded or not.
  case pass(codec: String)
  /// CPU seconds of a gate's look at a frame.
  case gate(size: Size)
  /// CPU seconds until a frame, or a crop of it, lies in a network's input.
  case prepare(size: Size)
  /// CPU seconds of what else a pipeline does about a frame that it looks at, writing its answers among it.
  case frame(pipeline: String)
  /// CPU seconds of one inference, answers decoded.
  ///
  /// `model` names what costs the same: the bytes of the network and its precision. A threshold makes another digest of a model, and costs nothing.
  case infer(model: String)
  /// CPU seconds until a network can be asked.
  case load(model: String)
  /// CPU seconds that a task, or a video, costs whatever its length.
  case task, item
  /// The share of sampled frames that a pipeline's gate lets pass; the pipeline is its digest.
  case passing(pipeline: String)
  /// Crops that one network of a pipeline is shown of a frame that passed.
  case crops(pipeline: String, step: Int)
  /// Frames that are decoded for each that is gone through.
  case decoded(codec: String, sampling: Sampling)
  /// Bytes of memory that a task had at most.
  case memory(pipeline: String, size: Size)
}

extension RateKey {
  /// One key for what is one thing: a rate of frames is its step of time.
  var normal: RateKey {
    guard case .decoded(let codec, let sampling) = self else { return self }
    switch sampling {
    case .all, .keyFrames: return self
    case .every(let seconds): return .decoded(codec: codec, sampling: .every(seconds: (seconds * 1e9).rounded() / 1e9))
    case .fps(let rate): return .decoded(codec: codec, sampling: .every(seconds: (1e9 / rate).rounded() / 1e9))
    }
  }
}

/// A mean, and of how many units it is.
public struct MeasuredRate: Sendable, Hashable {
  public private(set) var mean: Double
  public private(set) var count: Double

  /// Units that count at most: what is measured now outweighs what was measured long ago.
  public static let mostCount = 200_000.0

  public init(mean: Double, count: Double) {
    self.mean = (mean * 1e12).rounded() / 1e12
    self.count = min((count * 1e3).rounded() / 1e3, Self.mostCount)
  }

  mutating func add(total: Double, count added: Double) {
    let all = count + added
    self = MeasuredRate(mean: (mean * count + total) / all, count: all)
  }
}

/// What work costs on one kind of machine, as finished tasks measured it.
///
/// Kept as JSON (``Rates/bytes``); equal rates are equal bytes.
public struct Rates: Sendable, Hashable {
  /// The kind of machine: tasks of all machines that share this name are one measurement.
  public let machine: String
  var known: [RateKey: MeasuredRate] = [:]

  public init(machine: String) { self.machine = machine }

  public subscript(_ key: RateKey) -> MeasuredRate? { known[key.normal] }

  public var isEmpty: Bool { known.isEmpty }

  /// Adds so many units that took so much together; what is no measurement (no unit, no number, below zero) is left out.
  public mutating func add(_ key: RateKey, total: Double, count: Double) {
    guard count > 0, count.isFinite, total >= 0, total.isFinite else { return }
    known[key.normal, default: MeasuredRate(mean: 0, count: 0)].add(total: total, count: count)
  }

  /// Notes what something needed, where it is more than was ever needed.
  public mutating func raise(_ key: RateKey, to value: Double) {
    guard value.isFinite, value >= 0 else { return }
    let before = known[key] ?? MeasuredRate(mean: 0, count: 0)
    known[key] = MeasuredRate(mean: max(before.mean, value), count: before.count + 1)
  }

  /// Adds what other tasks on machines of this kind measured.
  public mutating func merge(_ other: Rates) {
    for (key, rate) in other.known {
      if case .memory = key {
        raise(key, to: rate.mean)
      } else {
        add(key, total: rate.mean * rate.count, count: rate.count)
      }
    }
  }
}

/// What one finished task measured.
///
/// Seconds of a stage are those of the one thread that works on it.
public struct TaskMeasurement: Sendable, Hashable {
  /// What one network of the pipeline did.
  public struct Step: Sendable, Hashable {
    public var model: String
    public var inferences: Int
    public var seconds: Double

    public init(model: String, inferences: Int, seconds: Double) {
      (self.model, self.inferences, self.seconds) = (model, inferences, seconds)
    }
  }

  public var codec: String
  /// Of the upright picture.
  public var size: Size
  /// The pipeline's digest.
  public var pipeline: String
  public var sampling: Sampling
  public var work: FrameWork
  /// Sampled frames that the gate let pass; `nil` without one.
  public var passed: Int?
  /// One for each network of the pipeline, in order.
  public var steps: [Step]
  public var decodeSeconds = 0.0
  public var gateSeconds = 0.0
  public var prepareSeconds = 0.0
  /// CPU seconds before the first frame and behind the last, which a task costs however many frames it has.
  public var ownSeconds = 0.0
  /// Of the whole task, all threads, as the system counts it.
  public var cpuSeconds: Double
  /// The most that the process had; 0 where it is not known.
  public var memoryBytes = 0

  public init(
    codec: String, size: Size, pipeline: String, sampling: Sampling, work: FrameWork, passed: Int? = nil,
    steps: [Step], cpuSeconds: Double
  ) {
    (self.codec, self.size, self.pipeline, self.sampling) = (codec, size, pipeline, sampling)
    (self.work, self.passed, self.steps, self.cpuSeconds) = (work, passed, steps, cpuSeconds)
  }
}

extension Rates {
  /// Takes a task's measurement apart; a stage of no seconds was not measured.
  ///
  /// Where stages took longer by the clock than the task had of the processor, they waited for it, all alike; what neither they nor
  /// the task's own seconds explain is shared among its frames. `isCropped` says of each network that it is shown crops.
  public mutating func add(_ task: TaskMeasurement, isCropped: [Bool]) {
    let stages = task.decodeSeconds + task.gateSeconds + task.prepareSeconds + task.steps.reduce(0) { $0 + $1.seconds }
    guard stages.isFinite, task.cpuSeconds > 0, isCropped.count == task.steps.count else { return }
    let own = min(max(0, task.ownSeconds), task.cpuSeconds)
    let scale = min(1, (task.cpuSeconds - own) / max(stages, 1e-12))
    let (work, looked) = (task.work, Double(task.passed ?? task.work.sampled))
    addDecoding(task, seconds: task.decodeSeconds * scale)
    add(
      .decoded(codec: task.codec, sampling: task.sampling), total: Double(work.decoded), count: Double(work.frames))
    if let passed = task.passed {
      addKnown(.gate(size: task.size), task.gateSeconds * scale, count: work.sampled)
      add(.passing(pipeline: task.pipeline), total: Double(passed), count: Double(work.sampled))
    }
    let inferences = task.steps.reduce(0) { $0 + $1.inferences }
    addKnown(.prepare(size: task.size), task.prepareSeconds * scale, count: inferences)
    for (number, step) in task.steps.enumerated() {
      addKnown(.infer(model: step.model), step.seconds * scale, count: step.inferences)
      guard isCropped[number] else { continue }
      add(.crops(pipeline: task.pipeline, step: number), total: Double(step.inferences), count: looked)
    }
    add(.task, total: own, count: 1)
    add(
      .frame(pipeline: task.pipeline), total: max(0, task.cpuSeconds - stages * scale - own),
      count: Double(work.sampled))
    if task.memoryBytes > 0 {
      raise(.memory(pipeline: task.pipeline, size: task.size), to: Double(task.memoryBytes))
    }
  }

  private mutating func addKnown(_ key: RateKey, _ seconds: Double, count: Int) {
    if seconds > 0 { add(key, total: seconds, count: Double(count)) }
  }

  /// A reader tells decoding together with going through frames that are not decoded.
  ///
  /// Where most frames are decoded, what is not known of going through them matters little, and the rest is decoding; where few are, it is
  /// the other way round.
  private mutating func addDecoding(_ task: TaskMeasurement, seconds: Double) {
    guard seconds > 0 else { return }
    let book = RateBook(rates: self, others: [])
    let (frames, decoded) = (Double(task.work.frames), Double(task.work.decoded))
    if decoded * 2 >= frames {
      let reading = book.rate(.pass(codec: task.codec)).value * frames
      add(.decode(codec: task.codec, size: task.size), total: max(0, seconds - reading), count: decoded)
    } else {
      let decoding = book.rate(.decode(codec: task.codec, size: task.size)).value * decoded
      add(.pass(codec: task.codec), total: max(0, seconds - decoding), count: frames)
    }
  }
}
