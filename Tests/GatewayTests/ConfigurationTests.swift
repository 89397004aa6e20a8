import Base
import Drift
import Foundation
import Serving
import TestKit
import Testing
import Web

@testable import Gateway

struct ConfigurationTests {
  static let whole = """
    listen: 0.0.0.0:8443
    models: models/
    poll: 2s
    tls: {certificate: cert.pem, key: /etc/ridley/key.pem}
    keys: ../keys.json
    limits:
      body: 16MiB
      bodies: 1.5GB
      answers: 200MiB
      connections: 1000
      per-address: 20
      head: 500ms
      idle: 2m
      stall: 1h
      upload: 4KB
      download: 2KB
    queue: {length: 64, timeout: 250ms}
    settings:
      mobilenet-v2: {streams: 2, threads: 4, batch: 8, precision: bf16, queue: 32}
      other: {}
    log: {access: access.log}
    trusted-proxies: [127.0.0.1, 10.0.0.0/8]
    trial: {time: 90s, memory: 2GiB}

    """

  private func read(_ text: String, folder: String = "/etc/r") throws -> ServeConfiguration {
    try ServeConfiguration.parse(Array(text.utf8), name: "ridley.yaml", folder: folder)
  }

  @Test("Every key is read, with its unit, and paths are meant from the file's own folder")
  func everything() throws {
    let result = try read(Self.whole)
    var expected = ServeConfiguration()
    expected.listen = ListenAddress(host: "0.0.0.0", port: 8443)
    (expected.models, expected.keys) = ("/etc/r/models/", "/etc/r/../keys.json")
    expected.poll = 2
    expected.tls = .init(certificate: "/etc/r/cert.pem", key: "/etc/ridley/key.pem")
    (expected.limits.body, expected.limits.bodies) = (16_777_216, 1_500_000_000)
    (expected.limits.connections, expected.limits.connectionsPerAddress) = (1000, 20)
    (expected.limits.headSeconds, expected.limits.idleSeconds, expected.limits.stallSeconds) = (0.5, 120, 3600)
    (expected.limits.uploadBytesPerSecond, expected.limits.downloadBytesPerSecond) = (4000, 2000)
    expected.limits.answers = 200 << 20
    (expected.queue.length, expected.queue.timeoutSeconds) = (64, 0.25)
    (expected.trial.seconds, expected.trial.memory) = (90, 2 << 30)
    var settings = ServeConfiguration.ModelSettings()
    (settings.streams, settings.threads, settings.batch, settings.queue) = (2, 4, 8, 32)
    settings.precision = .bf16
    expected.settings = ["mobilenet-v2": settings, "other": .init()]
    expected.log.access = .file("/etc/r/access.log")
    expected.trustedProxies = try [AddressRange(text: "127.0.0.1"), AddressRange(text: "10.0.0.0/8")]
    #expect(result == expected)
    #expect(try read("models: m", folder: ".").models == "m")
    #expect(try read("log: {access: on}").log.access == .standardOutput)
    #expect(try read("log: {access: off}").log.access == .off)
    #expect(try read("poll: off").poll == nil)
    #expect(try !read("drift: off").drift.isOn)
    let drift = try read(
      "drift: {every: 1s, window: 1m, learn: 10m, rhythm: none, windows: 5, enter: 1, leave: 0.5, evidence: 30}"
    ).drift
    #expect(drift.isOn && !drift.isDaily && drift.windows == 5 && drift.evidence == 30)
    #expect((drift.every, drift.window, drift.learn) == (1, 60, 600) && (drift.enter, drift.leave) == (1, 0.5))
  }

