/// All routes, found by path: a trie of segments, so that a look-up takes as long as the path has segments, however many
/// routes there are.
///
/// A literal segment goes before a parameter, and where it leads nowhere the parameter is tried: `/v2/models/stats` is not the
/// model `stats`, and `/v2/models/stats/ready` is. An empty segment is no parameter's value.
struct RouteTable: Sendable {
  private struct Node {
    var literals: [Substring: Int] = [:]
    var parameter: Int?
    /// Of this path, one for each method.
    var routes: [Route] = []
  }

  let groups: [RouteGroup]
  let routes: [Route]
  private var nodes = [Node()]

  init(_ groups: [RouteGroup]) {
    self.groups = groups
    routes = groups.flatMap(\.routes)
    for route in routes { insert(route) }
  }

  private mutating func insert(_ route: Route) {
    var place = 0
    for segment in route.pattern.segments { place = child(of: place, segment) }
    precondition(
      !nodes[place].routes.contains { $0.method == route.method },
      "two routes answer \(route.method.rawValue) \(route.pattern.text)")
    nodes[place].routes.append(route)
  }

  private mutating func child(of place: Int, _ segment: PathPattern.Segment) -> Int {
    let next = nodes.count
    switch segment {
    case .literal(let text):
      if let known = nodes[place].literals[text] { return known }
      nodes[place].literals[text] = next
    case .parameter:
      if let known = nodes[place].parameter { return known }
      nodes[place].parameter = next
    }
    nodes.append(Node())
    return next
  }

  /// What a path stands for.
  struct Match {
    /// One for each method, in the order of the table.
    let routes: [Route]
    /// The parameters' values, decoded.
    let values: [String]

    /// The route that answers a method; HEAD goes where GET goes, unless it has a route of its own.
    func route(for method: String) -> Route? {
      routes.first { $0.method.rawValue == method } ?? (method == "HEAD" ? routes.first { $0.method == .get } : nil)
    }

    /// For the header `Allow`.
    var allowed: String {
      var words: [String] = []
      for word in routes.flatMap(\.method.allowed) where !words.contains(word) { words.append(word) }
      return words.joined(separator: ", ")
    }
  }

  /// `nil` where nothing stands at a path.
  func match(_ path: String) -> Match? {
    guard let segments = PathPattern.segments(of: path) else { return nil }
    var values: [String] = []
    guard let place = find(segments[...], from: 0, &values) else { return nil }
    return Match(routes: nodes[place].routes, values: values)
  }

  private func find(_ segments: ArraySlice<Substring>, from place: Int, _ values: inout [String]) -> Int? {
    guard let segment = segments.first else { return nodes[place].routes.isEmpty ? nil : place }
    let rest = segments.dropFirst()
    if let next = nodes[place].literals[segment], let found = find(rest, from: next, &values) { return found }
    guard let next = nodes[place].parameter, !segment.isEmpty else { return nil }
    values.append(String(segment))
    if let found = find(rest, from: next, &values) { return found }
    values.removeLast()
    return nil
  }
}
