public import Base
internal import CPostgreSQL

/// Where a database is and how to get in, from an address such as `postgres://user@host/database?sslmode=verify-full`.
///
/// All that libpq takes may stand there (postgresql.org/docs/current/libpq-connect.html); what does not comes from the environment as its programs
/// have it (`PGPASSFILE`, `PGPASSWORD`). The password leaves only towards the server: no fault and no description has it.
public struct PostgreSQLAddress: Sendable {
  /// Of libpq.
  let parameters: [(name: String, value: String)]
  /// For people: host, port and database.
  public let name: String

  /// The fault is `badInput`; it does not repeat the address, in which a password may stand.
  public init(_ text: String) throws(Fault) {
    guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
      throw Fault(.badInput, "the address of a PostgreSQL database begins with postgres://")
    }
    guard !text.utf8.contains(0) else { throw Self.malformed }
    var words: UnsafeMutablePointer<CChar>?
    guard let options = unsafe PQconninfoParse(text, &words) else {
      // libpq's own words may hold a piece of the password
      unsafe PQfreemem(words)
      throw Self.malformed
    }
    defer { unsafe PQconninfoFree(options) }
    var (parameters, next): ([(name: String, value: String)], Int) = ([], 0)
    while let keyword = unsafe options[next].keyword {
      if let value = unsafe options[next].val {
        unsafe parameters.append((String(cString: keyword), String(cString: value)))
      }
      next += 1
    }
    self.parameters = parameters
    func value(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
    let host = value("host") ?? value("hostaddr") ?? "localhost"
    // a password with @ or / in it would be taken apart, and its pieces for names that are told
    let isApart = [host, value("dbname") ?? ""].contains { $0.contains("@") }
    guard !isApart, value("port")?.allSatisfy({ $0.isNumber || $0 == "," }) != false else { throw Self.malformed }
    let port = value("port").map { ":\($0)" } ?? ""
    name = "\(host)\(port)/\(value("dbname") ?? value("user") ?? "")"
  }

  private static let malformed = Fault(
    .badInput,
    "the address of the PostgreSQL database cannot be read: postgres://USER@HOST:PORT/DATABASE, signs other than letters and digits in its parts as %40"
  )

  var password: String? { parameters.first { $0.name == "password" }?.value }

  /// A text in which the password does not stand.
  func withoutPassword(_ text: String) -> String {
    guard let password, !password.isEmpty else { return text }
    return text.replacing(password, with: "…")
  }
}
