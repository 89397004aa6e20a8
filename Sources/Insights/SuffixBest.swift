/// The best entry at or behind any place, while entries come: a binary indexed tree, whose steps are the logarithm of the places.
struct SuffixBest {
  /// What is compared: fewest missing, then the greatest sum, then the earliest moment.
  struct Entry {
    var missing: Int
    var sum: Double
    var moment: Int

    func isBetter(than other: Entry) -> Bool {
      if missing != other.missing { return missing < other.missing }
      return sum == other.sum ? moment < other.moment : sum > other.sum
    }
  }

  private var tree: [Entry?]

  init(count: Int) { tree = Array(repeating: nil, count: count + 1) }

  mutating func add(_ entry: Entry, at place: Int) {
    var node = tree.count - 1 - place
    while node < tree.count {
      if tree[node].map(entry.isBetter) ?? true { tree[node] = entry }
      node += node & -node
    }
  }

  func best(from place: Int) -> Entry? {
    var (node, best) = (tree.count - 1 - place, Entry?.none)
    while node > 0 {
      if let entry = tree[node], best.map(entry.isBetter) ?? true { best = entry }
      node -= node & -node
    }
    return best
  }
}
