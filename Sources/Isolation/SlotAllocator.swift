/// Which parts of a stretch of memory are taken: first fit, in whole pages, neighbours joined when they come free.
struct SlotAllocator {
  static let page = 4096

  /// Ascending, not empty, never touching each other.
  private(set) var free: [Range<Int>]
  let byteCount: Int

  /// A whole number of pages.
  init(byteCount: Int) {
    self.byteCount = byteCount
    free = byteCount > 0 ? [0..<byteCount] : []
  }

  /// `nil` where no free part is large enough.
  mutating func take(_ count: Int) -> Range<Int>? {
    guard count > 0, count <= byteCount else { return nil }
    let size = (count + Self.page - 1) / Self.page * Self.page
    guard let index = free.firstIndex(where: { $0.count >= size }) else { return nil }
    let part = free[index]
    let taken = part.lowerBound..<part.lowerBound + size
    if taken.upperBound == part.upperBound {
      free.remove(at: index)
    } else {
      free[index] = taken.upperBound..<part.upperBound
    }
    return taken
  }

  /// Takes back what ``take(_:)`` gave.
  mutating func give(_ part: Range<Int>) {
    var joined = part
    var index = free.firstIndex { $0.lowerBound >= part.upperBound } ?? free.count
    if index < free.count, free[index].lowerBound == part.upperBound {
      joined = joined.lowerBound..<free[index].upperBound
      free.remove(at: index)
    }
    if index > 0, free[index - 1].upperBound == part.lowerBound {
      index -= 1
      joined = free[index].lowerBound..<joined.upperBound
      free.remove(at: index)
    }
    free.insert(joined, at: index)
  }
}
