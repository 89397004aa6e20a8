public import Base

/// Features of good pictures, as a memory that others are compared with: each cell of a picture's map with the nearest of all good cells,
/// after their covariance was taken out (Mahalanobis distance), so that what varies among good ones counts less.
///
/// After PatchCore (Roth et al., "Towards Total Recall in Industrial Anomaly Detection", 2022), whose memory is thinned out by taking the
/// farthest cell again and again; with whitening in place of its neighbourhood means.
public struct NormalFeatures: Sendable {
  /// Rows that the memory has at most.
  public static let rowLimit = 1024
  public static let channelLimit = 512
  /// Of the mean variance, added to each: directions in which good ones hardly differ would count for everything else.
  static let ridge = 0.02

  public let channels: Int
  /// `channels` rows of as many: what the differences to the mean are multiplied by.
  public let weights: [Float]
  /// What is added then: the mean is gone.
  public let bias: [Float]
  /// Rows of `channels` numbers.
  public let rows: [Float]
  /// Whose each row is, as the number of a picture.
  private let owners: [Int]

  /// From maps of features, one a picture, channel by channel.
  ///
  /// - Throws: `badInput` where all of them are alike, or not numbers.
  public init(_ maps: [[Float]], channels: Int) throws(Fault) {
    precondition(channels > 0 && maps.allSatisfy { !$0.isEmpty && $0.count % channels == 0 })
    self.channels = channels
    let cells = maps.flatMap { Self.cells(of: $0, channels) }
    guard cells.allSatisfy(\.isFinite) else {
      throw Fault(.badInput, "the network gives numbers that are infinite or none for these pictures")
    }
    let count = cells.count / channels
    var mean = [Double](repeating: 0, count: channels)
    for place in cells.indices { mean[place % channels] += Double(cells[place]) / Double(count) }
    let covariance = Self.covariance(cells, mean, channels)
    guard let inverse = Self.inverseRoot(covariance, channels) else {
      throw Fault(.badInput, "all pictures are alike to the network: nothing tells how good ones may differ")
    }
    weights = inverse.map { Float($0) }
    bias = (0..<channels).map { row in
      Float(-(0..<channels).reduce(0.0) { $0 + inverse[row * channels + $1] * mean[$1] })
    }
    let scaled = Self.scaled(cells, weights, bias)
    let kept = Self.thinned(scaled, channels)
    rows = kept.flatMap { scaled[$0 * channels..<($0 + 1) * channels] }
    let pictures = maps.indices.flatMap { [Int](repeating: $0, count: maps[$0].count / channels) }
    owners = kept.map { pictures[$0] }
  }

  /// Of each cell of a picture's map, row by row: how far its nearest good one is; `own` is left aside, a picture that the memory was made of.
  public func distances(of map: [Float], besides own: Int? = nil) -> [Float] {
    let cells = Self.scaled(Self.cells(of: map, channels), weights, bias)
    return stride(from: 0, to: cells.count, by: channels).map { cell in
      var least = Float.infinity
      cells.withUnsafeBufferPointer { cells in
        rows.withUnsafeBufferPointer { rows in
          for row in owners.indices where owners[row] != own {
            least = min(least, Self.square(cells, cell, rows, row * channels, channels, below: least))
          }
        }
      }
      return least.squareRoot()
    }
  }

  /// Scores of pictures that the memory was made without: all in as many parts as `folds`, one of them left out each time.
  ///
  /// Parts are neighbours in the order given, so that frames of one film are left out together.
  public static func heldOut(_ maps: [[Float]], channels: Int, folds: Int = 5) throws(Fault) -> [Float] {
    var scores: [Float] = []
    for fold in 0..<folds {
      let part = maps.count * fold / folds..<maps.count * (fold + 1) / folds
      let memory = try NormalFeatures(Array(maps[..<part.lowerBound] + maps[part.upperBound...]), channels: channels)
      scores += maps[part].map { memory.distances(of: $0).max() ?? 0 }
    }
    return scores
  }

