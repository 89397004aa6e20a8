public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Objects
internal import Store

/// A thread beside a server that keeps totals in step, and now and then takes away what is not needed any more.
public final class LibraryMaintenance: Sendable {
  private let thread: RepeatingThread
  private let ended = Monitor(false)

  /// Milliseconds between two looks at the stream of changes.
  private static let interval = 100
  /// Nanoseconds between two collections of bytes.
  private static let collection: UInt64 = 600_000_000_000
  /// Nanoseconds until one is tried again of which something failed.
  private static let retry: UInt64 = 60_000_000_000
  /// Nanoseconds of a step through what older programs made.
  private static let step: UInt64 = 300_000_000

  /// Seconds for which events of streams are kept where nothing else is said.
  public static let usualEventAge = 30 * 24 * 3600.0

  /// Events of streams are removed when they are older than `eventAge` seconds.
  ///
  /// `complain` hears of what fails, once for each reason in a row; it is tried again, and what else is done goes on.
  public init(
    _ library: Library, examiner: any MediaExaminer, eventAge: Double = usualEventAge,
    complain: @escaping @Sendable (Fault) -> Void
  ) {
    let (due, answers) = (Monitor(UInt64(0)), AnswersWalk(library, ended, complain))
    thread = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { () throws(Fault) in
      try library.settle(within: 5)
      var failure = answers.step(before: Clock.now + Self.step)
      if Clock.now >= due.update({ $0 }) {
        let missed = Self.collect(library, examiner, eventAge: eventAge)
        due.update { $0 = Clock.now + (missed == nil ? Self.collection : Self.retry) }
        failure = failure ?? missed
      }
      if let failure { throw failure }
    }
  }

  /// Does once what is due now and then, where nobody has begun that in the last ten minutes: for those who are asked now and then, and have no thread.
  ///
  /// Events of streams stay: for how long is said to servers. `goesOn` is asked every now and then; what there was no time for is the next round's.
  public static func round(_ library: Library, examiner: any MediaExaminer, goesOn: () -> Bool) throws(Fault) {
    guard try isDue(library) else { return }
    try library.settle(within: 5)
    if let fault = collect(library, examiner, eventAge: nil, goesOn: goesOn), goesOn() { throw fault }
  }

  private enum Field: String, CaseIterable { case began }

  /// Whether a round is this caller's to do; of several who ask at a time it is one's.
  private static func isDue(_ library: Library) throws(Fault) -> Bool {
    let (key, now) = (LibraryKeys.maintenance, library.now)
    let found = try library.table.get(key)
    let last = try found.map { (item) throws(Fault) in
      let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(key)")
      return try document.root.fields(Field.self, others: .ignored).required(.began).integer(in: 0 ... .max)
    }
    if let last, last <= now, now - last < Int(collection / 1_000_000) { return false }
    let mark = Write.put(
      key, JSONWriter.object { $0.field("began", now) }, if: found.map { .version($0.version) } ?? .absent)
    guard case .committed = try library.table.write([mark]) else { return false }
    return true
  }

  /// Does what is due now and then; what fails of it keeps nothing else back, and the first fault is given.
  private static func collect(
    _ library: Library, _ examiner: any MediaExaminer, eventAge: Double?, goesOn: () -> Bool = { true }
  ) -> Fault? {
    var failure: Fault?
    func attempt(_ work: () throws(Fault) -> Void) {
      guard goesOn() else { return }
      do throws(Fault) { try work() } catch { failure = failure ?? error }
    }
    attempt { () throws(Fault) in try library.finishUploads(examiner: examiner) }
    attempt { () throws(Fault) in _ = try library.uploads.removeExpired(now: library.now / 1000) }
    attempt { () throws(Fault) in
      if let eventAge { _ = try library.removeEvents(before: library.now - Int(eventAge * 1000)) }
    }
    attempt { () throws(Fault) in try library.trimChanges() }
    attempt { () throws(Fault) in _ = try library.collect(goesOn: goesOn) }
    return failure
  }

  /// Ends the thread once what it is at is done, or the step that it is at; call it exactly once.
  public func stop() {
    ended.update { $0 = true }
    thread.stop()
  }
}

/// The way through what older programs made, for as long as it is not at its end; there it tells of what cannot be read.
private struct AnswersWalk: Sendable {
  private let library: Library
  private let ended: Monitor<Bool>
  private let complain: @Sendable (Fault) -> Void
  private let isWhole = Monitor(false)

  init(_ library: Library, _ ended: Monitor<Bool>, _ complain: @escaping @Sendable (Fault) -> Void) {
    (self.library, self.ended, self.complain) = (library, ended, complain)
  }

  func step(before deadline: UInt64) -> Fault? {
    guard !isWhole.update({ $0 }) else { return nil }
    do throws(Fault) {
      let position = try library.completeAnswers(before: deadline) { !ended.update { $0 } }
      guard position.isWhole else { return nil }
      isWhole.update { $0 = true }
      if let complaint = position.complaint { complain(complaint) }
      return nil
    } catch { return error }
  }
}
