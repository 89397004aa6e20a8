public import Base
internal import Drift
public import JSON

/// What one version did in one step of a rollout, counted; tallies of several servers add up.
public struct VersionTally: Sendable, Hashable {
  /// Inferences that came back, and those that failed in the engine or were lost with it.
  public var answers = 0
  public var errors = 0
  /// Of the inferences that came back, without the time in queues: those of requests and of streams, and those in tasks of jobs, whose
  /// workers have fewer threads.
  public var times = LogHistogram()
  public private(set) var jobTimes = LogHistogram()
  /// Pictures, frames or tensors whose answers were looked into.
  public private(set) var described = 0
  /// What was said, by label; ``none`` counts those in which nothing was.
  public private(set) var labels: [String: Int] = [:]
  /// Scores of what was said, in ten steps from 0 to 1, and in front of them and behind what is outside.
  public private(set) var scores: [Int]

  public static let none = ""
  /// Labels that are told apart; more count as ``others``.
  static let mostLabels = 200
  static let others = "…"
  static let binCount = 12
  /// Inferences and frames that count of one task of a job, so that no film outweighs the others.
  public static let mostOfTask = 100

  public init() { scores = Array(repeating: 0, count: Self.binCount) }

  public var isEmpty: Bool { asked == 0 && described == 0 }
  var asked: Int { answers + errors }
  var errorRate: Double? { asked > 0 ? Double(errors) / Double(asked) : nil }

  /// Counts what was said to one picture, frame or tensor.
  public mutating func describe(_ answers: [(label: String, score: Float?)]) {
    described += 1
    if answers.isEmpty { add(Self.none, 1) }
    for (label, score) in answers {
      add(label, 1)
      if let score { scores[Self.bin(score)] += 1 }
    }
  }

  /// Counts inferences of one task of a job; of more than ``mostOfTask`` so many that stand evenly among their times.
  public mutating func addTask(inferences: Int, _ times: LogHistogram) {
    let count = min(inferences, times.count, Self.mostOfTask)
    answers += count
    for place in 0..<count {
      jobTimes.add(Int(times.percentile((Double(place) + 0.5) / Double(count)) * 1000))
    }
  }

  private mutating func add(_ label: String, _ count: Int) {
    let label = String(label.prefix(80))
    let isKnown = labels[label] != nil || labels.count < Self.mostLabels
    labels[isKnown ? label : Self.others, default: 0] += count
  }

  private static func bin(_ score: Float) -> Int {
    guard score >= 0 else { return 0 }
    return score > 1 ? binCount - 1 : min(10, 1 + Int(score * 10))
  }

  public mutating func merge(_ other: VersionTally) {
    answers += other.answers
    errors += other.errors
    times.merge(other.times)
    jobTimes.merge(other.jobTimes)
    described += other.described
    for (label, count) in other.labels.sorted(by: { $0.key < $1.key }) { add(label, count) }
    for place in scores.indices { scores[place] += other.scores[place] }
  }

  /// How far labels and scores are from those of another version: the larger of their two population stability indices, less what chance
  /// alone makes of so few; 0 and more, `nil` where one of them has none.
  public func drift(from other: VersionTally) -> Double? {
    let names = Set(labels.keys).union(other.labels.keys).sorted()
    let byLabel = Self.index(names.map { labels[$0] ?? 0 }, names.map { other.labels[$0] ?? 0 })
    let byScore = Self.index(scores, other.scores)
    return [byLabel, byScore].compactMap(\.self).max()
  }

  /// The population stability index of the parts that either has.
  ///
  /// Where both come from one distribution its mean is (parts - 1)(1/n + 1/m), which is taken off.
  static func index(_ mine: [Int], _ theirs: [Int]) -> Double? {
    let parts = zip(mine, theirs).filter { $0 + $1 > 0 }
    let (n, m) = (Double(parts.reduce(0) { $0 + $1.0 }), Double(parts.reduce(0) { $0 + $1.1 }))
    guard n > 0, m > 0 else { return nil }
    let index = StabilityIndex.index(parts.map(\.1), parts.map(\.0))
    return max(0, index - Double(parts.count - 1) * (1 / n + 1 / m))
  }

  private enum Key: String, CaseIterable {
    case answers, errors, times, described, labels, scores
    case jobTimes = "job_times"
  }

  /// The members of its JSON, which ``init(_:)`` reads.
  public func write(into json: inout JSONWriter) {
    json.field("answers", answers)
    json.field("errors", errors)
    json.field("times") { json in json.array { for number in times.numbers { $0.integer(number) } } }
    json.field("job_times") { json in json.array { for number in jobTimes.numbers { $0.integer(number) } } }
    json.field("described", described)
    json.object("labels") { json in
      for (label, count) in labels.sorted(by: { $0.key < $1.key }) { json.field(JSONWriter.Name(label), count) }
    }
    json.array("scores") { for count in scores { $0.integer(count) } }
  }

  /// The most that is believed of one tally: a million of them add up without an overflow, whoever wrote them.
  private static let mostCounted = 1 << 40

  public init(_ value: JSONValue) throws(Fault) {
    self.init()
    let fields = try value.fields(Key.self, others: .ignored)
    answers = try fields.required(.answers).integer(in: 0...Self.mostCounted)
    errors = try fields.required(.errors).integer(in: 0...Self.mostCounted)
    described = try fields.required(.described).integer(in: 0...Self.mostCounted)
    times = try Self.times(try fields.required(.times))
    if let known = fields[.jobTimes] { jobTimes = try Self.times(known) }
    for (label, count) in try fields.required(.labels).members() {
      labels[label] = try count.integer(in: 0...Self.mostCounted)
    }
    var scores: [Int] = []
    for count in try fields.required(.scores).elements() { scores.append(try count.integer(in: 0...Self.mostCounted)) }
    guard scores.count == Self.binCount else { throw try fields.required(.scores).fault("expected 12 counts") }
    self.scores = scores
  }

  private static func times(_ value: JSONValue) throws(Fault) -> LogHistogram {
    var numbers: [Int] = []
    for number in try value.elements() { numbers.append(try number.integer()) }
    guard let times = LogHistogram(numbers: numbers), times.count <= mostCounted else {
      throw value.fault("this is no histogram")
    }
    return times
  }
}
