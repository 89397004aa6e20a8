import Base
import Foundation

/// An emulator of DynamoDB (ministack) on a free port of this machine, with its tables in memory; it ends with the process of the tests.
///
/// It is that of `examples/aws` (`make check-engines` installs it in .deps/engines/aws), or the program that RIDLEY_MINISTACK names. What it lacks beside the service
/// stands in docs/store.md.
public final class DynamoDBServer: Sendable {
  /// One for all tests, each with tables of its own.
  public static let shared = Result { try DynamoDBServer() }

  /// Whether there is one here to run; says so once where there is not.
  public static let isThere: Bool = {
    let isThere = FileManager.default.isExecutableFile(atPath: program)
    if !isThere {
      print(
        "skipped: no emulator of DynamoDB at \(program), so that engine is not tried: name a ministack in RIDLEY_MINISTACK"
      )
    }
    return isThere
  }()

  private static let program =
    ProcessInfo.processInfo.environment["RIDLEY_MINISTACK"] ?? Checkout.path + "/.deps/engines/aws/bin/ministack"

  private struct NotStarted: Error, CustomStringConvertible { let description: String }

  public let port: Int
  private let folder = TemporaryFolder()
  private let process = Process()
  private let tables = Monitor(0)

  /// What a program has to know of it.
  public static let environment = ["AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"]

  /// Is up when this returns.
  public init() throws {
    port = Ports.free()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bash", "-c", Self.script, Self.program, folder.path, "\(port)", "\(getpid())"]
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    try waitUntil("the emulator of DynamoDB to answer", seconds: 240) { [port] in
      guard let client = try? PlainClient(port) else { return false }
      client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      return (try? client.answer()) != nil
    }
  }

  /// Of a table that no other test has; asked by way of another port where one is given.
  public func address(by port: Int? = nil) -> String {
    let number = tables.update { count in
      count += 1
      return count
    }
    return "dynamodb://us-east-1/ridley-\(number)?endpoint=http://127.0.0.1:\(port ?? self.port)"
  }

  /// Ends the server when the tests have ended, however that is.
  private static let script = """
    cd "$1" || exit 1
    HOME="$1" SERVICES=dynamodb IOT_MTLS_ENABLED=0 BIND_HOST=127.0.0.1 GATEWAY_PORT="$2" "$0" >log 2>&1 & child=$!
    while [ -d "/proc/$3" ] && [ -d "/proc/$child" ]; do sleep 0.3; done
    kill -9 "$child" 2>/dev/null; wait "$child" 2>/dev/null; rm -rf "$1"
    """
}
