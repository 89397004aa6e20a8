public import Base
internal import Objects

/// A thread beside a server that keeps totals in step, and now and then takes away what is not needed any more.
public final class LibraryMaintenance: Sendable {
  private let thread: RepeatingThread

  /// Milliseconds between two looks at the stream of changes.
  private static let interval = 100
  /// Nanoseconds between two collections of bytes.
  private static let collection: UInt64 = 600_000_000_000

  /// Seconds for which events of streams are kept where nothing else is said.
  public static let usualEventAge = 30 * 24 * 3600.0

  /// Events of streams are removed when they are older than `eventAge` seconds.
  ///
  /// `complain` hears of what fails, once for each reason in a row; it is tried again.
  public init(
    _ library: Library, examiner: any MediaExaminer, eventAge: Double = usualEventAge,
    complain: @escaping @Sendable (Fault) -> Void
  ) {
    let (collected, isWhole) = (Monitor(UInt64(0)), Monitor(false))
    thread = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { () throws(Fault) in
      try library.settle(within: 5)
      if !isWhole.update({ $0 }) {
        try library.completeAnswers()
        isWhole.update { $0 = true }
      }
      guard Clock.now - collected.update({ $0 }) > Self.collection else { return }
      try library.finishUploads(examiner: examiner)
      _ = try library.uploads.removeExpired(now: library.now / 1000)
      _ = try library.removeEvents(before: library.now - Int(eventAge * 1000))
      _ = try library.collect()
      try library.trimChanges()
      collected.update { $0 = Clock.now }
    }
  }

  /// Ends the thread once what it is at is done; call it exactly once.
  public func stop() { thread.stop() }
}
