public import Base
internal import Crypto
public import ModelHub
internal import Tokenization

/// A network of texts with its vocabulary as it was read once: what turns words into tokens for as long as the network is loaded.
///
/// Files may change beside a network that runs: what was read here stays, and is what the model's digest was made of.
public struct TextTokenizer: Sendable {
  /// With the digests of its files.
  public let model: Model
  public let recipe: TextRecipe
  let pieces: WordPiece

  /// Reads the vocabulary; digests of files that did not change are kept in the folder `cache`.
  ///
  /// - Throws: `unsupported` for a model that takes no words, `badInput` where the vocabulary is none, or another than the model's digest was made of.
  public init(_ model: Model, cache: String?) throws(Fault) {
    guard let recipe = model.manifest.words else { throw Self.takesNoWords(model.name) }
    let identified = try model.identified(cache: cache)
    let file = identified.path(of: recipe.vocabulary)
    do throws(Fault) {
      let bytes = try FileSystem.read(file, limit: Vocabulary.mostBytes)
      let wanted = identified.manifest.files.first { $0.path == recipe.vocabulary }?.sha256
      let found = SHA256.hex(of: bytes)
      guard found == wanted else {
        throw Fault(
          .badInput,
          "it was changed while it was read: expected SHA-256 \(wanted ?? "of a listed file"), it has \(found); load the model again once the right file is there"
        )
      }
      pieces = WordPiece(try Vocabulary(lines: bytes), isLowercase: recipe.isLowercase, length: recipe.length)
    } catch { throw error.at(file) }
    (self.model, self.recipe) = (identified, recipe)
  }

  /// Tokens that are known.
  public var tokenCount: Int { pieces.tokenCount }

  static func takesNoWords(_ name: String) -> Fault {
    Fault(
      .unsupported,
      "the model '\(name)' takes no words: a network of texts has 'text:' in its manifest, with its vocabulary; see docs/search.md"
    )
  }
}
