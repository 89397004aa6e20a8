/// How a text becomes what a network of texts takes, and which of its numbers stand for the text.
///
/// Where a manifest has one, its network takes no pictures: it turns words into a vector, for searches by words.
public struct TextRecipe: Sendable, Hashable {
  /// Which of the numbers for each token stand for all of them.
  public enum Pooling: String, Sendable, Hashable, CaseIterable {
    /// Their mean over the tokens.
    case mean
    /// Those of the first token.
    case first
    /// The network gives one row for the text.
    case none
  }

  /// One of the manifest's files: tokens of WordPiece, one a line, in the order of their numbers.
  public var vocabulary: String
  /// Letters are made small, and accents taken away.
  public var isLowercase = true
  /// Tokens of one text, at most, with the marks at its beginning and end.
  public var length = 128
  public var pooling = Pooling.mean
  /// The output that is read; `nil` is the first.
  public var output: String?
  /// Inputs of the network: the tokens' numbers, which of them count, and to which text they belong.
  public var ids = "input_ids"
  public var mask = "attention_mask"
  public var types = "token_type_ids"
  /// The network of pictures whose vectors lie in the same space; `nil` for a network of texts alone.
  public var pictures: String?

  /// Tokens, at most: what is longer costs the square of it.
  public static let longest = 1024

  public init(vocabulary: String) { self.vocabulary = vocabulary }

  /// In one fixed form, with every default.
  var normalForm: [String] {
    [
      "text", "vocabulary", vocabulary, "lowercase", "\(isLowercase)", "length", "\(length)", "pooling",
      pooling.rawValue, "output", output ?? "", "ids", ids, "mask", mask, "types", types, "pictures", pictures ?? "",
    ]
  }

  /// The lines of a manifest, every rule written out.
  var lines: [String] {
    [
      "vocabulary: \(Manifest.quoted(vocabulary))", "lowercase: \(isLowercase)", "length: \(length)",
      "pooling: \(pooling.rawValue)",
    ] + (output.map { ["output: \(Manifest.quoted($0))"] } ?? [])
      + [
        "ids: \(Manifest.quoted(ids))", "mask: \(Manifest.quoted(mask))", "types: \(Manifest.quoted(types))",
      ] + (pictures.map { ["pictures: \($0)"] } ?? [])
  }
}
