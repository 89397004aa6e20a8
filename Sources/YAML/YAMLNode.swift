/// Where a value begins in its document; both count from 1, the column in characters.
public struct YAMLPlace: Sendable, Hashable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
}

/// One value of a document, with its place.
public struct YAMLNode: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// Text as written; `quoted` tells `"7"` from `7`, and a block (`|`, `>`) counts as quoted.
    case scalar(String, quoted: Bool)
    case list([YAMLNode])
    /// Keys in the order of the document, each once.
    case map([YAMLEntry])
  }

  public var kind: Kind
  public var place: YAMLPlace

  public init(_ kind: Kind, at place: YAMLPlace) { (self.kind, self.place) = (kind, place) }
}

/// One line of a map: its key, where the key stands, and what it is set to.
public struct YAMLEntry: Sendable, Hashable {
  public var key: String
  public var place: YAMLPlace
  public var node: YAMLNode

  public init(key: String, place: YAMLPlace, node: YAMLNode) {
    (self.key, self.place, self.node) = (key, place, node)
  }
}
