public import Base

/// What PostgreSQL's codes mean for the caller of a library.
///
/// The code says what kind of failure it is (postgresql.org/docs/current/errcodes-appendix.html); it and the server's own words become the cause.
public enum PostgreSQLFailure {
  public static func fault(_ code: String, _ words: String, _ place: String) -> Fault {
    let (kind, message) = meaning(code)
    return Fault(kind, "\(place): \(message)", cause: "PostgreSQL \(code): \(words)")
  }

  /// The connection is gone, or never came about.
  static func gone(_ words: String, _ place: String) -> Fault {
    Fault(.unavailable, "\(place): the database does not answer: try again", cause: words)
  }

  private static func meaning(_ code: String) -> (Fault.Kind, String) {
    switch code {
    case "53100": (.exhausted, "the database's disk is full, nothing was written: free some space there")
    case "53200": (.unavailable, "the database has no memory left for this: try again, or give it more")
    case "53300":
      (.unavailable, "the database has as many connections as it takes: try again, or raise max_connections")
    case "55P03", "40001", "40P01": (.unavailable, "others keep the library busy: try again in a moment")
    case "57014": (.unavailable, "the database took too long, and was stopped: try again")
    case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03":
      (.unavailable, "the database ends or begins to work: try again in a moment")
    case "25006": (.unavailable, "this database can only be read now: try again when it has changed its place")
    case "42501": (.denied, "the role may not do this in the database: docs/store.md has what it needs")
    case "3D000": (.notFound, "there is no such database: make it first")
    case "3F000": (.notFound, "there is no such schema in the database: make it first")
    case "42P01", "42703", "42883": (.badInput, "a table of the library is not there, or not as it was: docs/store.md")
    case "0A000": (.unavailable, "the database was changed meanwhile: try again")
    case "23505": (.conflict, "what is to be written is there already")
    default: meaningOfClass(code)
    }
  }

  private static func meaningOfClass(_ code: String) -> (Fault.Kind, String) {
    switch code.prefix(2) {
    case "08": (.unavailable, "the database does not answer: try again")
    case "28": (.denied, "the database does not let this role in: look at its name, its password and pg_hba.conf")
    case "53": (.exhausted, "the database reached a limit of its machine")
    case "58": (.unavailable, "the database's disk does not answer as it should: look at its log")
    case "XX": (.badInput, "the database found itself damaged: keep it as it is and restore a backup (docs/store.md)")
    default: (.bug, "the database refused what it was asked for")
    }
  }
}
