internal import Items

/// Fills a page from rows that come one more than it holds.
struct PageBuilder<Element: Sendable> {
  private let query: Query
  private let index: String?
  private var elements: [Element] = []
  private var byteCount = 0
  private var last: [UInt8] = []
  private var hasMore = false

  init(_ query: Query, index: String?) { (self.query, self.index) = (query, index) }

  /// `false` where the page is full, and the row that was asked about begins the next.
  mutating func hasRoom(for size: Int) -> Bool {
    byteCount += size
    hasMore = elements.count == query.limit || !elements.isEmpty && byteCount > ItemLimits.pageByteCount
    return !hasMore
  }

  mutating func add(_ element: Element, at place: [UInt8]) {
    elements.append(element)
    last = place
  }

  func finish() -> Page<Element> {
    Page(elements: elements, next: hasMore ? PageToken(query, index: index, behind: last) : nil)
  }
}
