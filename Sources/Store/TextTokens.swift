internal import Base
internal import Items

/// What an entry of a text index is found by, the same for every engine.
enum TextTokens {
  /// All that the entry can be found by.
  static func all(of entry: TextEntry) -> Set<[UInt8]> {
    var tokens: Set<[UInt8]> = [partition(entry.partition)]
    for filter in entry.filters { tokens.insert(token(filter, entry.partition)) }
    let beginning = beginning(entry.partition)
    for word in entry.words {
      var token = beginning
      for scalar in word.unicodeScalars {
        token += Array(UTF8.encode(scalar)!)
        tokens.insert(token)
      }
    }
    return tokens
  }

  /// What must all be found for a query.
  static func asked(_ query: TextQuery) -> [[UInt8]] {
    let beginning = beginning(query.partition)
    var tokens = query.words.map { beginning + Array($0.utf8) }
    tokens += query.filters.map { token($0, query.partition) }
    return tokens.isEmpty ? [partition(query.partition)] : tokens
  }

  /// The same as an expression of FTS5; tokens hold no quotes.
  static func expression(_ query: TextQuery) -> String {
    asked(query).map { "\"\(String(decoding: $0, as: UTF8.self))\"" }.joined(separator: " AND ")
  }

  private static func partition(_ partition: String) -> [UInt8] { Array("p\(hash([partition]))".utf8) }

  private static func token(_ filter: TextQuery.Filter, _ partition: String) -> [UInt8] {
    Array("f\(hash([partition, filter.attribute, filter.value]))".utf8)
  }

  private static func beginning(_ partition: String) -> [UInt8] { Array("w\(hash([partition]))".utf8) }

  /// Two texts may have the same; what is found is therefore compared with the item itself.
  private static func hash(_ texts: [String]) -> String { Hex.text(Fingerprint.bytes(of: Fingerprint.of(texts))) }
}
