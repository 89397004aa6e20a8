extension Condition {
  /// The least range that every moment that fits began in, in milliseconds since 1970; empty where none can fit.
  ///
  /// Of all conditions those on when a moment began are weighed; the others are taken to be able to hold, and not to.
  public var range: Range<Int> {
    let ranges = ranges
    guard let first = ranges.first, let last = ranges.last else { return 0..<0 }
    return first.lowerBound..<last.upperBound
  }

  /// The same with its holes: in order, and none touches the next.
  public var ranges: [Range<Int>] { ranges(negated: false) }

  private static let always = [Int.min..<Int.max]

  private func ranges(negated: Bool) -> [Range<Int>] {
    switch self {
    case .all(let parts): Self.joined(parts, negated: negated, isEach: !negated)
    case .any(let parts): Self.joined(parts, negated: negated, isEach: negated)
    case .not(let part): part.ranges(negated: !negated)
    case .began(let range):
      (negated ? [Int.min..<range.lowerBound, range.upperBound..<Int.max] : [range]).filter { !$0.isEmpty }
        .merged()
    default: Self.always
    }
  }

  private static func joined(_ parts: [Condition], negated: Bool, isEach: Bool) -> [Range<Int>] {
    let ranges = parts.map { $0.ranges(negated: negated) }
    guard isEach else { return ranges.flatMap { $0 }.merged() }
    return ranges.reduce(always) { known, next in
      known.flatMap { a in next.compactMap { b in a.overlaps(b) ? a.clamped(to: b) : nil } }
    }
  }

  /// The conditions that must all hold, those of an `all` within an `all` among them.
  public var conjuncts: [Condition] {
    guard case .all(let parts) = self else { return [self] }
    return parts.flatMap(\.conjuncts)
  }
}

extension [Range<Int>] {
  /// In order, those that touch or overlap as one.
  fileprivate func merged() -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, last.upperBound >= range.lowerBound {
        merged[merged.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }
}
