internal import Base

/// How far two engines' numbers for one output are apart, over one answer or several.
struct AnswerDifference {
  private struct Sums {
    var (squares, size, apart, mean) = (0.0, 0.0, 0.0, 0.0)
    var count = 0
  }

  private var (count, unequalCount, finiteCount) = (0, 0, 0)
  private var (low, high, sum, squares) = (Double.infinity, -Double.infinity, 0.0, 0.0)
  private var (apart, apartSquares) = (0.0, 0.0)
  private var isLost = false
  /// By axes, for each place along them.
  private var channels: [Int: [Sums]] = [:]
  private var sideCount = 0
  /// The largest difference as it is.
  private(set) var steps = 0.0

  /// Below this share of an output's range a channel is rounding: scores of 0 to 1 may stand beside boxes of hundreds of pixels.
  private static let floor = 1e-4
  /// Outputs that are smaller are nothing: probabilities far from any threshold, say.
  private static let leastRange = 1e-2
  /// Fewer numbers than these are no channel, but places of their own.
  private static let leastInChannel = 16

  init() {}

  /// `sides` are those of both.
  init(_ answer: [Float], _ reference: [Float], sides: [Int]) { add(answer, reference, sides: sides) }

  mutating func add(_ answer: [Float], _ reference: [Float], sides: [Int]) {
    guard answer.count == reference.count else {
      isLost = true
      return
    }
    for (one, other) in zip(answer, reference) {
      if other.isFinite {
        let value = Double(other)
        (low, high) = (min(low, value), max(high, value))
        (sum, squares, finiteCount) = (sum + value, squares + value * value, finiteCount + 1)
      }
      // Two infinities of one sign are the same, and so are two that are no numbers.
      guard one != other, !(one.isNaN && other.isNaN) else { continue }
      let distance = abs(Double(one) - Double(other))
      steps = max(steps, distance.isNaN ? .infinity : distance)
      (apart, apartSquares, unequalCount) = (apart + distance, apartSquares + distance * distance, unequalCount + 1)
    }
    count += answer.count
    sideCount = max(sideCount, sides.count)
    for axis in Set([1, sides.count - 1]) where sides.indices.contains(axis) && axis > 0 && sides[axis] > 1 {
      add(answer, reference, axis, side: sides[axis], step: sides[(axis + 1)...].reduce(1, *))
    }
  }

  private mutating func add(_ answer: [Float], _ reference: [Float], _ axis: Int, side: Int, step: Int) {
    var sums = channels[axis] ?? [Sums](repeating: Sums(), count: side)
    // Sides that change from answer to answer are no channels.
    guard sums.count == side else { return }
    for index in answer.indices {
      let (one, other) = (Double(answer[index]), Double(reference[index]))
      guard one.isFinite, other.isFinite else { continue }
      let column = index / step % side
      sums[column].squares += (one - other) * (one - other)
      sums[column].size += other * other
      sums[column].apart += abs(one - other)
      sums[column].mean += abs(other)
      sums[column].count += 1
    }
    channels[axis] = sums
  }

  /// What differences are shares of: what is much the same all over has little range, and what is one number none, so that their size
  /// stands for it.
  private var range: Double {
    let size = max(abs(low), abs(high))
    return max(high - low, count == 1 ? size : size / 10, Self.leastRange)
  }

  private var isNothing: Bool { !isLost && finiteCount == 0 && unequalCount == 0 }
  private var isEndless: Bool { isLost || finiteCount == 0 && unequalCount > 0 }

  /// The largest difference, as a share of the output's range; infinite where one has no number and the other has.
  var largest: Double { isNothing ? 0 : isEndless ? .infinity : steps / range }

  /// The mean difference, as a share of the range.
  var mean: Double { isNothing ? 0 : isEndless ? .infinity : apart / Double(count) / range }

  /// Root of the mean square of differences, as a share of the output's deviation.
  var spread: Double {
    guard !isNothing, !isEndless else { return isNothing ? 0 : .infinity }
    let middle = sum / Double(finiteCount)
    let deviation = max(0, squares / Double(finiteCount) - middle * middle).squareRoot()
    return (apartSquares / Double(count)).squareRoot() / max(deviation, range * 1e-3)
  }

  /// Share of the elements that are not the same.
  var unequal: Double { isLost ? 1 : count == 0 ? 0 : Double(unequalCount) / Double(count) }

  /// The same as ``spread`` of the worst channel or column, as a share of that one's own size; what lies far below the output's range is
  /// not counted.
  var channel: Double {
    worst { sums, _ in
      let each = Double(sums.count)
      return (sums.squares / each).squareRoot() / ((sums.size / each).squareRoot() + range * Self.floor)
    }
  }

  /// The mean difference of the worst whole channel, as a share of its mean size and .005: where little is computed with, scores next to 0
  /// say nothing, and a single place may be anything.
  var coarse: Double {
    worst { sums, side in
      // Of rows and columns the fewer are what an output is made of, and the more are places that may each be anything.
      guard sideCount > 3 || sums.count >= side else { return 0 }
      return (sums.apart / Double(sums.count)) / (sums.mean / Double(sums.count) + Self.leastRange / 2)
    }
  }

  private func worst(_ measure: (Sums, _ side: Int) -> Double) -> Double {
    guard finiteCount > 0 else { return 0 }
    return channels.values.reduce(0) { worst, sums in
      sums.reduce(worst) { $1.count < Self.leastInChannel ? $0 : max($0, measure($1, sums.count)) }
    }
  }
}
