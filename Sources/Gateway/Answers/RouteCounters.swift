internal import Base

/// Counts answers by route and by class of status; any thread, no lock.
struct RouteCounters: Sendable {
  private static let classes = 6

  private let routes: [Route]
  private let places: [ObjectIdentifier: Int]
  /// For each route its classes of status, and behind the last route those of requests that had none.
  private let counters: [Counter]

  init(_ table: RouteTable) {
    routes = table.routes
    places = Dictionary(uniqueKeysWithValues: routes.enumerated().map { (ObjectIdentifier($0.element), $0.offset) })
    counters = (0..<(routes.count + 1) * Self.classes).map { _ in Counter() }
  }

  func count(_ route: Route?, _ status: Int) {
    let place = route.flatMap { places[ObjectIdentifier($0)] } ?? routes.count
    counters[place * Self.classes + min(max(0, status / 100), Self.classes - 1)].add()
  }

  /// Those that were asked; HEAD counts with GET, and requests without a route have empty labels.
  func write(to text: inout MetricsText) {
    text.begin("ridley_http_route_requests_total", .counter, help: "Requests by route and class of status.")
    for place in 0...routes.count {
      let route = place < routes.count ? routes[place] : nil
      for status in 0..<Self.classes {
        let count = counters[place * Self.classes + status].value
        guard count > 0 else { continue }
        text.sample(
          count,
          [
            "route": route?.pattern.text ?? "", "method": route?.method.rawValue ?? "", "status": "\(status)xx",
          ])
      }
    }
  }
}
