extension HLSPlaylist {
  /// A segment that was played, as it is known again in a later playlist, also of another connection.
  public struct Place: Sendable, Hashable {
    public var number: Int
    /// Without its query, which servers write anew for each who asks.
    public var address: String
    /// The first byte of its part of what lies there.
    public var start: Int

    public init(number: Int, address: String, start: Int) {
      (self.number, self.address, self.start) = (number, address, start)
    }
  }

  /// Segments before the end of what is live at which playing begins, as the standard has it.
  static let mostAhead = 3

  /// Where playing begins: the beginning of what is whole, else three segments before the end.
  var start: Int { (isWhole ? segments.first : segments.suffix(Self.mostAhead).first)?.number ?? 0 }

  /// The number of the segment behind one that was played, whether it is there already or not.
  ///
  /// `nil` where a server began anew: its numbers are far smaller, and what was played is not among them. A list that lags a little is no such thing.
  func number(behind place: Place) -> Int? {
    guard let first = segments.first?.number, let last = segments.last?.number else { return place.number + 1 }
    if first > place.number { return place.number + 1 }
    if segments.contains(where: { $0.place == place }) { return place.number + 1 }
    if let same = segments.last(where: { $0.place.address == place.address && $0.place.start == place.start }) {
      return same.number + 1
    }
    return last + Self.mostAhead < place.number ? nil : place.number + 1
  }
}

extension HLSPlaylist.Segment {
  var place: HLSPlaylist.Place {
    HLSPlaylist.Place(number: number, address: String(address.prefix { $0 != "?" }), start: range?.lowerBound ?? 0)
  }
}
