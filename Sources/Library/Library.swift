public import Base
internal import Catalog
package import Items
public import Objects
public import Store

/// A library in a folder: `library.db` with its items, `objects/` with its bytes; or its items and bytes where many machines have them, with
/// a folder of this machine for what is on its way.
///
/// For any thread that may block, and several processes of one machine at a time.
public final class Library: Sendable {
  public let path: String
  public let table: any Table
  public let objects: any FileObjects
  /// Begun on this machine, and continued on it.
  public let uploads: UploadFolder
  /// What is this machine's own.
  package let folder: ObjectFolder
  let totals: TotalsReader
  let promises = Monitor(ByteQuota())
  /// Which file the database was when it was opened.
  private let place: String?
  /// Held from the look at what a client stores until what is set aside for it can be seen, so that no two see the same room.
  let admission = Monitor(())
  /// One thread of a process at a time goes through analyses for their answers: whether one does.
  let answersTurn = Monitor(false)
  /// Milliseconds since 1970.
  let clock: @Sendable () -> Int

  /// Opens the library, or makes it where the folder is missing or empty.
  ///
  /// Faults name the folder: one that holds other things is not made a library of.
  public init(
    _ path: String, makes: Bool = true, table: (any Table)? = nil,
    clock: @escaping @Sendable () -> Int = { Int(Clock.seconds * 1000) }
  ) throws(Fault) {
    let database = "\(path)/library.db"
    if !FileSystem.isThere(database) {
      guard makes else { throw Fault(.notFound, "there is no library in \(path): 'ridley library add' makes one") }
      try FileSystem.makeFolder(path)
      let others = try FileSystem.list(path).filter { !Self.own.contains($0) && !$0.hasPrefix(".") }
      guard others.isEmpty else {
        throw Fault(
          .badInput,
          "\(path) is no library, and holds other things (\(others.prefix(3).joined(separator: ", "))): name a folder of its own"
        )
      }
    }
    (self.path, self.clock) = (path, clock)
    self.table = if let table { table } else { try SQLiteTable(database, schema: LibrarySchema.table) }
    folder = try ObjectFolder("\(path)/objects")
    (objects, uploads) = (folder, try UploadFolder(folder))
    totals = TotalsReader(self.table)
    place = FileSystem.stamp(of: database)?.place
  }

  /// A library that many machines share; the folder is made where it is missing, and is for this library alone.
  ///
  /// `store` has its bytes; `nil` leaves them in the folder, which is for a table that this machine alone works with.
  public init(
    sharing table: any Table, _ store: (any ObjectStore)?, workingIn path: String,
    clock: @escaping @Sendable () -> Int = { Int(Clock.seconds * 1000) }
  ) throws(Fault) {
    guard !FileSystem.isThere("\(path)/library.db") else {
      throw Fault(
        .badInput,
        "\(path) holds a library of its own: name another folder to work in, or copy it with 'ridley library copy'")
    }
    try FileSystem.makeFolder(path)
    (self.path, self.clock, self.table) = (path, clock, table)
    let folder = try ObjectFolder("\(path)/objects")
    self.folder = folder
    objects = store.map { SharedObjects($0, in: folder) } ?? folder
    uploads = try UploadFolder(folder)
    totals = TotalsReader(table)
    place = nil
  }

  /// Other machines work with it too.
  public var isShared: Bool { place == nil }

  /// Refused where another library took this one's folder while it was open: what that one refers to is not known here.
  func checkPlace() throws(Fault) {
    guard isShared || FileSystem.stamp(of: "\(path)/library.db")?.place == place else {
      throw Fault(
        .unavailable, "\(path) holds another library than the one that was opened: end this program and start it again")
    }
  }

  private static let own: Set<String> = [
    "edge", "library.db-journal",
    "library.db", "library.db-wal", "library.db-shm", "objects", "keys", "recordings", "served-models", "streams.json",
    "lost+found",
  ]

  /// Milliseconds since 1970.
  public var now: Int { clock() }

  /// The fault of an asset that is not there, or not for this caller: both are told alike.
  public static func noAsset(_ id: String) -> Fault {
    Fault(.notFound, "there is no asset '\(id.prefix(64))'; see 'ridley library list'")
  }

  /// How often something is tried again that others changed meanwhile.
  static let mostConflicts = 100

  /// Refused where a lease ended meanwhile, because this machine was cut off from those that have the bytes: they may be gone.
  static func check(_ held: [StoredObject]) throws(Fault) {
    guard held.allSatisfy(\.lease.isHeld) else {
      throw Fault(.unavailable, "this machine was cut off from the library's bytes for too long: try it again")
    }
  }

  /// Reads and writes until no other change comes between.
  ///
  /// `attempt` gives the writes of what it read, or ends it with a result of its own.
  package func change<Result>(
    _ what: String, _ attempt: () throws(Fault) -> (writes: [Write], result: Result)
  ) throws(Fault) -> Result {
    for _ in 0..<Self.mostConflicts {
      try checkPlace()
      let (writes, result) = try attempt()
      if writes.isEmpty { return result }
      if case .committed = try table.write(writes) { return result }
    }
    throw Fault(.unavailable, "\(what) was changed by others again and again: try it later")
  }
}
