internal import Items

/// Words that stand one behind the other; case and accents do not count.
///
/// A text index that is asked for ``text`` finds all that fit, and others too: it takes words in any order, and their beginnings.
public struct Phrase: Sendable, Hashable {
  /// As it was written.
  public let text: String
  /// The last word may go on.
  public let isPrefix: Bool
  private let tokens: [SearchToken]

  /// `nil` where the text has no word.
  public init?(_ text: String, isPrefix: Bool = false) {
    (self.text, self.isPrefix, tokens) = (text, isPrefix, SearchToken.all(in: text))
    if tokens.isEmpty { return nil }
  }

  public func matches(_ text: String) -> Bool {
    let there = SearchToken.all(in: text)
    guard there.count >= tokens.count else { return false }
    return (0...(there.count - tokens.count)).contains { start in
      tokens.indices.allSatisfy {
        fits(there[start + $0], tokens[$0], isFirst: $0 == 0, isLast: $0 == tokens.count - 1)
      }
    }
  }

  private func fits(_ there: SearchToken, _ asked: SearchToken, isFirst: Bool, isLast: Bool) -> Bool {
    guard isFirst || !asked.isJoined || there.isJoined else { return false }
    guard isLast && isPrefix else { return there.word == asked.word }
    return there.word.unicodeScalars.starts(with: asked.word.unicodeScalars)
  }

  public static func == (a: Self, b: Self) -> Bool { a.tokens == b.tokens && a.isPrefix == b.isPrefix }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(tokens)
    hasher.combine(isPrefix)
  }
}
