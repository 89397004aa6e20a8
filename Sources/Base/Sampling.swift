/// Which frames are looked at.
public enum Sampling: Sendable, Hashable {
  case all
  /// One frame in so many seconds.
  case every(seconds: Double)
  /// So many frames a second, where there are so many.
  case fps(Double)
  /// Those that stand alone.
  case keyFrames
}
