/// Finds the word that was probably meant.
public enum Suggestion {
  /// The closest of `known` within two edits (a third of the word for longer ones), or `nil`.
  ///
  /// A word that shares nothing with another is not close to it, however short both are.
  public static func closest(to word: String, among known: [String]) -> String? {
    let limit = max(2, word.count / 3)
    let ranked = known.map { (word: $0, distance: distance(word, $0)) }
      .filter { $0.distance <= limit && $0.distance < max(word.count, $0.word.count) }
    return ranked.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
  }

  /// `" (did you mean 'x'?)"`, or nothing.
  public static func hint(for word: String, among known: [String]) -> String {
    closest(to: word, among: known).map { " (did you mean '\($0)'?)" } ?? ""
  }

  /// Levenshtein distance in characters.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
