internal import Base
internal import Catalog
internal import Fleet
internal import Library
internal import Updates
internal import Web

/// Nodes and updates of a centre for Prometheus: of the caller's client, as they were looked at within the last seconds.
extension Gateway {
  /// Nodes that have samples of their own.
  static let mostNodes = 1000

  func writeFleet(of scope: ClientScope, to text: inout MetricsText) {
    guard let fleet, let figures = fleet.figures else { return }
    let (now, patience) = (fleet.book.library.now, FleetBook.patience(ofNodes: fleet.ring.count))
    let all = figures.nodes.filter { scope.covers($0.client) }.map { node in
      (node: node, isUp: node.seen.map { now - $0 <= patience } ?? false)
    }
    guard !all.isEmpty else { return }
    let up = all.count { $0.isUp }
    text.begin("ridley_nodes", .gauge, help: "Nodes of the fleet that were heard lately, and those that are silent.")
    text.sample(up, ["state": "up"])
    text.sample(all.count - up, ["state": "silent"])
    text.begin(
      "ridley_nodes_left_out", .gauge, help: "Nodes that have no samples of their own, since there are too many.")
    text.sample(max(0, all.count - Self.mostNodes))
    writeNodes(Array(all.prefix(Self.mostNodes)), to: &text)
    writeUpdates(figures.updates, all.map(\.node), to: &text)
  }

  private func writeNodes(_ nodes: [(node: FleetFigures.Node, isUp: Bool)], to text: inout MetricsText) {
    text.begin("ridley_node_up", .gauge, help: "1 where the node was heard lately.")
    for (node, isUp) in nodes { text.sample(isUp ? 1 : 0, Self.labels(node)) }
    text.begin("ridley_node_last_seen_timestamp_seconds", .gauge, help: "When the node was heard last.")
    for (node, _) in nodes { if let seen = node.seen { text.sample(Double(seen) / 1000, Self.labels(node)) } }
    text.begin("ridley_node_info", .gauge, help: "1, with the version that the node said last.")
    for (node, _) in nodes {
      guard let version = node.summary.version else { continue }
      text.sample(1, ["client": node.client, "node": node.name, "version": version])
    }
    text.begin(
      "ridley_node_ledger_waiting", .gauge, help: "Entries of the node's ledger that the centre did not have yet.")
    for (node, _) in nodes { if let ledger = node.summary.ledger { text.sample(ledger.behind, Self.labels(node)) } }
    // What a silent node said of these is not so any more.
    let heard = nodes.filter(\.isUp).map(\.node)
    text.begin("ridley_node_temperature_celsius", .gauge, help: "Where the node's system tells.")
    for node in heard { if let degrees = node.summary.temperature { text.sample(degrees, Self.labels(node)) } }
    text.begin("ridley_node_disk_free_bytes", .gauge, help: "Free on the disk of the node's library.")
    for node in heard { if let free = node.summary.freeBytes { text.sample(free, Self.labels(node)) } }
    text.begin("ridley_node_disk_size_bytes", .gauge, help: "Of the disk of the node's library.")
    for node in heard { if let bytes = node.summary.diskBytes { text.sample(bytes, Self.labels(node)) } }
  }

  private static func labels(_ node: FleetFigures.Node) -> KeyValuePairs<String, String> {
    ["client": node.client, "node": node.name]
  }

  private func writeUpdates(_ versions: [Int], _ nodes: [FleetFigures.Node], to text: inout MetricsText) {
    let mine = versions.filter { version in nodes.contains { $0.standings[version] != nil } }
    guard !mine.isEmpty else { return }
    text.begin("ridley_update_nodes", .gauge, help: "Nodes that an update is for, by how they are with it.")
    for version in mine {
      for standing in UpdateStanding.allCases {
        let count = nodes.count { $0.standings[version] == standing }
        text.sample(count, ["version": "\(version)", "state": standing.rawValue])
      }
    }
  }
}
