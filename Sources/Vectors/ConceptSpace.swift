/// Where frames lie among words, by how probable a network finds each of its labels: the concept method.
///
/// Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings" (2014): the vectors of the few most probable labels' names, each weighted with its
/// probability, added up. What words ask for is compared with that, so that a frame is found that shows what no label is called. Numbers below zero count for nothing.
public struct ConceptSpace: Sendable {
  /// What tells it from other spaces: the network that gives the probabilities and the one that gives the names' vectors.
  public let name: String
  private let labels: [UnitVector]
  private let most: Int

  /// Labels of one frame that count, where nobody says otherwise.
  public static let mostLabels = 10

  /// `labels` are the vectors of their names, in the order of the network's numbers, all of one length; `nil` where they are not.
  public init?(_ name: String, labels: [UnitVector], most: Int = mostLabels) {
    guard let length = labels.first?.numbers.count, labels.allSatisfy({ $0.numbers.count == length }), most > 0 else {
      return nil
    }
    (self.name, self.labels, self.most) = (name, labels, most)
  }

  /// Labels, which are as many as the numbers of each row that is looked at.
  public var count: Int { labels.count }

  /// One label's part of where a frame lies.
  public struct Share: Sendable, Hashable {
    /// Its number.
    public let label: Int
    /// Of all that count, 0 to 1.
    public let share: Double
  }

  /// What a row of probabilities says, the most probable first; of equal ones the lower number.
  public func shares(_ row: [Float]) -> [Share] {
    var best: [(label: Int, weight: Float)] = []
    for (label, weight) in row.enumerated() where weight > 0 && weight.isFinite {
      if best.count == most {
        guard weight > best[most - 1].weight else { continue }
        best.removeLast()
      }
      var place = best.count
      while place > 0, best[place - 1].weight < weight { place -= 1 }
      best.insert((label, weight), at: place)
    }
    let sum = best.reduce(0.0) { $0 + Double($1.weight) }
    return best.map { Share(label: $0.label, share: Double($0.weight) / sum) }
  }

  /// Where a row lies; `nil` where nothing is probable, and for rows of another length.
  public func vector(_ row: [Float]) -> [Float]? {
    guard row.count == labels.count else { return nil }
    let shares = shares(row)
    guard !shares.isEmpty else { return nil }
    var sums = [Double](repeating: 0, count: labels[0].numbers.count)
    for one in shares {
      let numbers = labels[one.label].numbers
      for place in sums.indices { sums[place] += one.share * Double(numbers[place]) }
    }
    let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 0 else { return nil }
    return sums.map { Float($0 / length) }
  }

  /// How much each label that counts for a row has to do with a vector: its share, and the cosine of its name.
  public func reasons(_ row: [Float], for query: UnitVector) -> [(label: Int, share: Double, likeness: Double)] {
    guard row.count == labels.count else { return [] }
    return shares(row).map { one in
      let likeness = zip(labels[one.label].numbers, query.numbers).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      return (one.label, one.share, likeness)
    }
  }

  /// The rows of a group as vectors among words, at the same places; rows that have no such vector are never found.
  ///
  /// `nil` where its rows are no probabilities of these labels.
  public func place(_ group: VectorSet.Group, of set: VectorSet) -> VectorSet? {
    guard group.length == labels.count else { return nil }
    return set.replacing(group, length: labels[0].numbers.count) { vector(set.vector($0, in: group)) }
  }
}
