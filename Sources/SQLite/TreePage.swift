/// One page of a file, of which SQLite made a part of a tree (sqlite.org/fileformat2.html, section 1.6); pure.
struct TreePage {
  /// As it stands in the file.
  private(set) var bytes: [UInt8]
  /// Where its header begins: behind that of the file on the first page.
  private let header: Int
  /// Bytes that belong to the tree; what may stand behind them is of extensions.
  private let usable: Int

  /// `nil` for a page of another kind: one that is free, or that goes on with a long value.
  ///
  /// Those begin with the number of a page, and in a file of ``mostPages`` its first byte is none of the kinds.
  init?(_ bytes: [UInt8], number: Int, usable: Int) {
    header = number == 1 ? 100 : 0
    guard [2, 5, 10, 13].contains(bytes[header]) else { return nil }
    (self.bytes, self.usable) = (bytes, usable)
  }

  /// Pages of a file whose trees are told from other pages by their first byte alone.
  static let mostPages = (1 << 25) - 1

  private func number(at place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

  /// What lies between the places of the cells and the cells: nothing, for SQLite; `nil` on a damaged page.
  private var gap: Range<Int>? {
    let isLeaf = bytes[header] >= 10
    let start = header + (isLeaf ? 8 : 12) + 2 * number(at: header + 3)
    let content = number(at: header + 5)
    let end = content == 0 ? 65_536 : content
    return start <= end && end <= usable ? start..<end : nil
  }

  /// Overwrites with zeros what belongs to no cell.
  ///
  /// - Returns: whether there was anything; `nil` on a damaged page.
  mutating func clear() -> Bool? {
    guard let gap else { return nil }
    var hadSome = clear(gap)
    // Free blocks: each begins with the place of the next and its own length.
    var (place, last) = (number(at: header + 1), gap.upperBound - 1)
    while place != 0 {
      guard place > last, place + 4 <= usable, case let end = place + number(at: place + 2),
        (place + 4...usable).contains(end)
      else { return nil }
      hadSome = clear(place + 4..<end) || hadSome
      (place, last) = (number(at: place), end - 1)
    }
    return hadSome
  }

  private mutating func clear(_ range: Range<Int>) -> Bool {
    guard bytes[range].contains(where: { $0 != 0 }) else { return false }
    bytes.replaceSubrange(range, with: repeatElement(0, count: range.count))
    return true
  }
}
