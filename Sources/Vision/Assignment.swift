/// Finds the pairing of rows and columns with the least total cost: the assignment problem.
///
/// Shortest augmenting paths with potentials (Jonker and Volgenant 1987), O(rows² × columns). A pair that costs `limit`
/// or more is never made: such costs count as `limit`, which is what leaving both alone costs, so the total is least over
/// partial pairings too. Equal totals are settled by order alone, so the answer never depends on chance. Keeps its memory
/// between calls.
struct Assignment: Sendable {
  private var rowPrice: [Double] = []
  private var columnPrice: [Double] = []
  /// Row of each column, from 1; 0 is none.
  private var owner: [Int] = []
  private var previous: [Int] = []
  private var slack: [Double] = []
  private var isDone: [Bool] = []
  /// Row by row; pairs that are never made, and columns that stand for being left alone, cost the limit.
  private var prices: [Double] = []

  /// The column of each row, or `nil`.
  mutating func solve(rows: Int, columns: Int, limit: Double, cost: (Int, Int) -> Double) -> [Int?] {
    guard rows > 0, columns > 0 else { return Array(repeating: nil, count: rows) }
    // There must be a column for each row: the added ones stand for being left alone.
    let width = max(columns, rows)
    reset(rows, width, limit)
    for row in 0..<rows {
      for column in 0..<columns {
        let price = cost(row, column)
        if price < limit { prices[row * width + column] = price }
      }
    }
    for row in 1...rows { insert(row, width) }
    var found = [Int?](repeating: nil, count: rows)
    for column in 1...width where owner[column] > 0 {
      let row = owner[column] - 1
      if prices[row * width + column - 1] < limit { found[row] = column - 1 }
    }
    return found
  }

  /// Gives `row` a column, moving others along the cheapest chain of exchanges.
  private mutating func insert(_ row: Int, _ width: Int) {
    for column in 0...width { (slack[column], isDone[column]) = (.infinity, false) }
    owner[0] = row
    var at = 0
    repeat {
      isDone[at] = true
      let (from, next) = (owner[at], scan(from: at, width))
      precondition(from > 0 && next > 0, "a column is always found: there are as many as rows")
      at = next
    } while owner[at] != 0
    while at != 0 {
      owner[at] = owner[previous[at]]
      at = previous[at]
    }
  }

  /// Looks at every column from the row that owns `at`, shifts prices by the least slack, and gives its column.
  private mutating func scan(from at: Int, _ width: Int) -> Int {
    let row = owner[at]
    var (least, next) = (Double.infinity, 0)
    for column in 1...width where !isDone[column] {
      let reduced = prices[(row - 1) * width + column - 1] - rowPrice[row] - columnPrice[column]
      if reduced < slack[column] { (slack[column], previous[column]) = (reduced, at) }
      if slack[column] < least { (least, next) = (slack[column], column) }
    }
    for column in 0...width {
      if isDone[column] {
        rowPrice[owner[column]] += least
        columnPrice[column] -= least
      } else {
        slack[column] -= least
      }
    }
    return next
  }

  private mutating func reset(_ rows: Int, _ width: Int, _ limit: Double) {
    func fill<T>(_ list: inout [T], _ count: Int, _ value: T) {
      list.removeAll(keepingCapacity: true)
      list.append(contentsOf: repeatElement(value, count: count))
    }
    fill(&rowPrice, rows + 1, 0)
    fill(&columnPrice, width + 1, 0)
    fill(&owner, width + 1, 0)
    fill(&previous, width + 1, 0)
    fill(&slack, width + 1, 0)
    fill(&isDone, width + 1, false)
    fill(&prices, rows * width, limit)
  }
}