  @Test("What a server is to nodes at the edge is said in one place")
  func edge() throws {
    let centre = try read(
      "edge: {listen: '0.0.0.0:8444', certificate: c.pem, key: k.pem, next: n.pem, bundle-keys: [a.pem, /b.pem]}",
      folder: "/etc"
    ).edge
    #expect(centre.listen == ListenAddress(host: "0.0.0.0", port: 8444) && centre.next == "/etc/n.pem")
    #expect(centre.certificate?.certificate == "/etc/c.pem" && centre.bundleKeys == ["/etc/a.pem", "/b.pem"])
    #expect(try read("edge: {join: 'https://centre'}").edge.join == "https://centre")
    for bad in ["listen: 8444", "certificate: c.pem", "next: n.pem", "listen: '127.0.0.1:1', key: k.pem", "lisen: x"] {
      #expect(throws: Fault.self) { try read("edge: {\(bad)}") }
    }
  }

  @Test("What is not said has its default, so one line is a configuration")
  func defaults() throws {
    #expect(try read("log: {}") == ServeConfiguration())
    #expect(ServeConfiguration().listen.isLoopback && ServeConfiguration().tls == nil)
  }

  @Test("The example in the documentation shows every key with its default")
  func documented() throws {
    let path = URL(filePath: Program.models).deletingLastPathComponent().path + "/docs/serving.md"
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let text = try #require(page.firstMatch(of: /```yaml\n(?s)(.*?)```/)).1
    var shown = try read(String(text), folder: ".")
    #expect(shown.models == "models/" && shown.keys == "keys.json" && shown.tls?.certificate == "cert.pem")
    #expect(shown.settings["line-inspector"]?.batch == 4)
    #expect(shown.trustedProxies.count == 1)
    #expect(shown.store?.hasPrefix("postgres://") == true && shown.objects?.hasPrefix("s3://") == true)
    #expect(shown.bus?.hasPrefix("redis://") == true)
    #expect(shown.units?.hasPrefix("redis://") == true && shown.settings["line-inspector"]?.unit == .both)
    (shown.store, shown.objects, shown.bus, shown.units) = (nil, nil, nil, nil)
    #expect(shown.edge.listen?.port == 8444)
    #expect(shown.profile == .local)
    (shown.edge, shown.profile) = (EdgeSettings(), nil)
    #expect(shown.memory == MemoryLimit(byteCount: 2_000_000_000))
    #expect(shown.telemetry["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector:4318")
    (shown.memory, shown.telemetry) = (nil, [:])
    (shown.models, shown.keys, shown.tls, shown.settings, shown.trustedProxies) = (nil, nil, nil, [:], [])
    #expect(shown == ServeConfiguration())
  }

  @Test("The file is found, and a missing one named")
  func file() throws {
    let folder = TemporaryFolder()
    try Self.whole.write(toFile: folder.file("ridley.yaml"), atomically: true, encoding: .utf8)
    #expect(try ServeConfiguration.read(folder.file("ridley.yaml")).models == folder.path + "/models/")
    let fault = try #require(throws: Fault.self) { try ServeConfiguration.read(folder.file("none.yaml")) }
    #expect(fault.kind == .notFound && fault.message.contains("none.yaml"))
  }

