/// A word of a text with its place among the others, for searches of words that stand one behind the other.
///
/// Words are compared as ``TextQuery`` compares them: without case and accents, their first 32 characters. Where a script sets no spaces
/// between words, each letter is a token of its own.
public struct SearchToken: Sendable, Hashable {
  public let word: String
  /// It goes on where the token before it ends, with nothing between them.
  public let isJoined: Bool

  /// All of a text, in its order.
  public static func all(in text: String) -> [SearchToken] {
    SearchWords.runs(text).flatMap { run in
      let starts = run.indices.filter { SearchWords.begins(at: $0, of: run) }
      return starts.enumerated().map { number, start in
        let end = number + 1 < starts.count ? starts[number + 1] : run.endIndex
        return SearchToken(word: SearchWords.word(run[start..<end]), isJoined: number > 0)
      }
    }
  }
}
