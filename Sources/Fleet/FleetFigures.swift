public import Base
internal import Catalog
internal import Items
internal import Library
internal import Store
public import Updates

/// A centre's fleet in numbers, as it was looked at once.
public struct FleetFigures: Sendable {
  public struct Node: Sendable {
    public let node: FleetNode
    /// When it was heard last, in milliseconds since 1970; `nil` for never.
    public let seen: Int?
    /// What it said then.
    public let summary: NodeSummary
    /// How it is with those of ``FleetFigures/updates`` that are for it, by their numbers.
    public let standings: [Int: UpdateStanding]

    public var name: String { node.name.text }
    public var client: String { node.client }
  }

  /// Those that are enrolled, by name.
  public let nodes: [Node]
  /// Those that were revoked.
  public let revoked: [FleetNode]
  /// The numbers of updates that are told of: the newest five, and those that are running; at most twenty.
  public let updates: [Int]
}

extension FleetFigures {
  /// Nodes of which nothing was heard for so many milliseconds at a moment in milliseconds since 1970.
  public func silent(after patience: Int, at now: Int) -> [SilentNode] {
    nodes.compactMap { one in
      let since = one.seen ?? one.node.enrolled
      return now - since > patience ? SilentNode(node: one.node, since: since) : nil
    }
  }
}

extension UpdateBook {
  /// The fleet as it is now; one report is in memory at a time.
  public func figures() throws(Fault) -> FleetFigures {
    let all = try updates()
    let told = Array((all.dropLast(5).filter { $0.state == .running } + all.suffix(5)).suffix(20))
    let nodes = try FleetBook(library).nodes()
    var said: [String: (seen: Int, summary: NodeSummary, report: NodeUpdateReport?)] = [:]
    try library.table.forEach(Query(LibraryKeys.fleetStatuses)) { (item) throws(Fault) in
      let status = try NodeStatus(item)
      said[item.key.sort] = (status.seen, NodeSummary(report: status.report), try? Self.report(status.report))
    }
    return FleetFigures(
      nodes: nodes.filter { $0.state == .enrolled }.map { node in
        let (name, last) = (node.name.text, said[node.name.text])
        let known = UpdatedNode(name: name, seen: last?.seen, report: last?.report)
        let mine = told.filter { $0.target.has(node: name, groups: node.groups) }
        return FleetFigures.Node(
          node: node, seen: last?.seen, summary: last?.summary ?? NodeSummary(report: []),
          standings: Dictionary(mine.map { ($0.version, $0.standing(of: known)) }) { first, _ in first })
      }, revoked: nodes.filter { $0.state == .revoked }, updates: told.map(\.version))
  }
}