  static let mistakes: [(String, String, String)] = [
    (
      "listen: 0.0.0.0:8443", "lisen: 0.0.0.0:8443",
      "1:1: unknown key 'lisen' in the configuration (did you mean 'listen'?)"
    ),
    ("0.0.0.0:8443", "8443", "1:9: '8443' is no place to listen at"),
    ("0.0.0.0:8443", "0.0.0.0:84430", "1:9: '84430' in '0.0.0.0:84430' is no port"),
    ("models: models/", "models:", "2:8: models has no value"),
    (
      "poll: 2s", "poll: 2", "3:7: '2' is not a time for poll, expected a number and its unit, e.g. 500ms or 2s, or off"
    ),
    ("poll: 2s", "poll: 1ms", "3:7: 1ms is out of range for poll, expected 100ms to 24h"),
    ("certificate:", "cert:", "4:7: unknown key 'cert' in tls, expected certificate or key"),
    (", key: /etc/ridley/key.pem", "", "4:6: the key 'key' is missing in tls"),
    ("body: 16MiB", "body: 16", "7:9: '16' is not a size for body, expected a number and its unit, e.g. 64MiB"),
    ("body: 16MiB", "body: 1B", "7:9: 1B is out of range for body, expected 1KiB to 1024GiB"),
    (
      "body: 16MiB", "body: 2GiB",
      "8:11: all bodies together (1500000000 bytes) must have room for one (2147483648 bytes)"
    ),
    ("connections: 1000", "connections: 0", "10:16: 0 is out of range for connections, expected 1 to 1000000"),
    ("per-address: 20", "per-address: \"20\"", "11:16: \"20\" is text, per-address must be a whole number"),
    ("per-address", "per-adress", "11:3: unknown key 'per-adress' in limits (did you mean 'per-address'?)"),
    ("head: 500ms", "head: -1s", "12:9: '-1s' is not a time for head"),
    ("timeout: 250ms", "timeout: 0s", "17:30: 0s is out of range for timeout, expected 1ms to 24h"),
    ("precision: bf16", "precision: b16", "19:63: 'b16' is not allowed for precision (did you mean 'bf16'?)"),
    ("streams: 2", "steams: 2", "19:18: unknown key 'steams' in mobilenet-v2 (did you mean 'streams'?)"),
    ("{access: access.log}", "on", "21:6: 'on' is a single value, log must be a group of keys"),
    ("127.0.0.1, 10", "localhost, 10", "22:19: 'localhost' is no address or range of them"),
    ("poll: 2s", "drift: {window: 1m}", "3:8: drift: the reference is made of 4 to 336 windows, and these are 1440"),
    ("poll: 2s", "drift: maybe", "3:8: 'maybe' is not allowed for drift, expected on or off"),
    ("10.0.0.0/8]", "10.1.0.0/8]", "22:30: '10.1.0.0/8' begins in the middle of its range: write 10.0.0.0/8"),
  ]

  @Test("Whatever is wrong is told with its place and what was expected", arguments: mistakes)
  func wrong(_ right: String, _ bad: String, _ message: String) throws {
    let text = Self.whole.replacingOccurrences(of: right, with: bad)
    #expect(text != Self.whole)
    let fault = try #require(throws: Fault.self) { try read(text) }
    #expect(fault.kind == .badInput && fault.message.hasPrefix("ridley.yaml:" + message), "\(fault.message)")
  }

  @Test("A place to listen at is an address with a port, and says whether others reach it")
  func endpoints() throws {
    for (text, host, port, isLoopback) in [
      ("127.0.0.1:8080", "127.0.0.1", 8080, true), ("127.9.9.9:0", "127.9.9.9", 0, true), ("[::1]:1", "::1", 1, true),
      ("localhost:80", "localhost", 80, true), ("0.0.0.0:80", "0.0.0.0", 80, false),
      ("[::]:65535", "::", 65_535, false),
      ("127.0.0.1.example.org:80", "127.0.0.1.example.org", 80, false), ("127.1:80", "127.1", 80, false),
      ("192.168.0.1:80", "192.168.0.1", 80, false), ("[fe80::1%eth0]:80", "fe80::1%eth0", 80, false),
    ] {
      let endpoint = try ListenAddress(text: text)
      #expect(
        endpoint == ListenAddress(host: host, port: port) && endpoint.isLoopback == isLoopback && endpoint.text == text)
    }
    for text in ["", ":80", "80", "a:", "a:b", "a:-1", "a:65536", "a:080", "::1:80", "[]:80", "http://a:80", "a b:80"] {
      #expect(throws: Fault.self, "\(text)") { try ListenAddress(text: text) }
    }
    #expect(try #require(throws: Fault.self) { try ListenAddress(text: "::1:80") }.message.contains("[::1]:80"))
  }
}
