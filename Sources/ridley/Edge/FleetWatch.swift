import Base
import Delivery
import Fleet

/// Looks at a centre's nodes for those that say nothing: an incident from then on until they are back, or revoked.
final class FleetWatch: Sendable {
  private struct Last {
    var at: UInt64 = 0
    var sights: [ProblemWatch.Sight] = []
  }

  static let kind = "node-silent"
  /// Milliseconds of silence: several beats, of which all nodes together have 50 a second at the most.
  private static let patience = (least: 45_000, ofEach: 60)
  /// Seconds for which it has to be so: nodes look for a centre that was away once a minute.
  private static let standing = 75.0
  /// Nanoseconds until all nodes are looked at again.
  private static let rest: UInt64 = 10_000_000_000

  private let book: FleetBook
  private let last = Monitor(Last())

  init(_ book: FleetBook) { self.book = book }

  /// What is to be said of each node, as it was looked at last.
  func sights() throws(Fault) -> [ProblemWatch.Sight] {
    if let known = last.update({ $0.at > 0 && Clock.now - $0.at < Self.rest ? $0.sights : nil }) { return known }
    let count = last.update { $0.sights.count }
    let (nodes, silent) = try book.silent(after: max(Self.patience.least, Self.patience.ofEach * count))
    let since = Dictionary(silent.map { ($0.node.name, $0.since) }) { first, _ in first }
    let sights = nodes.map { node in
      let words = since[node.name].map { "the node '\(node.name.text)' has said nothing since \(UTC.text($0 / 1000))" }
      return ProblemWatch.Sight(
        IncidentDesk.Place(Self.kind, client: node.client, stream: "\(node.name.text)/node"), problem: words,
        patience: Self.standing)
    }
    last.update { $0 = Last(at: Clock.now, sights: sights) }
    return sights
  }
}
