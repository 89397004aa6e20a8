/// The tokens of a text: for each word the longest ones of the vocabulary that it begins with, one behind the other.
///
/// Schuster and Nakajima, "Japanese and Korean Voice Search" (2012), in the form of BERT: `##` stands before a token that goes on with a word, and a word that
/// cannot be written is one unknown token. Words like `[SEP]` in a text are text, and no marks.
public struct WordPiece: Sendable {
  private let vocabulary: Vocabulary
  private let normalizer: TextNormalizer
  private let length: Int

  /// Longer words are unknown.
  private static let longestWord = 100

  /// `length` is how many tokens one text has at most, with the marks at its beginning and end; 3 or more.
  public init(_ vocabulary: Vocabulary, isLowercase: Bool, length: Int) {
    precondition(length >= 3, "a text has a token between its marks")
    (self.vocabulary, normalizer, self.length) = (vocabulary, TextNormalizer(isLowercase: isLowercase), length)
  }

  /// Tokens that are known.
  public var tokenCount: Int { vocabulary.count }

  /// A text as a network takes it.
  public struct Encoded: Sendable, Hashable {
    /// The tokens' numbers, the marks at the beginning and the end among them.
    public let ids: [Int32]
    /// It was longer, and what stands behind was not looked at.
    public let isCut: Bool
    /// Words of which no token is known, as they stand in the text without case.
    public let unknown: [String]
  }

  public func encode(_ text: String) -> Encoded {
    var (ids, unknown, isCut): ([Int32], [String], Bool) = ([], [], false)
    for word in normalizer.words(of: text) {
      guard ids.count <= length - 2 else { break }
      let pieces = pieces(word)
      if pieces == [vocabulary.unknown] { unknown.append(String(String.UnicodeScalarView(word))) }
      ids += pieces
    }
    if ids.count > length - 2 {
      ids.removeLast(ids.count - (length - 2))
      isCut = true
    }
    return Encoded(ids: [vocabulary.begin] + ids + [vocabulary.end], isCut: isCut, unknown: unknown)
  }

  private func pieces(_ word: [Unicode.Scalar]) -> [Int32] {
    guard word.count <= Self.longestWord else { return [vocabulary.unknown] }
    var (pieces, start): ([Int32], Int) = ([], 0)
    while start < word.count {
      guard let (number, end) = longest(word, from: start) else { return [vocabulary.unknown] }
      pieces.append(number)
      start = end
    }
    return pieces
  }

  private func longest(_ word: [Unicode.Scalar], from start: Int) -> (number: Int32, end: Int)? {
    var (bytes, ends): ([UInt8], [Int]) = (start > 0 ? [35, 35] : [], [])
    for scalar in word[start...] {
      bytes += Array(UTF8.encode(scalar)!)
      ends.append(bytes.count)
    }
    for (place, end) in ends.enumerated().reversed() {
      if let number = vocabulary.number(Array(bytes[..<end])) { return (number, start + place + 1) }
    }
    return nil
  }
}
