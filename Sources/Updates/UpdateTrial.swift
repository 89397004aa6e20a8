/// How a node is with what it serves.
public enum NodeHealth: Sendable, Hashable {
  case well
  /// Something is not ready yet.
  case waiting(String)
  /// Something cannot be served, or answers otherwise than it was recorded: it never becomes better by itself.
  case bad(String)
}

/// The time for which a new version is watched before it stays.
///
/// Values in, decisions out; moments are seconds of a clock that only grows.
public struct UpdateTrial: Sendable {
  public enum Decision: Sendable, Hashable {
    case wait
    case settle
    case goBack(String)
  }

  private let health: Bundle.Health
  private let began: Double
  private var wellSince: Double?

  public init(_ health: Bundle.Health, at moment: Double) { (self.health, began) = (health, moment) }

  public mutating func look(_ found: NodeHealth, at moment: Double) -> Decision {
    switch found {
    case .bad(let reason): return .goBack(reason)
    case .well:
      let since = wellSince ?? moment
      wellSince = since
      return moment - since >= Double(health.seconds) ? .settle : .wait
    case .waiting(let reason):
      wellSince = nil
      guard moment - began >= Double(health.patience) else { return .wait }
      return .goBack("it was not well within \(health.patience) s: \(reason)")
    }
  }
}
