import Base
import Foundation

/// An S3 service that checks signatures (SeaweedFS, from `./bootstrap`), on free ports of this machine with its data in a folder of its own.
///
/// It ends with the value, and with the process of the tests however that ends. One bucket: each takes several volumes.
public final class S3Server: Sendable {
  public static let bucket = "ridley-tests"
  public static let (accessKey, secret) = ("test-key", "s3cr3t-of-the-tests")

  /// One for all tests that leave it running; `nil`, after a line that says why, where the program is missing.
  public static let shared = S3Server()

  /// Whether there is one here to run; says so once where there is not.
  public static let isThere: Bool = {
    let isThere = FileManager.default.isExecutableFile(atPath: program)
    if !isThere { print("no S3 service at \(program): not tried on one; ./bootstrap installs it") }
    return isThere
  }()

  private let ports: [Int]
  private let folder = TemporaryFolder()
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())

  private static let program = Checkout.path + "/.deps/s3/bin/weed"

  public var endpoint: String { "http://127.0.0.1:\(ports[0])" }

  /// By https, for ``authorities``; buckets may stand in front of the host here too.
  public var secureEndpoint: String { "https://localhost:\(ports[8])" }

  /// The file of certificates to trust.
  public var authorities: String { folder.file("cert.pem") }

  /// What a program has to know of it.
  public var environment: [String: String] {
    [
      "RIDLEY_S3_ENDPOINT": endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": Self.accessKey,
      "AWS_SECRET_ACCESS_KEY": Self.secret,
    ]
  }

  /// Is up when this returns.
  public init?() {
    guard Self.isThere else { return nil }
    ports = Ports.free(9)
    let login = "{\"accessKey\":\"\(Self.accessKey)\",\"secretKey\":\"\(Self.secret)\"}"
    let users =
      "{\"identities\":[{\"name\":\"tests\",\"credentials\":[\(login)],\"actions\":[\"Admin\",\"Read\",\"Write\",\"List\",\"Tagging\"]}]}"
    FileManager.default.createFile(atPath: folder.file("users.json"), contents: Data(users.utf8))
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bash", "-c", Self.script, Self.program, folder.path] + ports.map(String.init)
    // A key that encrypts the keys of what is encrypted.
    process.environment = ProcessInfo.processInfo.environment.merging(["WEED_S3_SSE_KEY": "only for tests"]) { $1 }
    (process.standardInput, process.standardOutput) = (input, output)
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
    start()
    // What talks to the server's process ends with this one: nothing may read the pipe for it.
    _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { try? input.fileHandleForWriting.close() }

  /// Ends it at once, wherever it is (`kill -9`).
  public func kill() { say("kill") }

  /// Starts it with the data that it had.
  public func start() {
    say("start")
    for _ in 0..<600 {
      if (try? isUp()) == true { return }
      usleep(50_000)
    }
    print("the S3 service does not start: \(shell(["tail", "-n", "5", folder.file("log")]).output)")
  }

  private func isUp() throws -> Bool {
    let client = try PlainClient(ports[0])
    client.send("GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    return try client.answer().status == 200
  }

  private func say(_ word: String) {
    try? input.fileHandleForWriting.write(contentsOf: Data("\(word)\n".utf8))
    _ = output.fileHandleForReading.availableData
  }

  /// Does what the lines that come say, and ends the server when no more can come; every port is named, so that none opens elsewhere.
  private static let script = """
    cd "$1" && mkdir -p data || exit 1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 3 -subj /CN=localhost \\
      -addext subjectAltName=DNS:localhost,DNS:ridley-tests.localhost 2>/dev/null
    while read -r word; do
      if [ "$word" = start ]; then
        "$0" server -dir="$1/data" -ip=127.0.0.1 -ip.bind=127.0.0.1 -s3 -s3.port="$2" -s3.port.grpc="$3" -s3.port.iceberg=0 -s3.port.lance=0 \\
          -s3.config="$1/users.json" -s3.domainName=localhost -s3.port.https="${10}" -s3.cert.file="$1/cert.pem" -s3.key.file="$1/key.pem" -filer -filer.port="$4" -filer.port.grpc="$5" -volume.port="$6" -volume.port.grpc="$7" -master.port="$8" \\
          -master.port.grpc="$9" -volume.max=300 -master.volumeSizeLimitMB=64 -master.electionTimeout=1s >>"$1/log" 2>&1 </dev/null & child=$!
      else
        kill -9 "$child"; wait "$child" 2>/dev/null
      fi
      echo done
    done
    kill -9 "$child"; wait "$child" 2>/dev/null; rm -rf "$1"
    """
}
