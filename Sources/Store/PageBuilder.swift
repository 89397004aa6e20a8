internal import Items

/// Fills a page from rows that come one more than it holds.
struct PageBuilder<Element: Sendable, Place> {
  private let limit: Int
  private var elements: [Element] = []
  private var byteCount = 0
  private var last: Place?
  private var hasMore = false

  init(limit: Int) { self.limit = limit }

  /// `false` where the page is full, and the row that was asked about begins the next.
  mutating func hasRoom(for size: Int) -> Bool {
    byteCount += size
    hasMore = elements.count == limit || !elements.isEmpty && byteCount > ItemLimits.pageByteCount
    return !hasMore
  }

  mutating func add(_ element: Element, at place: Place) {
    elements.append(element)
    last = place
  }

  /// `token` is given the place of the last element.
  func finish(_ token: (Place) -> PageToken) -> Page<Element> {
    Page(elements: elements, next: hasMore ? last.map(token) : nil)
  }
}
