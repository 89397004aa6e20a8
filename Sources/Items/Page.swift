/// Some of what a query finds, and where it goes on.
public struct Page<Element: Sendable>: Sendable {
  public let elements: [Element]
  /// `nil` where this page is the last.
  public let next: PageToken?

  public init(elements: [Element], next: PageToken?) { (self.elements, self.next) = (elements, next) }
}

extension Page: Equatable where Element: Equatable {}
