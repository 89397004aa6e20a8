import Foundation

/// A real Redis on a free port of this machine, with its data in a folder of its own; it ends with the value, and with the tests however they end.
///
/// Every command is on the disk before it is answered (`appendfsync always`), unless it is told otherwise.
public final class RedisServer: @unchecked Sendable {  // what changes is behind `lock`
  public private(set) var port: Int
  /// Where it speaks TLS, if it does.
  public private(set) var securePort: Int?
  public let folder = TemporaryFolder()
  private let options: [String]
  private let lock = NSLock()
  private var pid: pid_t = 0
  /// Kept open as long as the server shall run.
  private var leash: Pipe?

  public var address: String { "redis://127.0.0.1:\(port)" }

  /// Whether there is one here to run; says so once where there is not.
  public static let isThere: Bool = {
    let isThere = shell(["redis-server", "--version"]).status == 0
    if !isThere {
      print("skipped: no redis-server here, so nothing that asks Redis is tried: apt-get install redis-server")
    }
    return isThere
  }()

  /// One for all tests that do it no harm, each with a prefix of its own.
  public static let shared = Result { try RedisServer() }

  /// Options as its configuration names them, such as `--requirepass`, before those that every server here has.
  public init(_ options: [String] = []) throws {
    port = Ports.free()
    self.options = options
    do { try start() } catch {
      // another may have taken the port meanwhile
      end()
      port = Ports.free()
      try start()
    }
  }

  deinit { end() }

  /// One that speaks TLS too, with a certificate for `127.0.0.1` and `localhost` that `ca.pem` in its folder vouches for.
  public static func secure() throws -> RedisServer {
    let server = try RedisServer()
    let made = shell(["bash", "-c", certificates], in: server.folder.path)
    guard made.status == 0 else { throw NotMade(description: made.errors) }
    let port = Ports.free()
    let files = [("cert", "server.pem"), ("key", "server.key"), ("ca-cert", "ca.pem")]
    let settings = files.flatMap { ["tls-\($0.0)-file", server.folder.file($0.1)] }
    for words in [settings, ["tls-auth-clients", "no"], ["tls-port", "\(port)"]] {
      let set = shell(["redis-cli", "-p", "\(server.port)", "config", "set"] + words)
      guard set.output.hasPrefix("OK") else { throw NotMade(description: set.output) }
    }
    server.securePort = port
    return server
  }

  private struct NotMade: Error, CustomStringConvertible { let description: String }

  /// An authority of its own, and a certificate for this machine.
  private static let certificates = """
    set -e
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout ca.key -out ca.pem -subj /CN=own
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr -subj /CN=redis
    printf 'subjectAltName=IP:127.0.0.1,DNS:localhost' > names
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem
    """

  /// Starts it with the data that it had, and waits until it answers; again where it ends before.
  public func start() throws {
    var pid = try launch()
    try waitUntil("Redis to answer, see \(folder.file("log"))", seconds: 240) {
      if Self.answers(port) { return true }
      if kill(pid, 0) != 0 { pid = try launch() }
      return false
    }
  }

  private func launch() throws -> pid_t {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    let common = [
      "--bind", "127.0.0.1", "--port", "\(port)", "--dir", folder.path, "--save", "", "--appendonly", "yes",
      "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--loglevel", "warning", "--logfile",
      folder.file("log"),
    ]
    let script = #"redis-server "$@" >/dev/null 2>&1 </dev/null & echo $!; read -r _; kill -9 $! 2>/dev/null; wait"#
    process.arguments = ["bash", "-c", script, "redis"] + common + options
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    return lock.withLock {
      (pid, leash) = (pid_t(line.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0, input)
      return pid
    }
  }

  /// Whether the server has read its data.
  private static func answers(_ port: Int) -> Bool {
    let result = shell(["redis-cli", "-p", "\(port)", "ping"])
    return result.output.hasPrefix("PONG") || result.output.hasPrefix("NOAUTH")
  }

  /// Ends it at this instant, as the loss of its process does; its port is free when this returns.
  public func end() {
    let ended = lock.withLock {
      let ended = pid
      if pid > 0 { kill(pid, SIGKILL) }
      try? leash?.fileHandleForWriting.close()
      (pid, leash) = (0, nil)
      return ended
    }
    guard ended > 0 else { return }
    let deadline = Date.now.addingTimeInterval(10)
    while kill(ended, 0) == 0, Date.now < deadline { usleep(1000) }
  }

  /// Has it stand still, as one that a network cuts off, or go on.
  public func pause(_ isPaused: Bool) { lock.withLock { if pid > 0 { _ = kill(pid, isPaused ? SIGSTOP : SIGCONT) } } }
}
