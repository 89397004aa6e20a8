import Base
import Foundation
import TestKit
import Testing
import Web

/// With `curl` and `openssl` as clients, which `./bootstrap` brings.
@Suite("TLS, and other people's clients")
struct TLSTests {
  private final class Certificate: Sendable {
    let folder = TemporaryFolder()
    var certificate: String { folder.file("cert.pem") }
    var key: String { folder.file("key.pem") }

    init() {
      let made = shell([
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
      ])
      precondition(made.status == 0, made.errors)
    }
  }

  private static let certificate = Certificate()

  private static let echo = ClosureHandler { request in
    .body(limit: 8 << 20, lead: 3) { body, exchange in
      exchange.answer(
        Response(
          200, headers: [("X-Secure", "\(request.isSecure)")],
          body: body.withBytes { $0.withUnsafeBytes { Array($0) } }))
    }
  }

  private func secure<Result>(
    _ handler: ClosureHandler = Self.echo, _ body: (Server, ClosureHandler) throws -> Result
  ) throws -> Result {
    var options = ServerOptions()
    options.loops = 2
    options.tls = .init(certificate: Self.certificate.certificate, key: Self.certificate.key)
    let server = try Server(options, handler: handler)
    server.start()
    defer { server.drain(within: 0) }
    return try body(server, handler)
  }

  private func curl(_ arguments: [String]) -> ShellResult {
    shell(["curl", "-sS", "--max-time", "10", "--cacert", Self.certificate.certificate] + arguments)
  }

  @Test("bodies of every size come back the same over TLS", arguments: ["--http1.1", "--http2"])
  func echoes(version: String) throws {
    try secure { server, _ in
      let folder = TemporaryFolder()
      var dice = SeededRandom(5)
      for count in [0, 1, 16_384, 100_000, 2_000_000] {
        try FileSystem.write(
          (0..<count / 8 + 1).flatMap { _ in withUnsafeBytes(of: dice.next()) { Array($0) } }, to: folder.file("in"))
        let result = curl([
          version, "--data-binary", "@" + folder.file("in"), "-o", folder.file("out"), "-w",
          "%{http_version} %{http_code} %header{x-secure}", "https://127.0.0.1:\(server.port)/",
        ])
        #expect(result.output == (version == "--http2" ? "2" : "1.1") + " 200 true", "\(result.errors)")
        #expect(try FileSystem.read(folder.file("out")) == FileSystem.read(folder.file("in")))
      }
    }
  }

  @Test("A sink that is slow gets the whole of a streamed body over TLS", arguments: ["--http1.1", "--http2"])
  func streams(version: String) throws {
    let (sink, body, folder) = (RecordingSink(stopsAt: 1), randomBytes(20_000_000), TemporaryFolder())
    try FileSystem.write(body, to: folder.file("in"))
    let slowness = NativeThread {
      usleep(300_000)
      sink.letGo()
    }
    defer { slowness.join() }
    try secure(.streaming(sink)) { (server, _) throws in
      let result = curl([version, "-T", folder.file("in"), "https://127.0.0.1:\(server.port)/film"])
      #expect(result.output == RecordingSink.answer(to: body), "\(result.errors)")
      #expect(try sink.ending() == ["begin", "append", "end"])
    }
  }

  @Test(
    "HTTP/2 without TLS, and an upgrade to it that is not taken up, are answered",
    arguments: ["--http2-prior-knowledge", "--http2"])
  func clear(version: String) throws {
    try serving { server, _ in
      let result = curl([version, "-w", " %{http_version}", "-d", "\u{1}\u{2}", "http://127.0.0.1:\(server.port)/slow"])
      #expect(result.output == "2 3 " + (version == "--http2" ? "1.1" : "2"), "\(result.errors)")
    }
  }

  @Test("TLS older than 1.2, and no TLS at all, are refused")
  func refuses() throws {
    try secure { server, _ in
      let old = shell([
        "openssl", "s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect", "127.0.0.1:\(server.port)",
      ])
      #expect(old.status != 0)
      let fine = shell(["openssl", "s_client", "-tls1_2", "-connect", "127.0.0.1:\(server.port)"])
      #expect(fine.status == 0, "\(fine.errors)")
      let plain = try Client(server.port)
      plain.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
      #expect(!(plain.rest() ?? [1]).starts(with: Array("HTTP".utf8)))
      #expect(curl(["https://127.0.0.1:\(server.port)/"]).status == 0)
    }
  }

  @Test("files that are no certificate and key are plain faults")
  func faults() throws {
    let good = Self.certificate
    for (certificate, key, kind) in [
      ("/nowhere/a.pem", good.key, Fault.Kind.notFound), (good.key, good.key, .badInput),
      (good.certificate, good.certificate, .badInput),
    ] {
      var options = ServerOptions()
      options.tls = .init(certificate: certificate, key: key)
      let fault = #expect(throws: Fault.self) { try Server(options, handler: ClosureHandler.usual()) }
      #expect(fault?.kind == kind)
    }
  }
}
