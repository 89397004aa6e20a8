/// What the best cut is the best in.
public enum PlacementAim: String, Sendable, Hashable, CaseIterable {
  case time, bytes, money
}

extension [PlacementForecast] {
  /// The best of the cuts that can be had; `nil` where none can.
  ///
  /// Without an aim it is the cheapest of those that keep up with a live source (the one with the fewest bytes where no prices are known), and
  /// the quickest where none does. Of those that are equal in that it is the quickest. One that the sample did not try is none.
  public func best(for aim: PlacementAim?) -> PlacementForecast? {
    let possible = filter { $0.isPossible && !$0.isUntried }
    switch aim {
    case .time: return possible.least { $0.seconds }
    case .bytes: return possible.least { $0.bytesUp + $0.bytesDown }
    case .money: return possible.least { $0.money ?? .infinity }
    case nil:
      let inTime = possible.filter(\.isInTime)
      guard !inTime.isEmpty else { return possible.least { $0.load } }
      return inTime.least { $0.money ?? $0.bytesUp + $0.bytesDown }
    }
  }

  /// The quickest of those that have the least of something.
  private func least(_ amount: (PlacementForecast) -> Double) -> PlacementForecast? {
    self.min { (amount($0), $0.seconds) < (amount($1), $1.seconds) }
  }
}
