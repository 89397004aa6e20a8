/// Finds the pairs of films that are most alike, by a few frames of each: exactly, by comparing all with all.
///
/// How alike two are is, for every frame of the one with fewer, the greatest cosine with a frame of the other, and the mean of these: of two pictures, their
/// cosine. Where both have as many, the greater of both ways counts.
public struct LikenessPairs: Sendable {
  public struct Pair: Sendable, Hashable {
    /// The numbers that they were added by, the lower first.
    public let a: Int
    public let b: Int
    public let likeness: Double
    /// Seconds that the same frame is later in `b` than in `a`: the median over the frames that were compared.
    public let offset: Double

    func precedes(_ other: Pair) -> Bool {
      likeness == other.likeness ? (a, b) < (other.a, other.b) : likeness > other.likeness
    }
  }

  private struct Film {
    let number: Int
    let rows: Range<Int>
  }

  private let length: Int
  private let frames: Int
  private var films: [Film] = []
  private var times: [Double] = []
  private var numbers: [Float] = []

  /// For vectors of a length, of which so many `frames` of each film are compared at most.
  public init(length: Int, frames: Int) { (self.length, self.frames) = (length, max(1, frames)) }

  /// Vectors that are compared.
  public var count: Int { times.count }

  /// Takes a film, evenly chosen frames of it; each number once, the lowest first.
  public mutating func add(_ set: VectorSet, _ group: VectorSet.Group, number: Int) {
    precondition(films.last.map { $0.number < number } ?? true, "films come in the order of their numbers")
    guard group.length == length else { return }
    var first: [Int] = []
    for row in 0..<group.count where first.last.map({ set.time($0, in: group) != set.time(row, in: group) }) ?? true {
      first.append(row)
    }
    let start = times.count
    let count = min(frames, first.count)
    for place in 0..<count {
      let row = first[(2 * place + 1) * first.count / (2 * count)]
      times.append(set.time(row, in: group))
      numbers += set.vector(row, in: group)
    }
    if count > 0 { films.append(Film(number: number, rows: start..<start + count)) }
  }

  /// The most alike first, of those that are so much alike at least.
  public func pairs(least: Double, limit: Int) -> [Pair] {
    var found: [Pair] = []
    var floor = least
    var products = [Float](repeating: 0, count: times.count)
    for place in films.indices.dropLast() {
      for rough in roughly(place, Float(floor), &products) {
        let pair = exact(films[place], films[rough])
        if pair.likeness >= floor { found.append(pair) }
      }
      guard found.count >= 2 * limit else { continue }
      found = Array(found.sorted { $0.precedes($1) }.prefix(limit))
      floor = max(floor, found[limit - 1].likeness)
    }
    return Array(found.sorted { $0.precedes($1) }.prefix(limit))
  }

  /// The films behind one that may be so much alike to it.
  private func roughly(_ place: Int, _ floor: Float, _ products: inout [Float]) -> [Int] {
    let own = films[place].rows
    let others = own.upperBound..<times.count
    var (sums, best) = ([Float](repeating: 0, count: films.count), [Float](repeating: -2, count: times.count))
    var tolerance: Float = 0
    for row in own {
      let kernel = DotKernel(Array(numbers[row * length..<(row + 1) * length]))
      tolerance = kernel.tolerance * 2
      unsafe kernel.multiply(numbers.span.bytes, from: 0, rows: others, into: &products)
      for film in place + 1..<films.count {
        var greatest: Float = -2
        for other in films[film].rows {
          greatest = max(greatest, products[other])
          best[other] = max(best[other], products[other])
        }
        sums[film] += greatest
      }
    }
    return (place + 1..<films.count).filter { film in
      let rows = films[film].rows
      let there = rows.count <= own.count ? best[rows].reduce(0, +) / Float(rows.count) : -2
      let here = own.count <= rows.count ? sums[film] / Float(own.count) : -2
      return max(here, there) >= floor - tolerance
    }
  }

  private func exact(_ a: Film, _ b: Film) -> Pair {
    var table = [[Double]](repeating: [], count: a.rows.count)
    for (place, row) in a.rows.enumerated() {
      let kernel = DotKernel(Array(numbers[row * length..<(row + 1) * length]))
      table[place] = b.rows.map { unsafe kernel.exact(numbers.span.bytes, from: 0, row: $0) }
    }
    let times = { (film: Film, place: Int) in self.times[film.rows.lowerBound + place] }
    var ways: [(likeness: Double, offset: Double)] = []
    if a.rows.count <= b.rows.count {
      ways.append(Self.way(a.rows.count, b.rows.count, { table[$0][$1] }, { times(b, $1) - times(a, $0) }))
    }
    if b.rows.count <= a.rows.count {
      ways.append(Self.way(b.rows.count, a.rows.count, { table[$1][$0] }, { times(b, $0) - times(a, $1) }))
    }
    let best = ways.count > 1 && ways[1].likeness > ways[0].likeness ? ways[1] : ways[0]
    return Pair(a: a.number, b: b.number, likeness: best.likeness, offset: best.offset)
  }

  private static func way(
    _ count: Int, _ others: Int, _ likeness: (Int, Int) -> Double, _ offset: (Int, Int) -> Double
  ) -> (likeness: Double, offset: Double) {
    var (sum, offsets) = (0.0, [Double]())
    for own in 0..<count {
      var best = 0
      for other in 1..<max(1, others) where likeness(own, other) > likeness(own, best) { best = other }
      sum += likeness(own, best)
      offsets.append(offset(own, best))
    }
    return (sum / Double(count), offsets.sorted()[count / 2])
  }
}
