internal import Base
public import Predictions

/// Two versions of a model on the same frames, held against each other item by item: what came, went, moved, is called otherwise, or is scored
/// otherwise.
///
/// An item is a thing that either version told of a frame. Neither version counts as right.
public struct TrialComparison: Sendable {
  public struct Settings: Sendable, Hashable {
    /// From which intersection over union two boxes are of one thing.
    public var overlap = 0.5
    /// Below which intersection over union a thing of one label has moved.
    public var moved = 0.75
    /// From which difference of scores on a thing is scored otherwise.
    public var score = 0.1

    public init() {}
  }

  /// What is told of one label of the older version, or of the newer one where the older has none.
  public struct Label: Sendable, Hashable {
    public internal(set) var items = 0
    /// Items that are told alike, but for small differences.
    public internal(set) var same = 0
    public internal(set) var kinds: [TrialDifference.Kind: Int] = [:]
    /// Of scores of what both tell.
    public internal(set) var shift = ScoreShift()

    /// Items that neither came, went, moved nor changed their label, as a share of all; `nil` without any.
    public var agreement: Double? {
      guard items > 0 else { return nil }
      return Double(same + kinds[.rescored, default: 0]) / Double(items)
    }
  }

  public let settings: Settings
  public private(set) var frames = 0
  public private(set) var labels: [String: Label] = [:]
  public private(set) var all = Label()
  private var found: [TrialDifference] = []

  public init(_ settings: Settings = .init()) { self.settings = settings }

  /// Every difference, the largest first; equal ones in the order of files and frames.
  public var differences: [TrialDifference] {
    found.enumerated().sorted { ($1.element.size, $0.offset) < ($0.element.size, $1.offset) }.map(\.element)
  }

  /// Takes what both found on one frame of one file; call it in order.
  public mutating func add(file: String, frame: Int, time: Double, older: [Prediction], newer: [Prediction]) {
    frames += 1
    for (before, after) in pairs(Self.items(older), Self.items(newer)) {
      let label = before?.label ?? after?.label ?? ""
      var (one, kind) = (labels[label] ?? Label(), TrialDifference.Kind?.none)
      let size: Double
      (kind, size) = judge(before, after)
      let shift = before?.score.flatMap { one in after?.score.map { Double($0 - one) } }
      one.add(kind, shift: shift)
      all.add(kind, shift: shift)
      labels[label] = one
      guard let kind else { continue }
      found.append(
        TrialDifference(file: file, frame: frame, time: time, kind: kind, older: before, newer: after, size: size))
    }
  }

  /// Frames on which neither version found anything.
  public mutating func addSilent(frames: Int) { self.frames += frames }

  /// What can be told apart on one frame: things with boxes, or what the whole picture is called.
  private static func items(_ predictions: [Prediction]) -> [Prediction] {
    if let first = predictions.first, first.kind == .classification, first.box == nil { return [first] }
    return predictions.filter { $0.box != nil && $0.mapSize == nil && $0.state != .off && $0.span == nil }
  }

  private func judge(_ older: Prediction?, _ newer: Prediction?) -> (TrialDifference.Kind?, Double) {
    guard let older else { return (.appeared, Double(newer?.score ?? 1)) }
    guard let newer else { return (.gone, Double(older.score ?? 1)) }
    if older.label != newer.label { return (.relabelled, Double(max(older.score ?? 1, newer.score ?? 1))) }
    if let overlap = TrialDifference.overlap(older, newer), overlap < settings.moved { return (.moved, 1 - overlap) }
    guard let one = older.score, let two = newer.score else { return (nil, 0) }
    let size = Double((two - one).magnitude)
    return size >= settings.score ? (.rescored, size) : (nil, size)
  }

  /// Things of one label that overlap go together first, then those of different labels, then those of one label that barely meet.
  private func pairs(_ older: [Prediction], _ newer: [Prediction]) -> [(Prediction?, Prediction?)] {
    if let one = older.first, one.box == nil { return [(one, newer.first)] }
    if let one = newer.first, one.box == nil { return [(nil, one)] }
    var candidates: [(rank: Int, overlap: Double, a: Int, b: Int)] = []
    for a in older.indices {
      for b in newer.indices {
        guard let overlap = TrialDifference.overlap(older[a], newer[b]), overlap > 0.1 else { continue }
        let isSame = older[a].label == newer[b].label
        guard isSame || overlap >= settings.overlap else { continue }
        candidates.append((isSame ? overlap >= settings.overlap ? 0 : 2 : 1, overlap, a, b))
      }
    }
    candidates.sort { ($0.rank, $1.overlap, $0.a, $0.b) < ($1.rank, $0.overlap, $1.a, $1.b) }
    var (partner, used): ([Int: Int], Set<Int>) = ([:], [])
    for (_, _, a, b) in candidates where partner[a] == nil && !used.contains(b) {
      partner[a] = b
      used.insert(b)
    }
    return older.indices.map { a in (older[a], partner[a].map { newer[$0] }) }
      + newer.indices.filter { !used.contains($0) }.map { (nil, newer[$0]) }
  }
}

extension TrialComparison.Label {
  mutating func add(_ kind: TrialDifference.Kind?, shift: Double?) {
    items += 1
    if let kind { kinds[kind, default: 0] += 1 } else { same += 1 }
    if let shift { self.shift.add(shift) }
  }
}

/// How scores of what both versions tell differ: the newer one's less the older one's.
public struct ScoreShift: Sendable, Hashable {
  public private(set) var count = 0
  private var (sum, magnitudes) = (0.0, 0.0)
  /// Of -1 to 1 in steps of a hundredth.
  private var steps = [Int](repeating: 0, count: 201)

  public init() {}

  public var mean: Double? { count > 0 ? sum / Double(count) : nil }
  public var meanDistance: Double? { count > 0 ? magnitudes / Double(count) : nil }

  /// The shift below which a share of them lie, to a hundredth.
  public func quantile(_ share: Double) -> Double? {
    guard count > 0 else { return nil }
    var rest = (share * Double(count)).rounded(.up)
    for (place, number) in steps.enumerated() {
      rest -= Double(number)
      if rest <= 0, number > 0 { return Double(place - 100) / 100 }
    }
    return nil
  }

  mutating func add(_ shift: Double) {
    guard shift.isFinite else { return }
    count += 1
    sum += shift
    magnitudes += shift.magnitude
    steps[Int((min(1, max(-1, shift)) * 100).rounded()) + 100] += 1
  }
}
