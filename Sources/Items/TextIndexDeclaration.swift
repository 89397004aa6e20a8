public import Base
internal import JSON

/// A way to items by attributes and by words: as `IndexDeclaration`, a pure function of their bodies that the table keeps in step.
///
/// Every search is in one partition. An item that lacks an attribute of the partition has no entry.
public struct TextIndexDeclaration: Sendable, Hashable {
  /// Lower-case letters, digits and `-`; another than that of any index of the table.
  public let name: String
  public let partition: [IndexDeclaration.Part]
  /// Attributes that are compared exactly, byte by byte: a string, or an array of strings any of which may be the one.
  public let filters: [String]
  /// Attributes whose words are searched, all together: strings, or arrays of strings.
  public let words: [String]

  public init(_ name: String, partition: [IndexDeclaration.Part], filters: [String], words: [String]) {
    (self.name, self.partition, self.filters, self.words) = (name, partition, filters, words)
  }

  /// The entry of an item, `nil` where it has none.
  ///
  /// Faults are `badInput`: an attribute that is neither text nor an array of texts, too many words, or a partition that is no key.
  func entry(of body: ItemBody) throws(Fault) -> TextEntry? {
    guard let partition = try partition.key(of: body, index: name) else { return nil }
    let filters = try values(body)
    var words: Set<String> = []
    for attribute in self.words {
      for text in try body.texts(attribute) { words.formUnion(SearchWords.all(in: text)) }
    }
    guard words.count <= ItemLimits.wordCount, filters.count <= ItemLimits.wordCount else {
      throw Fault(
        .badInput,
        "\(max(words.count, filters.count)) different words: an item has at most \(ItemLimits.wordCount) that are searched"
      )
    }
    return TextEntry(partition: partition, filters: filters, words: words)
  }

  /// Whether a query finds an item: what ``allows(_:_:of:)`` says, and the words too, for engines that keep hashes of words.
  public func finds(_ query: TextQuery, _ body: [UInt8], of key: ItemKey) throws(Fault) -> Bool {
    let body = try ItemBody(body, of: key)
    guard try allows(query, body) else { return false }
    guard !query.words.isEmpty else { return true }
    var words: Set<String> = []
    for attribute in self.words {
      for text in try body.texts(attribute) { words.formUnion(SearchWords.all(in: text)) }
    }
    return query.words.allSatisfy { asked in words.contains { $0.utf8.starts(with: asked.utf8) } }
  }

  private func values(_ body: ItemBody) throws(Fault) -> Set<TextQuery.Filter> {
    var values: Set<TextQuery.Filter> = []
    for attribute in filters {
      for value in try body.texts(attribute) { values.insert(TextQuery.Filter(attribute, value)) }
    }
    return values
  }

  /// Whether an item may be among the answers of a query, as far as its partition and its filters go.
  public func allows(_ query: TextQuery, _ body: [UInt8], of key: ItemKey) throws(Fault) -> Bool {
    try allows(query, try ItemBody(body, of: key))
  }

  private func allows(_ query: TextQuery, _ body: ItemBody) throws(Fault) -> Bool {
    guard let partition = try partition.key(of: body, index: name), partition.hasSameBytes(as: query.partition) else {
      return false
    }
    guard !query.filters.isEmpty else { return true }
    return try values(body).isSuperset(of: query.filters)
  }

  /// One line that is another one whenever the index is; no `IndexDeclaration` has it.
  public var canonicalText: String {
    Self.mark
      + [partition.canonicalText, CompositeKey.joined(filters), CompositeKey.joined(words)].joined(separator: " / ")
  }

  private static let mark = "search / "

  /// Whether a ``canonicalText`` is that of a text index.
  public static func wrote(_ canonicalText: String) -> Bool { canonicalText.utf8.starts(with: mark.utf8) }
}

/// What the body of an item makes of it in a text index.
public struct TextEntry: Sendable {
  public let partition: String
  public let filters: Set<TextQuery.Filter>
  /// As `TextQuery.words` has them; a word of a query is found where one of these begins so.
  public let words: Set<String>

  public func isSame(as other: TextEntry) -> Bool {
    partition.hasSameBytes(as: other.partition) && filters == other.filters && words == other.words
  }
}
