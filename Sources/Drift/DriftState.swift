/// Where one measure stands, window after window.
public struct DriftState: Sendable, Hashable {
  public enum Standing: String, Sendable, Hashable, CaseIterable {
    /// There is no reference yet.
    case learning
    /// Not enough was seen to conclude anything, now or in the reference.
    case few
    case within
    case outside
  }

  /// What the last window gave.
  public enum Verdict: Sendable, Hashable {
    case few
    case index(StabilityIndex)
  }

  /// It has left its reference, and is not back.
  public internal(set) var isOutside = false
  /// Windows in a row that speak for a change.
  var streak = 0
  public internal(set) var verdict: Verdict?

  public var standing: Standing {
    if isOutside { return .outside }
    return switch verdict {
    case nil: .learning
    case .few: .few
    case .index: .within
    }
  }

  /// Whether it has left, or is back, by this window and those before it, of which there have to be so many.
  mutating func take(
    _ index: StabilityIndex, _ measure: DriftMeasure, _ thresholds: (enter: Double, leave: Double), windows: Int
  ) -> Bool {
    verdict = .index(index)
    let speaks =
      isOutside
      ? index.value < thresholds.leave || !index.isFar(measure, share: 0.5)
      : index.value >= thresholds.enter && index.isFar(measure)
    streak = speaks ? streak + 1 : 0
    guard streak >= windows else { return false }
    isOutside.toggle()
    streak = 0
    return true
  }
}

/// A measure has left its reference, or is back.
public struct DriftChange: Sendable, Hashable {
  public let measure: DriftMeasure
  public let isOutside: Bool
  public let index: StabilityIndex
}
