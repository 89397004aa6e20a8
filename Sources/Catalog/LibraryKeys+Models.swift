public import Items

/// Where the registry of models stands: their versions, and where their aliases pointed, ever.
extension LibraryKeys {
  /// All models, which are few, by name.
  public static let models = "MODELS"

  public static func model(_ name: String) -> ItemKey { ItemKey(models, name) }

  public static func modelPartition(_ name: String) -> String { CompositeKey.joined("MODEL", name) }

  public static let modelVersions = "VERSION#"

  public static func modelVersion(_ name: String, _ number: Int) -> ItemKey {
    ItemKey(modelPartition(name), CompositeKey.joined("VERSION", CompositeKey.number(number)))
  }

  /// Which version of a model has a digest.
  public static func modelDigest(_ name: String, _ digest: String) -> ItemKey {
    ItemKey(modelPartition(name), CompositeKey.joined("DIGEST", digest))
  }

  public static let modelAliases = "ALIAS#"

  /// The last move of an alias.
  public static func modelAlias(_ name: String, _ alias: String) -> ItemKey {
    ItemKey(modelPartition(name), CompositeKey.joined("ALIAS", alias))
  }

  /// A move of an alias; `at` is in milliseconds since 1970, and no two moves of one alias have the same.
  public static func modelMove(_ name: String, _ alias: String, at: Int) -> ItemKey {
    ItemKey(modelPartition(name), CompositeKey.joined("MOVE", alias, CompositeKey.time(milliseconds: at)))
  }

  /// Moves of an alias, or of all aliases by alias.
  public static func modelMoves(_ alias: String?) -> String {
    alias.map { CompositeKey.prefix("MOVE", $0) } ?? CompositeKey.prefix("MOVE")
  }

  /// Moves of an alias up to a moment in milliseconds since 1970.
  public static func modelMoves(_ alias: String, upTo at: Int) -> Query.Range {
    .between(
      CompositeKey.joined("MOVE", alias, CompositeKey.time(milliseconds: 0)),
      CompositeKey.joined("MOVE", alias, CompositeKey.time(milliseconds: at)))
  }

  /// Inputs of a version with their answers; `nil` for those of all versions.
  public static func modelExamples(of number: Int?) -> String { prefix("EXAMPLES", number) }

  public static func modelExamples(_ name: String, _ number: Int, _ id: ULID) -> ItemKey {
    ItemKey(modelPartition(name), modelExamples(of: number) + id.text)
  }

  /// Tags and metrics of a version; `nil` for those of all versions.
  public static func modelNotes(of number: Int?) -> String { prefix("NOTE", number) }

  /// `at` is in milliseconds since 1970.
  public static func modelNote(_ name: String, _ number: Int, at: Int, _ id: ULID) -> ItemKey {
    ItemKey(
      modelPartition(name),
      modelNotes(of: number) + CompositeKey.joined(CompositeKey.time(milliseconds: at), id.text))
  }

  /// Signatures of a version; `nil` for those of all versions.
  public static func modelSignatures(of number: Int?) -> String { prefix("SIGNATURE", number) }

  /// `key` is the public key, as hexadecimal digits.
  public static func modelSignature(_ name: String, _ number: Int, key: String) -> ItemKey {
    ItemKey(modelPartition(name), modelSignatures(of: number) + key)
  }

  private static func prefix(_ word: String, _ number: Int?) -> String {
    number.map { CompositeKey.prefix(word, CompositeKey.number($0)) } ?? CompositeKey.prefix(word)
  }
}
