public import Base

/// The nodes of a fleet by their keys, as a server looks at them with every request: in memory, and refreshed when they change.
public final class NodeRing: Sendable {
  /// What a key is worth.
  public enum Verdict: Sendable, Hashable {
    case enrolled(FleetNode)
    case revoked(NodeName)
    /// Nobody's, or one that a node had before it was enrolled anew.
    case unknown
  }

  private struct Known: Sendable {
    var revision = ""
    var nodes: [String: FleetNode] = [:]
    var enrolled = 0
  }

  public let book: FleetBook
  private let known = Monitor(Known())
  /// One reads at a time: what one read before a node was shut out never stands above what another read behind it.
  private let reading = Monitor(())

  public init(_ book: FleetBook) throws(Fault) {
    self.book = book
    try refresh()
  }

  /// Reads the nodes where they have changed; for a thread that may block.
  public func refresh() throws(Fault) {
    try reading.update { (_) throws(Fault) in
      let revision = try book.revision()
      guard known.update({ $0.revision != revision }) else { return }
      let nodes = Dictionary(try book.nodes().map { ($0.fingerprint, $0) }) { first, _ in first }
      let enrolled = nodes.values.count { $0.state == .enrolled }
      known.update { $0 = Known(revision: revision, nodes: nodes, enrolled: enrolled) }
    }
  }

  /// Never waits.
  ///
  /// `key` is the fingerprint of a key that its holder has proved to hold.
  public func verdict(of key: [UInt8]) -> Verdict {
    guard let node = known.update({ $0.nodes[Hex.text(key)] }) else { return .unknown }
    return node.state == .enrolled ? .enrolled(node) : .revoked(node.name)
  }

  /// Nodes that are enrolled.
  public var count: Int { known.update { $0.enrolled } }
}
