public import Base
internal import Library

/// An enrolled node that said nothing for long.
public struct SilentNode: Sendable, Hashable {
  public let node: FleetNode
  /// When it was heard last, or came in, in milliseconds since 1970.
  public let since: Int
}

extension FleetBook {
  /// Milliseconds after which one of so many nodes is silent: several beats, of which all nodes together have 50 a second at the most.
  public static func patience(ofNodes count: Int) -> Int { max(45_000, 60 * count) }

  /// Enrolled nodes, and of which of them nothing was heard for so many milliseconds.
  public func silent(after patience: Int) throws(Fault) -> (nodes: [FleetNode], silent: [SilentNode]) {
    let (nodes, statuses, now) = (try nodes().filter { $0.state == .enrolled }, try statuses(), library.now)
    let silent = nodes.compactMap { node -> SilentNode? in
      let since = statuses[node.name.text]?.seen ?? node.enrolled
      return now - since > patience ? SilentNode(node: node, since: since) : nil
    }
    return (nodes, silent)
  }
}
