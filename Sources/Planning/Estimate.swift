/// What running a pipeline over videos will take, before it runs.
public struct Estimate: Sendable, Hashable {
  /// One kind of work, and what it takes in all.
  public struct Line: Sendable, Hashable {
    /// `decode h264 1920x1080`, `infer faces`.
    public var what: String
    /// Frames, inferences, tasks.
    public var count: Double
    public var cpuSeconds: Double
    public var confidence: Confidence
  }

  /// In the order of the work; one of each name.
  public var lines: [Line] = []
  public var items = 0
  public var tasks = 0
  public var work = FrameWork()
  public var inferences = 0.0
  /// Seconds of video.
  public var duration = 0.0
  /// Bytes that tasks read of the videos.
  public var bytesRead = 0
  /// What the task that needs most has at most.
  public var memoryBytes = 0
  /// Of temporary files, likewise.
  public var diskBytes = 0
  /// The gate's share is not known, so that it counts as open throughout: it will be less.
  public var isUpperBound = false
  /// `nil` without a price.
  public var money: Double?

  public init() {}

  public var cpuSeconds: Double { lines.reduce(0) { $0 + $1.cpuSeconds } }

  /// The share of the CPU seconds that is known so.
  public func share(_ confidence: Confidence) -> Double {
    let total = cpuSeconds
    guard total > 0 else { return confidence == .measured ? 1 : 0 }
    return lines.reduce(0) { $0 + ($1.confidence == confidence ? $1.cpuSeconds : 0) } / total
  }

  /// `measured here`, or how much of it is known less well: `62 % measured here, 38 % assumed`.
  public var certainty: String {
    let shares = Confidence.allCases.reversed().map { (confidence: $0, percent: Int((share($0) * 100).rounded())) }
    let told = shares.filter { $0.percent > 0 }
    if told.count == 1 { return told[0].confidence.words }
    return told.map { "\($0.percent) % \($0.confidence.words)" }.joined(separator: ", ")
  }

  /// Adds what other videos will take.
  public mutating func add(_ other: Estimate) {
    for line in other.lines { add(line) }
    (items, tasks, work) = (items + other.items, tasks + other.tasks, work + other.work)
    (inferences, duration) = (inferences + other.inferences, duration + other.duration)
    let sum = bytesRead.addingReportingOverflow(other.bytesRead)
    bytesRead = sum.overflow ? .max : sum.partialValue
    (memoryBytes, diskBytes) = (max(memoryBytes, other.memoryBytes), max(diskBytes, other.diskBytes))
    isUpperBound = isUpperBound || other.isUpperBound
    if money != nil || other.money != nil { money = (money ?? 0) + (other.money ?? 0) }
  }

  /// Lines of one name become one, as sure as the less sure of them.
  mutating func add(_ line: Line) {
    guard line.count > 0 else { return }
    guard let place = lines.firstIndex(where: { $0.what == line.what }) else { return lines.append(line) }
    lines[place].count += line.count
    lines[place].cpuSeconds += line.cpuSeconds
    lines[place].confidence = min(lines[place].confidence, line.confidence)
  }
}
