internal import Base

/// Rows as columns of text, numbers to the right.
struct AlignedText {
  private var rows: [[String]] = []
  private let rightFrom: Int

  /// Columns from `rightFrom` on stand to the right.
  init(rightFrom: Int = 1) { self.rightFrom = rightFrom }

  mutating func add(_ cells: String...) { rows.append(cells) }

  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let pad = String(repeating: " ", count: widths[column] - cell.count)
        return column >= rightFrom ? pad + cell : cell + pad
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
