internal import Base

/// Whether somebody set the machine's clock since this was made: what a connection tells has times by the clock as it was at its first picture.
///
/// The clock on the wall is held against one that nobody sets; both follow a time server's corrections in the same way, so that only steps count.
struct WallClockWatch {
  /// Seconds by which the clock may be set and nothing is done about it.
  static let tolerance = 1.0
  private let ahead: Double

  init(ahead: Double = WallClockWatch.ahead) { self.ahead = ahead }

  /// The same for a connection to a source: a film would begin at its first picture, and goes on as it is.
  func isSet(for source: StreamSource) -> Bool {
    if case .film = source.kind { return false }
    return isSet()
  }

  func isSet(ahead now: Double = WallClockWatch.ahead) -> Bool { abs(now - ahead) > Self.tolerance }

  /// Seconds by which the clock on the wall is ahead of the one that nobody sets.
  static var ahead: Double {
    var best: (took: UInt64, ahead: Double)?
    // A thread that has to wait between two looks finds them far apart.
    for _ in 0..<3 {
      let (before, wall, after) = (Clock.now, Clock.seconds, Clock.now)
      let found = (took: after - before, ahead: wall - Double(before) / 1e9)
      if best.map({ found.took < $0.took }) ?? true { best = found }
    }
    return best?.ahead ?? 0
  }
}
