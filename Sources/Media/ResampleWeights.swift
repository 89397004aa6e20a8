/// The weights of the samples that make each sample of a scaled line: Pillow's `precompute_coeffs`, in its whole numbers.
///
/// The filter is stretched over as many samples as one of the target covers, and weights of samples outside are shared out among those inside.
/// Doubles are added and multiplied in one order, and sums are of whole numbers: the same on every processor.
struct ResampleWeights {
  struct Key: Hashable {
    var filter: Filter
    /// Samples of the line.
    var count: Int
    /// What is shown of it, in samples and fractions of one.
    var start: Double
    var length: Double
    /// Samples that it becomes.
    var target: Int
    /// Of more than 8 bits.
    var isDeep: Bool
  }

  enum Filter { case bilinear, bicubic }

  /// Weights of one sample, as many for each.
  let taps: Int
  /// Its first source sample.
  let starts: [Int32]
  /// In 1/2^22, as `high` * 2^11 + `low`; for deep samples `high` alone, in 1/2^14, which add up to 1 exactly.
  let high: [Int16]
  let low: [Int16]

  init(_ key: Key) {
    let scale = key.length / Double(key.target)
    let stretch = max(scale, 1)
    let support = key.filter.support * stretch
    var spans: [Range<Int>] = []
    for index in 0..<key.target {
      let center = key.start + (Double(index) + 0.5) * scale
      let first = min(max(0, Int(center - support + 0.5)), key.count - 1)
      spans.append(first..<max(first + 1, min(key.count, Int(max(0, center + support + 0.5)))))
    }
    let longest = spans.map(\.count).max() ?? 1
    // Vectors of eight, where the line has so many.
    let taps = min((longest + 7) & ~7, max(longest, key.count))
    var (starts, high, low) = ([Int32](), [Int16](), [Int16]())
    for (index, span) in spans.enumerated() {
      let start = min(span.lowerBound, key.count - taps)
      var exact = [Double](repeating: 0, count: taps)
      let center = key.start + (Double(index) + 0.5) * scale
      for sample in span {
        exact[sample - start] = key.filter.weight((Double(sample) - center + 0.5) * (1 / stretch))
      }
      let whole = Self.rounded(exact, key.isDeep)
      starts.append(Int32(start))
      high += whole.map { Int16(key.isDeep ? $0 : $0 >> 11) }
      if !key.isDeep { low += whole.map { Int16($0 & 2047) } }
    }
    (self.taps, self.starts, self.high, self.low) = (taps, starts, high, low)
  }

  /// First and last source sample that anything is made of.
  var covered: Range<Int> {
    Int(starts.min() ?? 0)..<Int(starts.max() ?? 0) + taps
  }

  /// Weights that add up to 1, in whole numbers.
  private static func rounded(_ exact: [Double], _ isDeep: Bool) -> [Int] {
    var sum = 0.0
    for weight in exact { sum += weight }
    let unit = Double(isDeep ? 1 << 14 : 1 << 22)
    var whole = exact.map { weight in
      let share = (sum == 0 ? weight : weight / sum) * unit
      return Int(share < 0 ? share - 0.5 : share + 0.5)
    }
    guard isDeep, let most = whole.indices.max(by: { whole[$0] < whole[$1] }) else { return whole }
    whole[most] += (1 << 14) - whole.reduce(0, +)
    return whole
  }
}

extension ResampleWeights.Filter {
  /// How far it reaches, in samples of the smaller line.
  var support: Double { self == .bilinear ? 1 : 2 }

  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear: return x < 1 ? 1 - x : 0
    case .bicubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    }
  }
}
