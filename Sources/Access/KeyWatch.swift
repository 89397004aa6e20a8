public import Base

/// A thread that looks once a second whether the keys of a server were changed, and which sessions were signed out elsewhere.
public final class KeyWatch: Sendable {
  private let thread: RepeatingThread

  /// `complain` hears of keys that cannot be read, once for each reason in a row; the keys known before stay in force.
  public convenience init(_ ring: KeyRing, complain: @escaping @Sendable (Fault) -> Void) {
    self.init(ring, rests: 10, complain: complain)
  }

  /// Like the above, looking every so many tenths of a second.
  init(_ ring: KeyRing, rests: Int, complain: @escaping @Sendable (Fault) -> Void) {
    thread = RepeatingThread(restMilliseconds: rests * 100, complain: complain) { () throws(Fault) in
      try ring.refresh(at: Clock.date)
    }
  }

  /// Ends the thread, within a tenth of a second; call it exactly once.
  public func stop() { thread.stop() }
}
