/// What became of a fleet's nodes from one look at them to the next, in sentences for a log.
public struct FleetNews: Sendable {
  private struct Sight: Sendable {
    /// When the node came in: one of the same name that came in later is another.
    let enrolled: Int
    /// Since when it says nothing, by the clock of the looks.
    var silentSince: Double?
    var isTold = false
  }

  /// Seconds for which a node has to be silent before that is told.
  private let patience: Double
  private var known: [NodeName: Sight]?

  public init(patience: Double) { self.patience = patience }

  /// What is new at `seconds` of a clock that nobody sets; at the first look no node counts as having come in.
  ///
  /// `nodes` are those that are enrolled, `silent` those of them that say nothing.
  public mutating func look(_ nodes: [FleetNode], silent: Set<NodeName>, at seconds: Double) -> [String] {
    var (now, news): ([NodeName: Sight], [String]) = ([:], [])
    for node in nodes {
      let name = node.name.text
      let before = known?[node.name].flatMap { $0.enrolled == node.enrolled ? $0 : nil }
      if known != nil, before == nil { news.append("the node \(name) came in") }
      var sight = before ?? Sight(enrolled: node.enrolled)
      if silent.contains(node.name) {
        let since = sight.silentSince ?? seconds
        sight.silentSince = since
        if !sight.isTold, seconds - since >= patience {
          sight.isTold = true
          news.append("the node \(name) is silent")
        }
      } else {
        if sight.isTold { news.append("the node \(name) is back") }
        (sight.silentSince, sight.isTold) = (nil, false)
      }
      now[node.name] = sight
    }
    let gone = known?.keys.filter { now[$0] == nil }.map(\.text).sorted() ?? []
    known = now
    return news + gone.map { "the node \($0) was revoked" }
  }
}
