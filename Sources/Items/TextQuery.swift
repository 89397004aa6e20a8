public import Base

/// Items of one partition of a text index, those that were first put last coming first; an update keeps an item's place.
///
/// All filters must hold, and every word of the text must be the beginning of a word of the item, as in a search box that finds while one
/// types: `spr sal` finds `Spring_Sale.mp4`. The text is words and nothing else, never a language: quotes, `*` and `NEAR` mean nothing. Where it
/// has no word (empty, or signs alone), it asks for nothing, and all that the filters let through is found.
public struct TextQuery: Sendable, Hashable {
  /// A value that an attribute must have.
  public struct Filter: Sendable {
    public let attribute: String
    public let value: String

    public init(_ attribute: String, _ value: String) { (self.attribute, self.value) = (attribute, value) }
  }

  public let partition: String
  public let filters: [Filter]
  public let text: String?
  /// Elements of a page, at most.
  public let limit: Int
  /// The text's words as they are compared.
  public let words: [String]

  public init(
    _ partition: String, filters: [(attribute: String, value: String)] = [], text: String? = nil, limit: Int = 50
  ) {
    (self.partition, self.text, self.limit) = (partition, text, limit)
    self.filters = filters.map { Filter($0.attribute, $0.value) }
    words = text.map { SearchWords.asked(in: $0) } ?? []
  }

  /// Faults are `badInput`, but `bug` for a filter that the index does not have.
  public func check(for index: TextIndexDeclaration) throws(Fault) {
    try ItemKey.check(partition, "partition key")
    guard (1...ItemLimits.pageCount).contains(limit) else {
      throw Fault(.badInput, "a page of \(limit) elements: it has 1 to \(ItemLimits.pageCount)")
    }
    guard (text?.utf8.count ?? 0) <= ItemLimits.searchByteCount, words.count <= ItemLimits.searchCount else {
      throw Fault(
        .badInput,
        "a search has at most \(ItemLimits.searchCount) words, and \(ItemLimits.searchByteCount) bytes: shorten it")
    }
    guard filters.count <= ItemLimits.searchCount else {
      throw Fault(.badInput, "\(filters.count) filters: a search has at most \(ItemLimits.searchCount)")
    }
    for filter in filters where !index.filters.contains(filter.attribute) {
      throw Fault(
        .bug, "the text index '\(index.name)' has no filter '\(filter.attribute)': declare it in the table's schema")
    }
  }
}

extension TextQuery.Filter: Hashable {
  public static func == (a: Self, b: Self) -> Bool {
    a.attribute.hasSameBytes(as: b.attribute) && a.value.hasSameBytes(as: b.value)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in value.utf8 { hasher.combine(byte) }
  }
}
