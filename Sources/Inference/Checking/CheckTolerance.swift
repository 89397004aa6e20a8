internal import Base

/// How far answers may be apart; where each number comes from is told in `docs/decisions/checked-engines.md`.
enum CheckTolerance {
  /// 32-bit floats, added in another order.
  case single
  /// A network whose own runtime computes in floats of 16 bits.
  case half
  /// 8 bits: rounding that goes another way is carried on.
  case rounded
  /// What was asked to be computed with less, or is rounded by its own runtime: nonsense alone is found.
  case brief

  /// `apart` is how far references are from each other.
  func takes(_ difference: AnswerDifference, of answer: NamedNumbers, apart: AnswerDifference?) -> Bool {
    if isWithin(difference, of: answer) { return true }
    guard let apart, apart.largest.isFinite, apart.largest <= mostApart else { return false }
    return difference.largest <= 2 * apart.largest && difference.mean <= 2 * apart.mean
      && difference.channel <= max(2e-3, 2 * apart.channel)
  }

  /// References that are further apart than this excuse nobody.
  private var mostApart: Double {
    switch self {
    case .single: 0.01
    case .half: 0.05
    case .rounded, .brief: .infinity
    }
  }

  private func isWithin(_ difference: AnswerDifference, of answer: NamedNumbers) -> Bool {
    // Of whole numbers a few may come from values that lie next to each other, as the places of the largest do.
    let isWhole = [.i32, .i64, .u32, .u64, .bool].contains(answer.element)
    let isByte = [.u8, .i8, .u16, .i16].contains(answer.element)
    switch self {
    case .single:
      // A value between two steps may be rounded to either.
      if isByte && (difference.steps <= 1 || difference.unequal <= 2e-3) { return true }
      return isWhole ? difference.unequal <= 2e-3 : difference.largest <= 1e-3 && difference.channel <= 2e-3
    case .half:
      return isWhole ? difference.unequal <= 2e-2 : difference.spread <= 2e-2 && difference.channel <= 0.1
    case .rounded:
      if isByte && difference.steps <= 4 { return true }
      return (difference.spread <= 0.15 || difference.largest <= 0.01) && difference.channel <= 0.7
        && difference.coarse <= 0.7
    // A channel that is lost, or another's, is as far off as it is large.
    case .brief: return difference.mean <= 0.25 && difference.coarse <= 0.7
    }
  }
}
