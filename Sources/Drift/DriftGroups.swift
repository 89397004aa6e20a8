/// The groups in which a reference and what came later are compared: made of the reference alone.
///
/// Of numbers they are tenths of the reference, and what lies below and above all of it; by more than a bin, where they are no whole numbers. Of labels they are those that make up
/// two hundredths of it or more, at most fifteen, and all others together. Whatever had no value is a group of its own.
struct DriftGroups: Sendable, Hashable {
  enum Group: Sendable, Hashable {
    /// Bins.
    case range(Range<Int>)
    case label(String)
    case others
    case missing
  }

  let groups: [Group]

  private static let (parts, mostLabels, leastShare) = (10, 15, 0.02)

  init(_ reference: DriftCounts, _ measure: DriftMeasure) {
    if let scale = measure.scale {
      groups = Self.ranges(reference.bins, scale).map(Group.range) + [.missing]
    } else {
      let least = Self.leastShare * Double(reference.total)
      let kept = reference.labels.filter { Double($0.value) >= least }
        .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.mostLabels)
      groups = kept.map { .label($0.key) } + [.others, .missing]
    }
  }

  private static func ranges(_ bins: [Int], _ scale: BinScale) -> [Range<Int>] {
    let (count, margin) = (scale.count, scale.isWhole ? 0 : 1)
    guard let first = bins.firstIndex(where: { $0 > 0 }), let last = bins.lastIndex(where: { $0 > 0 }) else {
      return [0..<count]
    }
    let (begin, end) = (max(0, first - margin), min(count, last + 1 + margin))
    let least = Double(bins.reduce(0, +)) / Double(parts)
    var (ranges, from, sum) = ([Range<Int>](), begin, 0)
    for bin in begin..<end {
      sum += bins[bin]
      guard Double(sum) >= least else { continue }
      ranges.append(from..<bin + 1)
      (from, sum) = (bin + 1, 0)
    }
    // What is left at the end is no tenth.
    if from < end, let last = ranges.popLast() { ranges.append(last.lowerBound..<end) }
    if begin > 0 { ranges.insert(0..<begin, at: 0) }
    if end < count { ranges.append(end..<count) }
    return ranges
  }

  /// How much of something falls into each group.
  func counts(_ counts: DriftCounts) -> [Int] {
    var rest = counts.others
    for (label, count) in counts.labels where !groups.contains(.label(label)) { rest += count }
    return groups.map { group in
      switch group {
      case .range(let range): counts.bins.isEmpty ? 0 : counts.bins[range].reduce(0, +)
      case .label(let label): counts.labels[label] ?? 0
      case .others: rest
      case .missing: counts.missing
      }
    }
  }
}
