internal import Predictions

/// What zones and lines counted.
public struct SceneCounts: Sendable, Hashable {
  public struct Zone: Sendable, Hashable {
    public var name: String
    /// Objects in it in the last frame, and most at a time.
    public var now = 0
    public var most = 0
    /// Objects that came in, and of those that left how long they stayed: the longest, and all together, in seconds.
    public var visits = 0
    public var longest = 0.0
    public var total = 0.0
  }

  public struct Line: Sendable, Hashable {
    public var name: String
    public var into = 0
    public var out = 0
    /// By label, those with none under `object`; beyond ``mostLabels`` under `other`.
    public var labels: [String: Ways] = [:]

    public struct Ways: Sendable, Hashable {
      public var into = 0
      public var out = 0

      init(into: Int = 0, out: Int = 0) { (self.into, self.out) = (into, out) }
    }

    static let mostLabels = 64

    mutating func add(_ crossing: Crossing) {
      let label = crossing.label ?? "object"
      let row = labels[label] != nil || labels.count < Self.mostLabels ? label : "other"
      switch crossing.direction {
      case .into: (into, labels[row, default: Ways()].into) = (into + 1, labels[row, default: Ways()].into + 1)
      case .out: (out, labels[row, default: Ways()].out) = (out + 1, labels[row, default: Ways()].out + 1)
      }
    }
  }

  public struct Rule: Sendable, Hashable {
    public var name: String
    /// Events that began.
    public var events = 0
    public var isOpen = false
  }

  public var zones: [Zone] = []
  public var lines: [Line] = []
  public var rules: [Rule] = []

  public init() {}
}

extension SceneCounts {
  /// These counts and those of an earlier time together; both are of the same scene.
  public func after(_ earlier: SceneCounts) -> SceneCounts {
    guard earlier.zones.count == zones.count, earlier.lines.count == lines.count, earlier.rules.count == rules.count
    else { return self }
    var sum = self
    for (index, zone) in earlier.zones.enumerated() {
      sum.zones[index].most = max(zones[index].most, zone.most)
      sum.zones[index].visits += zone.visits
      sum.zones[index].longest = max(zones[index].longest, zone.longest)
      sum.zones[index].total += zone.total
    }
    for (index, line) in earlier.lines.enumerated() {
      (sum.lines[index].into, sum.lines[index].out) = (lines[index].into + line.into, lines[index].out + line.out)
      sum.lines[index].labels.merge(line.labels) { Line.Ways(into: $0.into + $1.into, out: $0.out + $1.out) }
    }
    for (index, rule) in earlier.rules.enumerated() { sum.rules[index].events += rule.events }
    return sum
  }
}
