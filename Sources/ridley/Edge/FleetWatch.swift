import Base
import Delivery
import Fleet
import Gateway
import Library

/// Looks at a centre's nodes, and tells which came in, were revoked, are silent, and are back; of those that say nothing there is an incident from then
/// on until they are back, or revoked.
final class FleetWatch: Sendable {
  private struct Last {
    var at: UInt64 = 0
    var sights: [ProblemWatch.Sight] = []
    var fault: Fault?
    var news = FleetNews(patience: FleetWatch.standing)
  }

  static let kind = "node-silent"
  /// Seconds for which it has to be so: nodes look for a centre that was away within 75.
  private static let standing = 90.0
  /// Nanoseconds until all nodes are looked at again.
  private static let rest: UInt64 = 10_000_000_000

  private let fleet: FleetDesk
  private let say: @Sendable (String) -> Void
  private let complain: @Sendable (Fault) -> Void
  private let last = Monitor(Last())

  /// `say` hears what becomes of nodes, and `complain` of what fails, once for each reason in a row.
  init(_ fleet: FleetDesk, say: @escaping @Sendable (String) -> Void, complain: @escaping @Sendable (Fault) -> Void) {
    (self.fleet, self.say, self.complain) = (fleet, say, complain)
  }

  /// What is to be said of each node, as it was looked at last; where they cannot be looked at that stays, and keeps nothing else from being said.
  func sights() -> [ProblemWatch.Sight] {
    var known = last.update { $0 }
    guard known.at == 0 || Clock.now - known.at >= Self.rest else { return known.sights }
    do throws(Fault) { (known.sights, known.fault) = (try look(count: known.sights.count, &known.news), nil) } catch {
      if known.fault != error { complain(error.at("the nodes of the fleet")) }
      known.fault = error
    }
    known.at = Clock.now
    last.update { [known] in $0 = known }
    return known.sights
  }

  private func look(count: Int, _ news: inout FleetNews) throws(Fault) -> [ProblemWatch.Sight] {
    let figures = try fleet.note()
    let nodes = figures.nodes.map(\.node)
    let silent = figures.silent(after: FleetBook.patience(ofNodes: count), at: fleet.book.library.now)
    for words in news.look(nodes, silent: Set(silent.map(\.node.name)), at: Double(Clock.now) / 1e9) { say(words) }
    let since = Dictionary(silent.map { ($0.node.name, $0.since) }) { first, _ in first }
    return nodes.map { node in
      let words = since[node.name].map { "the node '\(node.name.text)' has said nothing since \(UTC.text($0 / 1000))" }
      return ProblemWatch.Sight(
        IncidentDesk.Place(Self.kind, client: node.client, stream: "\(node.name.text)/node"), problem: words,
        patience: Self.standing)
    }
  }
}
