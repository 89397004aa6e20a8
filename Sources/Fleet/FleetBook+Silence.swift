/// An enrolled node that said nothing for long.
public struct SilentNode: Sendable, Hashable {
  public let node: FleetNode
  /// When it was heard last, or came in, in milliseconds since 1970.
  public let since: Int
}

extension FleetBook {
  /// Milliseconds after which one of so many nodes is silent: several beats, of which all nodes together have 50 a second at the most.
  public static func patience(ofNodes count: Int) -> Int { max(45_000, 60 * count) }
}