  // MARK: Arithmetic

  /// Cell by cell, from channel by channel.
  private static func cells(of map: [Float], _ channels: Int) -> [Float] {
    let count = map.count / channels
    var cells = [Float](repeating: 0, count: map.count)
    for channel in 0..<channels {
      for cell in 0..<count { cells[cell * channels + channel] = map[channel * count + cell] }
    }
    return cells
  }

  private static func scaled(_ cells: [Float], _ weights: [Float], _ bias: [Float]) -> [Float] {
    let channels = bias.count
    var scaled = [Float](repeating: 0, count: cells.count)
    for cell in stride(from: 0, to: cells.count, by: channels) {
      for row in 0..<channels {
        var sum = bias[row]
        // The weights are a triangle: nothing stands behind the diagonal.
        for column in 0...row { sum += weights[row * channels + column] * cells[cell + column] }
        scaled[cell + row] = sum
      }
    }
    return scaled
  }

  private static func covariance(_ cells: [Float], _ mean: [Double], _ channels: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: channels * channels)
    var difference = mean
    for cell in stride(from: 0, to: cells.count, by: channels) {
      for place in 0..<channels { difference[place] = Double(cells[cell + place]) - mean[place] }
      for row in 0..<channels {
        for column in 0...row { sums[row * channels + column] += difference[row] * difference[column] }
      }
    }
    let count = Double(max(1, cells.count / channels - 1))
    return sums.map { $0 / count }
  }

  /// The inverse of the Cholesky factor of a covariance (of which the lower triangle is read) with its ridge; `nil` where nothing varies.
  private static func inverseRoot(_ covariance: [Double], _ channels: Int) -> [Double]? {
    let ridge = (0..<channels).reduce(0.0) { $0 + covariance[$1 * channels + $1] } / Double(channels) * Self.ridge
    guard ridge > 1e-12 else { return nil }
    var factor = [Double](repeating: 0, count: channels * channels)
    var inverse = factor
    for row in 0..<channels {
      for column in 0...row {
        var sum = covariance[row * channels + column] + (row == column ? ridge : 0)
        for place in 0..<column { sum -= factor[row * channels + place] * factor[column * channels + place] }
        factor[row * channels + column] = row == column ? sum.squareRoot() : sum / factor[column * channels + column]
      }
      let diagonal = factor[row * channels + row]
      guard diagonal > 0 else { return nil }
      inverse[row * channels + row] = 1 / diagonal
      for column in 0..<row {
        var sum = 0.0
        for place in column..<row { sum += factor[row * channels + place] * inverse[place * channels + column] }
        inverse[row * channels + column] = -sum / diagonal
      }
    }
    return inverse
  }

  /// The numbers of all cells where they are few, else of those that lie farthest from each other, the first first.
  private static func thinned(_ cells: [Float], _ channels: Int) -> [Int] {
    let count = cells.count / channels
    guard count > rowLimit else { return Array(0..<count) }
    return cells.withUnsafeBufferPointer { cells in
      var nearest = [Float](repeating: .infinity, count: count)
      var kept = [0]
      while kept.count < rowLimit {
        let last = kept[kept.count - 1]
        var farthest = 0
        for cell in 0..<count {
          let far = square(cells, cell * channels, cells, last * channels, channels, below: nearest[cell])
          nearest[cell] = min(nearest[cell], far)
          if nearest[cell] > nearest[farthest] { farthest = cell }
        }
        kept.append(farthest)
      }
      return kept
    }
  }

  /// Of a distance; anything above `limit` where it is farther than that.
  private static func square(
    _ one: UnsafeBufferPointer<Float>, _ first: Int, _ other: UnsafeBufferPointer<Float>, _ second: Int, _ count: Int,
    below limit: Float
  ) -> Float {
    var sum: Float = 0
    for place in 0..<count {
      let difference = one[first + place] - other[second + place]
      sum += difference * difference
      if place & 15 == 15, sum > limit { return sum }
    }
    return sum
  }
}
