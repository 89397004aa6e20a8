internal import Base

/// How far two engines' numbers for one output are apart.
struct AnswerDifference {
  /// The largest difference, as a share of the output's range; infinite where one has no number and the other has.
  private(set) var largest = 0.0
  /// The largest difference as it is.
  private(set) var steps = 0.0
  /// The mean difference, as a share of the range.
  private(set) var mean = 0.0
  /// Root of the mean square of differences, as a share of the output's deviation.
  private(set) var spread = 0.0
  /// The same of the worst channel or column, as a share of that one's own size; what lies far below the output's range is not counted.
  private(set) var channel = 0.0
  /// The mean difference of the worst whole channel, as a share of its mean size and .005: where little is computed with, scores next
  /// to 0 say nothing, and a single place may be anything.
  private(set) var coarse = 0.0
  /// Share of the elements that are not the same.
  private(set) var unequal = 0.0

  /// Below this share of an output's range a channel is rounding: scores of 0 to 1 may stand beside boxes of hundreds of pixels.
  private static let floor = 1e-4
  /// Outputs that are smaller are nothing: probabilities far from any threshold, say.
  private static let leastRange = 1e-2
  /// Fewer numbers than these are no channel, but places of their own.
  private static let leastInChannel = 16

  /// `sides` are those of both.
  init(_ answer: [Float], _ reference: [Float], sides: [Int]) {
    guard answer.count == reference.count else {
      (largest, mean, spread, unequal) = (.infinity, .infinity, .infinity, 1)
      return
    }
    let finite = reference.lazy.filter(\.isFinite)
    guard !answer.isEmpty, let low = finite.min(), let high = finite.max() else {
      let isSame = zip(answer, reference).allSatisfy { Self.isSame($0, $1) }
      (largest, unequal) = isSame ? (0, 0) : (.infinity, 1)
      return
    }
    let middle = finite.reduce(0.0) { $0 + Double($1) } / Double(finite.count)
    let deviation = finite.reduce(0.0) { $0 + (Double($1) - middle) * (Double($1) - middle) } / Double(finite.count)
    // What is much the same all over has little range, and what is one number none: their size stands for it.
    let size = Double(max(abs(low), abs(high)))
    let range = max(Double(high) - Double(low), answer.count == 1 ? size : size / 10, Self.leastRange)
    var (sum, squares, count) = (0.0, 0.0, 0)
    for (one, other) in zip(answer, reference) where !Self.isSame(one, other) {
      let apart = abs(Double(one) - Double(other))
      steps = max(steps, apart.isNaN ? .infinity : apart)
      (sum, squares, count) = (sum + apart, squares + apart * apart, count + 1)
    }
    (largest, mean) = (steps / range, sum / Double(answer.count) / range)
    spread = (squares / Double(answer.count)).squareRoot() / max(deviation.squareRoot(), range * 1e-3)
    unequal = Double(count) / Double(answer.count)
    for axis in Set([1, sides.count - 1]) where sides.indices.contains(axis) && axis > 0 {
      guard sides[axis] > 1, answer.count / sides[axis] >= Self.leastInChannel else { continue }
      let step = sides[(axis + 1)...].reduce(1, *)
      let worst = Self.worst(answer, reference, side: sides[axis], step: step, range: range)
      channel = max(channel, worst.fine)
      // Of rows and columns the fewer are what an output is made of, and the more are places that may each be anything.
      if sides.count > 3 || answer.count / sides[axis] >= sides[axis] { coarse = max(coarse, worst.coarse) }
    }
  }

  /// Two infinities of one sign are the same, and so are two that are no numbers.
  private static func isSame(_ one: Float, _ other: Float) -> Bool { one == other || one.isNaN && other.isNaN }

  private static func worst(
    _ answer: [Float], _ reference: [Float], side: Int, step: Int, range: Double
  ) -> (fine: Double, coarse: Double) {
    var sums = [(squares: Double, size: Double, apart: Double, mean: Double)](repeating: (0, 0, 0, 0), count: side)
    for index in answer.indices {
      let (one, other) = (Double(answer[index]), Double(reference[index]))
      guard one.isFinite, other.isFinite else { continue }
      let column = index / step % side
      sums[column].squares += (one - other) * (one - other)
      sums[column].size += other * other
      sums[column].apart += abs(one - other)
      sums[column].mean += abs(other)
    }
    let each = Double(answer.count / side)
    return sums.reduce((0, 0)) { worst, column in
      let fine = (column.squares / each).squareRoot() / ((column.size / each).squareRoot() + range * floor)
      let coarse = (column.apart / each) / (column.mean / each + leastRange / 2)
      return (max(worst.0, fine), max(worst.1, coarse))
    }
  }
}
