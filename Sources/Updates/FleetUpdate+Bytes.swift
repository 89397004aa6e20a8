/// Whose bytes a centre keeps.
extension [FleetUpdate] {
  /// Of so many of the newest updates for the same nodes the way back is kept.
  public static var waysBack: Int { 5 }

  /// The update that is gone back to from another one: `older`, or the last one that went through for all of its nodes and says all that it says.
  public func wayBack(from update: FleetUpdate, to older: Int? = nil) -> FleetUpdate? {
    let earlier = filter {
      $0.version < update.version && $0.state == .done && ($0.target == .fleet || $0.target == update.target)
    }
    guard let older else { return earlier.last { $0.parts.isSuperset(of: update.parts) } }
    return earlier.first { $0.version == older }
  }

  /// Those whose bytes no node takes any more, and no way back leads to; from the oldest to the newest, as these are.
  ///
  /// A node may take what is running, and what is done, unless a newer one that is done for all of its nodes says all that it says.
  public var spent: [FleetUpdate] {
    var kept: Set<Int> = []
    for update in self where update.state == .running || update.state == .done {
      if !contains(where: { $0.state == .done && $0.replaces(update) }) { kept.insert(update.version) }
    }
    for same in Dictionary(grouping: self, by: \.target).values {
      for update in same.suffix(Self.waysBack) {
        if let back = wayBack(from: update) { kept.insert(back.version) }
      }
    }
    return filter { !kept.contains($0.version) }
  }
}
