public import Base
internal import CSQLite
internal import Glibc

/// What SQLite's result codes mean for the caller of a library.
///
/// The primary code says what kind of failure it is (sqlite.org/rescode.html); the extended one and SQLite's own words become the cause.
public enum SQLiteFailure {
  public static func fault(_ code: Int32, _ path: String, systemError: Int32 = 0, text: String = "") -> Fault {
    let words = unsafe String(cString: sqlite3_errstr(code))
    let system = systemError == 0 ? "" : ", \(SystemError(systemError).text)"
    let cause = "SQLite \(code): \(text.isEmpty ? words : text)\(system)"
    func fault(_ kind: Fault.Kind, _ message: String) -> Fault { Fault(kind, "\(path): \(message)", cause: cause) }
    switch code & 0xff {
    case SQLITE_NOTADB:
      return fault(.badInput, "this is no library, or its beginning is damaged: restore a backup (docs/store.md)")
    case SQLITE_CORRUPT:
      return fault(.badInput, "the library is damaged: keep the file as it is and restore a backup (docs/store.md)")
    case SQLITE_FULL: return fault(.exhausted, "the disk is full, nothing was written: free some space")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return fault(.unavailable, "another program keeps the library busy: try again in a moment")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      return fault(
        .denied, "no permission to write the library, its folder, or the files beside it that end in -wal and -shm")
    case SQLITE_CANTOPEN: return fault(kindOfOpening(systemError), opening(systemError, path))
    case SQLITE_IOERR where isLackOfSpace(code, systemError):
      return fault(.exhausted, "the disk or a quota is full, nothing was written: free some space")
    case SQLITE_IOERR: return fault(.unavailable, "the disk does not answer as it should: look at the system's log")
    case SQLITE_NOMEM: return fault(.exhausted, "there is not enough memory")
    case SQLITE_PROTOCOL:
      return fault(.unavailable, "other programs open and close the library all the time: try again")
    default: return fault(.bug, "the database refused what it was asked for")
    }
  }

  private static func isLackOfSpace(_ code: Int32, _ systemError: Int32) -> Bool {
    [ENOSPC, EDQUOT, EFBIG].contains(systemError) || code == SQLITE_IOERR | (19 << 8)  // SQLITE_IOERR_SHMSIZE
  }

  private static func kindOfOpening(_ systemError: Int32) -> Fault.Kind {
    systemError == 0 ? .unavailable : SystemError(systemError).kind
  }

  private static func opening(_ systemError: Int32, _ path: String) -> String {
    switch kindOfOpening(systemError) {
    case .notFound: "there is no folder \(FileSystem.folder(of: path)): make it first"
    case .denied: "no permission to open or make it"
    case .exhausted: "the disk is full"
    default: "it cannot be opened"
    }
  }
}
