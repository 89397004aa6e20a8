internal import Glibc

extension OutputRecipe.Activation {
  /// Applies itself to one row of scores in place.
  func apply(to row: inout [Float]) {
    switch self {
    case .none: break
    case .sigmoid: for index in row.indices { row[index] = logistic(row[index]) }
    case .softmax:
      // Shifted by the largest value, so that the exponentials stay finite.
      let peak = row.max() ?? 0
      var sum: Float = 0
      for index in row.indices {
        row[index] = expf(row[index] - peak)
        sum += row[index]
      }
      for index in row.indices { row[index] /= sum }
    }
  }

  /// What becomes of the greatest of a row of `count` values, without the others: which is greatest does not change by it.
  func apply(toBest best: Float, of count: Int, _ value: (Int) -> Float) -> Float {
    switch self {
    case .none: return best
    case .sigmoid: return logistic(best)
    case .softmax:
      var sum: Float = 0
      for index in 0..<count { sum += expf(value(index) - best) }
      return 1 / sum
    }
  }
}

func logistic(_ value: Float) -> Float { 1 / (1 + expf(-value)) }
