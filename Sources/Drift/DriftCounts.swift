/// How often what was seen, of one measure: exact, of bounded size, and the same however what was counted is cut and put together.
///
/// Of labels the first ``mostLabels`` in the order of their bytes have counts of their own, and all others one together. What is kept of a
/// part is then kept of it in every whole.
public struct DriftCounts: Sendable, Hashable {
  /// By ``BinScale``; empty where nothing was counted, and for labels.
  public internal(set) var bins: [Int] = []
  public internal(set) var labels: [String: Int] = [:]
  /// Labels that have no count of their own.
  public internal(set) var others = 0
  /// What had no value: no label, no score, or what is no number.
  public internal(set) var missing = 0

  public static let mostLabels = 128
  /// Labels that are longer are among the others.
  static let mostLabelBytes = 128

  public init() {}

  public var total: Int { bins.reduce(0, +) + labels.values.reduce(0, +) + others + missing }

  mutating func add(_ value: Double?, _ scale: BinScale) {
    guard let bin = value.flatMap(scale.bin) else {
      missing += 1
      return
    }
    if bins.isEmpty { bins = [Int](repeating: 0, count: scale.count) }
    bins[bin] += 1
  }

  mutating func add(label: String?) {
    guard let label else {
      missing += 1
      return
    }
    guard label.utf8.count <= Self.mostLabelBytes else {
      others += 1
      return
    }
    labels[label, default: 0] += 1
    bound()
  }

  mutating func add(_ other: DriftCounts) {
    if bins.isEmpty { bins = other.bins } else { for (bin, count) in other.bins.enumerated() { bins[bin] += count } }
    labels.merge(other.labels, uniquingKeysWith: +)
    (others, missing) = (others + other.others, missing + other.missing)
    bound()
  }

  /// Takes away what was added before.
  mutating func subtract(_ part: DriftCounts) {
    for (bin, count) in part.bins.enumerated() { bins[bin] -= count }
    for (label, count) in part.labels {
      guard let whole = labels[label] else {
        others -= count
        continue
      }
      labels[label] = whole == count ? nil : whole - count
    }
    (others, missing) = (others - part.others, missing - part.missing)
  }

  private mutating func bound() {
    while labels.count > Self.mostLabels {
      guard let last = labels.keys.max(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) else { return }
      others += labels.removeValue(forKey: last) ?? 0
    }
  }
}
