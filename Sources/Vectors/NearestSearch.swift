/// Finds the stretches of films that are most alike to one vector: exactly, by looking at every row that may be found.
///
/// Likeness is the cosine. Within a film the best row is found first, with its neighbours, and the rows next to them are no results of their own; then the best of
/// those that are left, and so on. What is found is the same in whichever order films are looked at.
public struct NearestSearch: Sendable {
  /// A stretch of one film.
  public struct Hit: Sendable, Hashable {
    /// The number its film was looked at by.
    public let set: Int
    /// Its best row.
    public let row: Int
    public let likeness: Double
    public let place: VectorSet.Place
    /// Seconds from the first to the last row that is nearly as much alike.
    public let span: ClosedRange<Double>

    /// The most alike first; of ties the lower number of a film, and the earlier row.
    func precedes(_ other: Hit) -> Bool {
      likeness == other.likeness ? (set, row) < (other.set, other.row) : likeness > other.likeness
    }
  }

  private let kernel: DotKernel
  private let length: Int
  private let limit: Int
  private let gap: Double?
  private let least: Double
  /// Sorted where it is full.
  private var kept: [Hit] = []
  private var products: [Float] = []
  /// Rows that were compared.
  public private(set) var compared = 0

  /// A neighbour belongs to a stretch where it is so much less alike at most.
  public static let neighbour = 0.1

  /// - Parameters:
  ///   - vector: what the others are compared with.
  ///   - limit: results, at most.
  ///   - gap: seconds between rows of one result; `nil` makes every row a result of its own.
  ///   - least: what is less alike is not found.
  public init(_ vector: UnitVector, limit: Int, gap: Double?, least: Double = -1) {
    (kernel, length) = (DotKernel(vector.numbers), vector.numbers.count)
    (self.limit, self.gap, self.least) = (max(1, limit), gap, least)
  }

  /// The most alike first.
  public var hits: [Hit] { kept.sorted { $0.precedes($1) } }

  /// Looks at some rows of a film, or at all; `number` tells films apart, and is another for each.
  ///
  /// A group of vectors of another length has none that are alike.
  public mutating func look(at set: VectorSet, _ group: VectorSet.Group, number: Int, rows: [Range<Int>]? = nil) {
    guard group.length == length, group.count > 0 else { return }
    let rows = rows.map { $0.map { $0.clamped(to: 0..<group.count) }.filter { !$0.isEmpty } } ?? [0..<group.count]
    if products.count < group.count { products = [Float](repeating: 0, count: group.count) }
    let bytes = unsafe set.bytes.span.bytes
    for some in rows {
      kernel.multiply(bytes, from: group.vectors, rows: some, into: &products)
      compared += some.count
    }
    take(candidates(rows, bytes, group), set, group, number, rows)
  }

  /// Rows that can be a result, the best first.
  private func candidates(
    _ rows: [Range<Int>], _ bytes: borrowing RawSpan, _ group: VectorSet.Group
  ) -> [(row: Int, likeness: Double)] {
    let floor = floor
    let rough = floor.isFinite ? Float(floor) - kernel.tolerance * 2 : -.infinity
    var found: [(row: Int, likeness: Double)] = []
    for some in rows {
      for row in some where products[row] >= rough {
        let likeness = kernel.exact(bytes, from: group.vectors, row: row)
        if likeness >= floor, likeness >= least, likeness.magnitude <= 1.01 { found.append((row, likeness)) }
      }
    }
    return found.sorted { $0.likeness == $1.likeness ? $0.row < $1.row : $0.likeness > $1.likeness }
  }

  private var floor: Double { kept.count < limit ? max(-.infinity, least) : max(kept[limit - 1].likeness, least) }

  private mutating func take(
    _ found: [(row: Int, likeness: Double)], _ set: VectorSet, _ group: VectorSet.Group, _ number: Int,
    _ rows: [Range<Int>]
  ) {
    var stretch = Stretch(set, group, rows, gap: gap)
    for (row, likeness) in found {
      guard kept.count < limit || likeness >= kept[limit - 1].likeness else { return }
      guard let span = stretch.around(row, products, from: Float(likeness - Self.neighbour)) else { continue }
      keep(
        Hit(set: number, row: row, likeness: likeness, place: set.place(row, in: group), span: span))
    }
  }

  private mutating func keep(_ hit: Hit) {
    var (low, high) = (0, kept.count)
    while low < high {
      let middle = (low + high) / 2
      if kept[middle].precedes(hit) { low = middle + 1 } else { high = middle }
    }
    guard low < limit else { return }
    kept.insert(hit, at: low)
    if kept.count > limit { kept.removeLast() }
  }
}

/// Which rows of a film belong to a result already.
private struct Stretch {
  private let set: VectorSet
  private let group: VectorSet.Group
  private let gap: Double?
  private let rows: [Range<Int>]
  private var taken: [Bool]

  init(_ set: VectorSet, _ group: VectorSet.Group, _ rows: [Range<Int>], gap: Double?) {
    (self.set, self.group, self.gap, self.rows) = (set, group, gap, rows)
    taken = [Bool](repeating: gap != nil, count: gap == nil ? 0 : group.count)
    if gap != nil { for some in rows { for row in some { taken[row] = false } } }
  }

  /// The seconds of the result around a row; `nil` where it belongs to another.
  mutating func around(_ row: Int, _ products: [Float], from least: Float) -> ClosedRange<Double>? {
    let time = set.time(row, in: group)
    guard let gap else { return time.isFinite ? time...time : nil }
    guard !taken[row], time.isFinite else { return nil }
    let first = reach(row, -1, gap, products, least)
    let last = reach(row, 1, gap, products, least)
    let (from, to) = (set.time(first, in: group), set.time(last, in: group))
    var place = first
    while place >= 0, from - set.time(place, in: group) <= gap {
      taken[place] = true
      place -= 1
    }
    place = first
    while place < group.count, set.time(place, in: group) - to <= gap {
      taken[place] = true
      place += 1
    }
    return min(from, to)...max(from, to)
  }

  private func reach(_ row: Int, _ step: Int, _ gap: Double, _ products: [Float], _ least: Float) -> Int {
    var (last, place) = (row, row + step)
    while place >= 0, place < group.count, (set.time(place, in: group) - set.time(last, in: group)).magnitude <= gap {
      if taken[place] || products[place] < least {
        // Other objects of the same frame, and what was not to be compared, do not end it; what is less alike does.
        guard set.time(place, in: group) == set.time(last, in: group) else { break }
      } else {
        last = place
      }
      place += step
    }
    return last
  }
}
