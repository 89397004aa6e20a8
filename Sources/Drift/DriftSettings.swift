public import Base

/// How it is watched whether something drifts.
public struct DriftSettings: Sendable, Hashable {
  public var isOn = true
  /// Seconds between two pictures that are counted: those in between show much the same.
  public var every = 2.0
  /// Seconds that are looked at together; windows begin at multiples of that since 1970.
  public var window = 900.0
  /// Seconds of windows that the reference is made of.
  public var learn = 86_400.0
  /// An hour is compared with the same hour of the day, and those beside it, in UTC; else with all of the reference.
  public var isDaily = true
  /// So many windows in a row have to say the same.
  public var windows = 3
  /// The index from which something has left its reference, and below which it is back.
  public var enter = 0.25
  public var leave = 0.1
  /// Pictures, or answers, that a window and the reference need before anything is concluded from them.
  public var evidence = 100

  public init() {}

  /// The most windows that a reference is made of.
  public static let mostWindows = 336

  /// Windows that the reference is made of.
  public var learning: Int { Int((learn / window).rounded(.up)) }

  /// Faults are `badInput`.
  public func check() throws(Fault) {
    guard every >= 0.1, window >= 10 * every, window <= 86_400 else {
      throw Fault(.badInput, "drift: a window is from 10 times 'every' to 24h, and 'every' is 100ms or more")
    }
    guard (4...Self.mostWindows).contains(learning) else {
      throw Fault(
        .badInput,
        "drift: the reference is made of 4 to \(Self.mostWindows) windows, and these are \(learning): change 'learn' or 'window'"
      )
    }
    guard !isDaily || learn >= 86_400 && window <= 3600 else {
      throw Fault(
        .badInput,
        "drift: to compare hours of the day, at least 24h are learnt, in windows of 1h or less: change 'learn' or 'window', or say 'rhythm: none'"
      )
    }
    guard enter > leave, leave > 0, windows >= 1, evidence >= 10 else {
      throw Fault(
        .badInput, "drift: 'enter' is above 'leave' and both above 0, 'windows' is 1 or more and 'evidence' 10 or more")
    }
  }

  /// Something that was learnt with one holds with the other.
  func learnsAs(_ other: DriftSettings) -> Bool {
    (every, window, learn, isDaily) == (other.every, other.window, other.learn, other.isDaily)
  }
}
