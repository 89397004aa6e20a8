import Base
import Foundation
import Synchronization

/// A real PostgreSQL on a free port of 127.0.0.1 with its data in a folder that goes with it; its programs refuse to run as root, so they run as `postgres`.
public final class PostgreSQLServer: Sendable {
  /// One for all tests that do not end it, each with a schema of its own; a fault where it does not start.
  public static let shared = Result { try PostgreSQLServer(isDurable: false) }

  public static let isInstalled: Bool = {
    guard programs != nil else {
      print("skipped: PostgreSQL is not installed (apt-get install postgresql-15)")
      return false
    }
    return true
  }()

  private static let programs: String? = {
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { Int($0) }
    return versions.filter { $0 >= 14 }.max().map { "\(root)/\($0)/bin" }
  }()

  private let folder: TemporaryFolder
  private let count = Mutex(0)
  private let server = Mutex(pid_t(0))
  public let port: Int
  private let isDurable: Bool

  public init(isDurable: Bool) throws {
    (folder, port, self.isDurable) = (TemporaryFolder(), Ports.free(), isDurable)
    if getuid() == 0 { _ = shell(["chown", "postgres", folder.path]) }
    let made = shell(
      Self.asPostgres + [
        "bash", "-c", "umask 077; \"$0/initdb\" -D \"$1\" -U owner -A trust -E UTF8 --no-locale --no-sync",
        Self.programs!,
        folder.path + "/data",
      ])
    guard made.status == 0 else { throw Fault(.unavailable, "initdb: \(made.errors)") }
    // the first line that fits counts
    let rules = folder.path + "/data/pg_hba.conf"
    _ = shell(Self.asPostgres + ["sed", "-i", "1i host all guarded 127.0.0.1/32 scram-sha-256", rules])
    try start()
  }

  deinit { kill() }

  /// A server that was killed leaves children for a moment that still hold its memory, which the next one refuses to begin beside: it is begun
  /// again until it stays.
  public func start() throws {
    let deadline = Clock.now + 60_000_000_000
    while true {
      try launch()
      let number = server.withLock { $0 }
      while FileManager.default.fileExists(atPath: "/proc/\(number)") {
        if run("SELECT 1").status == 0 { return }
        guard Clock.now < deadline else { throw Fault(.unavailable, "PostgreSQL lets nobody in") }
        Thread.sleep(forTimeInterval: 0.02)
      }
      guard Clock.now < deadline else { throw Fault(.unavailable, "PostgreSQL does not stay: \(log.suffix(500))") }
      Thread.sleep(forTimeInterval: 0.2)
    }
  }

  /// A watch beside it ends it where the process that tests ends, and takes its data away.
  private func launch() throws {
    let settings = [
      "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=", "max_connections=200",
      "fsync=\(isDurable ? "on" : "off")", "shared_buffers=64MB", "log_min_messages=fatal", "restart_after_crash=on",
    ]
    let script = """
      rm -f "$1/postmaster.pid" "$1/pid"
      "$0/postgres" -D "$1" \(settings.map { "-c \($0)" }.joined(separator: " ")) >>"$1/log" 2>&1 & p=$!
      echo $p >"$1/pid.new"; mv "$1/pid.new" "$1/pid"
      while [ -d /proc/$2 ] && [ -d /proc/$p ]; do sleep 0.3; done; kill -QUIT $p
      wait $p; [ -d /proc/$2 ] || rm -rf "${1%/data}"
      """
    // not waited for: it ends with the server
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      Self.asPostgres + ["bash", "-c", script, Self.programs!, folder.path + "/data", "\(getpid())"]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try? FileManager.default.removeItem(atPath: folder.path + "/data/pid")
    try process.run()
    try waitUntil("PostgreSQL to begin", seconds: 240) {
      guard let bytes = try? FileSystem.read(folder.path + "/data/pid") else { return false }
      let number = pid_t(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
      server.withLock { $0 = number }
      return number > 0
    }
  }

  /// `kill -9` of the server and of all that it began, as when the power goes.
  public func kill() {
    let number = server.withLock { $0 }
    guard number > 0 else { return }
    let children = shell(["pgrep", "-P", "\(number)"]).output.split(separator: "\n").map(String.init)
    _ = shell(["kill", "-9", "\(number)"] + children)
    let deadline = Clock.now + 10_000_000_000
    while shell(["kill", "-0", "\(number)"]).status == 0, Clock.now < deadline { Thread.sleep(forTimeInterval: 0.01) }
  }

  /// Halts or continues all of it: a host that does not answer.
  public func signal(_ name: String) {
    let number = server.withLock { $0 }
    let children = shell(["pgrep", "-P", "\(number)"]).output.split(separator: "\n").map(String.init)
    _ = shell(["kill", "-\(name)", "\(number)"] + children)
  }

  /// Ends it as an administrator does who does not wait.
  public func stopFast() {
    let number = server.withLock { $0 }
    _ = shell(["kill", "-INT", "\(number)"])
    let deadline = Clock.now + 10_000_000_000
    while shell(["kill", "-0", "\(number)"]).status == 0, Clock.now < deadline { Thread.sleep(forTimeInterval: 0.01) }
  }

  public func address(user: String = "owner", database: String = "postgres") -> String {
    "postgres://\(user)@127.0.0.1:\(port)/\(database)"
  }

  /// A schema that no other test has.
  public func schemaName() -> String {
    count.withLock { count in
      count += 1
      return "test_\(count)"
    }
  }

  /// Rows of the tables of a schema, and of their indexes, that the server looked at for something.
  public func rowsRead(_ schema: String, _ body: () throws -> Void) throws -> Int {
    func count() -> Int {
      // sessions tell what they did a second later at the latest
      Thread.sleep(forTimeInterval: 1.5)
      let sql = """
        SELECT sum(seq_tup_read) + sum(coalesce(idx_tup_fetch, 0)) + (SELECT sum(idx_tup_read)
        FROM pg_stat_user_indexes WHERE schemaname = '\(schema)') FROM pg_stat_user_tables WHERE schemaname = '\(schema)'
        """
      return Int(run(sql).output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }
    let before = count()
    try body()
    return count() - before
  }

  /// Whether a text stands in a file of a table, as it is.
  public func holds(_ text: String) -> Bool {
    shell(["grep", "-rqaF", text, folder.path + "/data/base"]).status == 0
  }

  /// What it wrote down of itself.
  public var log: String { (try? String(contentsOfFile: folder.path + "/data/log", encoding: .utf8)) ?? "" }

  /// By `psql`, one line a row.
  @discardableResult
  public func run(_ sql: String, user: String = "owner", database: String = "postgres") -> ShellResult {
    shell(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, address(user: user, database: database)])
  }

  private static let asPostgres =
    getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
}
