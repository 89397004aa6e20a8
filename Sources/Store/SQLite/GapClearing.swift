internal import Base
internal import SQLite

/// Goes through a file and overwrites what its pages still hold of rows that are gone, in pieces between which others write.
///
/// A page is read, looked at and overwritten inside of one transaction, so that nobody writes it meanwhile; whoever writes waits for one piece at
/// most. A kill at any moment leaves bytes overwritten that belong to no row, and nothing else.
struct GapClearing {
  /// Bytes of one transaction.
  private static let usualPiece = 64 << 20
  private static let mostPasses = 3
  /// For readers who must be off the `-wal` file: it is emptied while nobody may write.
  private static let patience = Duration.milliseconds(100)

  private struct Piece {
    let cleared: Int
    /// Another one where others have written.
    let version: Int
    /// Page at which the next piece begins, counted from 0; `nil` at the end.
    let next: Int?
  }

  private let connection: Connection
  private let settings: SQLiteTable.Settings
  private let byteCount: Int
  private let pause: () -> Void

  /// `pause` is called between the pieces, and lets others write.
  init(
    _ path: String, _ settings: SQLiteTable.Settings, piece byteCount: Int = GapClearing.usualPiece,
    pause: @escaping () -> Void = GapClearing.letOthersWrite
  ) throws(Fault) {
    var own = settings
    own.patience = min(settings.patience, Self.patience)
    connection = try Opening.connect(path, own)
    (self.settings, self.byteCount, self.pause) = (settings, byteCount, pause)
  }

  /// Some times as long as those who wait for the file sleep between two looks.
  private static func letOthersWrite() { Clock.sleep(until: Clock.now + 5_000_000) }

  /// Overwrites all that was there, and leaves the `-wal` file empty.
  ///
  /// Where others write meanwhile, SQLite may move what a page holds besides its rows to one that was passed already. Then the file is gone through
  /// once more, until nothing is found any more, and three times at most.
  ///
  /// The fault is `unavailable` where so much is written or read that a piece does not get its turn in the time of an answer.
  func run() throws(Fault) {
    for _ in 0..<Self.mostPasses {
      let (cleared, isAlone) = try pass()
      if isAlone || cleared == 0 { break }
    }
    _ = try waiting { () throws(Fault) -> Bool? in try emptyLog() ? true : nil }
  }

  private func pass() throws(Fault) -> (cleared: Int, isAlone: Bool) {
    var (place, cleared, versions) = (0, 0, Set<Int>())
    while true {
      let piece = try waiting { () throws(Fault) -> Piece? in try emptyLog() ? clear(from: place) : nil }
      cleared += piece.cleared
      versions.insert(piece.version)
      guard let next = piece.next else { return (cleared, versions.count == 1) }
      place = next
      pause()
    }
  }

  /// Tries until `body` gives something.
  private func waiting<Result>(_ body: () throws(Fault) -> Result?) throws(Fault) -> Result {
    let deadline = Clock.now + UInt64(settings.answer / .nanoseconds(1))
    while true {
      do throws(Fault) { if let result = try body() { return result } } catch {
        // Another one writes.
        guard error.kind == .unavailable, Clock.now < deadline else { throw error }
      }
      guard Clock.now < deadline else {
        throw Fault(
          .unavailable,
          "\(connection.path): so much is written, or old pages are read for so long, that old rows were not taken away yet: try again"
        )
      }
      Self.letOthersWrite()
    }
  }

  /// `false` where others write or still read.
  private func emptyLog() throws(Fault) -> Bool {
    // Most of it is copied while others write.
    _ = try connection.number("PRAGMA wal_checkpoint(PASSIVE)")
    return try connection.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
  }

  /// `nil` where others have written since the `-wal` file was emptied.
  private func clear(from place: Int) throws(Fault) -> Piece? {
    try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) -> Piece? in
      // The newest form of a page must stand in the file itself.
      guard try FileSystem.byteCount(of: connection.path + "-wal") == 0 else { return nil }
      let version = try connection.number("PRAGMA data_version")
      let count = try connection.number("PRAGMA page_count")
      let size = try connection.number("PRAGMA page_size")
      let end = min(count, place + max(1, byteCount / size))
      let cleared = try place < end ? connection.clearGaps(place..<end, syncing: settings.isDurable) : 0
      return Piece(cleared: cleared, version: version, next: end < count ? end : nil)
    }
  }
}
