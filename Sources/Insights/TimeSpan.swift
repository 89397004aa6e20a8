/// A stretch of a film in seconds, its end not included; one of no length, as a picture alone has, is its beginning.
public struct TimeSpan: Sendable, Hashable {
  public var start: Double
  public var end: Double

  public init(start: Double, end: Double) { (self.start, self.end) = (start, end) }

  func contains(_ time: Double) -> Bool { time >= start && time < end || time == start }
  func meets(_ other: TimeSpan) -> Bool { contains(other.start) || other.contains(start) }
}

/// The frames that were looked at: each speaks for the time until the next one, the last until the film ends.
struct LookedFrames: Sendable {
  private(set) var times: [Double] = []

  var isEmpty: Bool { times.isEmpty }
  var count: Int { times.count }

  mutating func add(_ time: Double) {
    precondition(time.isFinite && time >= times.last ?? time, "frames are added in order of presentation")
    times.append(time)
  }

  /// When the last frame ends: where the film does, where that is known, else as long after it as the one before was long.
  func end(film: Double?) -> Double {
    guard let last = times.last else { return 0 }
    if let film, film > last { return film }
    return last + (times.count > 1 ? last - times[times.count - 2] : 0)
  }

  /// Up to when a frame speaks.
  func end(of frame: Int, film: Double?) -> Double { frame + 1 < times.count ? times[frame + 1] : end(film: film) }
}
