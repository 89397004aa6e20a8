public import Base

/// What a node of a fleet is called; no two of a fleet share a name.
public struct NodeName: Sendable, Hashable {
  public let text: String

  /// Small letters, digits, `.`, `_` and `-`, at most 63, and no mark in front: fit for a path, a log and an index.
  ///
  /// - Throws: `badInput` for any other text.
  public init(_ text: String) throws(Fault) {
    guard Self.isValid(text) else {
      throw Fault(
        .badInput,
        "'\(text.prefix(64))' is no name of a node: small letters, digits, '.', '_' and '-', at most \(Self.mostBytes), and no mark in front"
      )
    }
    self.text = text
  }

  public static func isValid(_ text: String) -> Bool { text.utf8.count <= mostBytes && ClientName.isValid(text) }

  /// The same as a regular expression.
  public static let pattern = "^[a-z0-9][a-z0-9._-]{0,62}$"

  private static let mostBytes = 63
}

/// Words on nodes, by which people name many at once: groups, of which updates know, and tags.
public enum NodeWords {
  /// Of each kind on one node.
  public static let most = 32

  /// Each once, in the order of their bytes.
  ///
  /// - Throws: `badInput` where one is no such word as a node's name is, and where there are too many.
  public static func checked(_ words: [String], _ what: String) throws(Fault) -> [String] {
    for word in words where !NodeName.isValid(word) {
      throw Fault(
        .badInput,
        "'\(word.prefix(64))' is no \(what): small letters, digits, '.', '_' and '-', at most 63, and no mark in front")
    }
    let each = Set(words).sorted()
    guard each.count <= most else { throw Fault(.badInput, "a node has at most \(most) \(what)s, not \(each.count)") }
    return each
  }
}
