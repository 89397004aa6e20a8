internal import Items

/// How a node is with an update that is for it.
public enum UpdateStanding: String, Sendable, CaseIterable {
  /// It serves it, for good.
  case has
  case trial
  case fetching
  /// It took it, and went back.
  case left
  /// It cannot have it.
  case refused
  /// It took a newer one, or one of this number that its centre does not know any more.
  case past
  /// It may have it, and has not begun.
  case due
  /// It may not have it yet.
  case later
}

extension FleetUpdate {
  /// Whether this is what a node serves.
  func isServed(_ report: NodeUpdateReport?) -> Bool {
    guard let report, report.serving == version else { return false }
    return report.bundle?.hasSameBytes(as: bundle) ?? true
  }

  public func standing(of node: UpdatedNode) -> UpdateStanding {
    guard let report = node.report else { return isReleased(to: node.name) ? .due : .later }
    if isServed(report) { return report.isTrial ? .trial : .has }
    if report.serving == version { return .past }
    if let failure = report.failure, failure.version == version { return failure.isRefusal ? .refused : .left }
    if report.highest > version { return .past }
    if report.highest == version { return .left }
    if report.fetching?.version == version { return .fetching }
    return isReleased(to: node.name) ? .due : .later
  }
}

extension NodeUpdateReport {
  /// Why a node is where it is with an update, where that is known.
  public func reason(of version: Int) -> String? {
    if let failure, failure.version == version { return failure.reason }
    return highest < version || lost == version ? trouble : nil
  }
}
