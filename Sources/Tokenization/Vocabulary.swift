public import Base

/// The tokens that a network of texts knows, by their numbers.
public struct Vocabulary: Sendable {
  private let numbers: [[UInt8]: Int32]
  /// Tokens.
  public let count: Int
  /// The marks at the beginning and the end of a text, and what stands for a word that has no tokens.
  let begin, end, unknown: Int32

  /// Bytes of a file of tokens, at most.
  public static let mostBytes = 16 << 20

  /// Tokens of WordPiece as BERT has them: one a line in UTF-8, the first has the number 0.
  ///
  /// - Throws: `badInput` where it lacks one of `[CLS]`, `[SEP]` and `[UNK]`, without which no text can be written.
  public init(lines bytes: [UInt8]) throws(Fault) {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var numbers: [[UInt8]: Int32] = [:]
    numbers.reserveCapacity(lines.count)
    for (number, line) in lines.enumerated() {
      // The last of two that are the same counts, as elsewhere.
      numbers[Array(line.last == 13 ? line.dropLast() : line)] = Int32(number)
    }
    func mark(_ text: String) throws(Fault) -> Int32 {
      guard let number = numbers[Array(text.utf8)] else {
        throw Fault(
          .badInput,
          "the vocabulary has no \(text): it must be one of WordPiece, one token a line, as the vocab.txt of BERT's networks"
        )
      }
      return number
    }
    (begin, end, unknown) = (try mark("[CLS]"), try mark("[SEP]"), try mark("[UNK]"))
    (self.numbers, count) = (numbers, lines.count)
  }

  func number(_ token: [UInt8]) -> Int32? { numbers[token] }
}
