import Base
import Catalog
import Foundation
import Library
import LibraryKit
import TestKit
import Testing

@testable import Delivery

/// With a real broker, mosquitto.
@Suite(.timeLimit(.minutes(20)), .enabled(if: Broker.isThere, "mosquitto is not installed"))
struct BrokerTests {
  private func target(_ address: String, _ user: String? = "ridley", _ password: String? = "a word") -> DeliveryTarget {
    var target = DeliveryTarget(client: "acme", name: "home", address: address, created: 0)
    target.reachesPrivate = true
    (target.credentials.user, target.credentials.password) = (user, password)
    return target
  }

  private func notice(_ stream: String = "dock") -> Notice {
    var random = SystemRandomNumberGenerator()
    let event = StreamEvent(
      id: ULID(milliseconds: 1_700_000_000_000, using: &random), client: "acme", stream: stream, rule: "there",
      from: 1_700_000_000_000, pipeline: "sha256:0")
    return Notice(event, .start, version: nil, for: "home", queued: 1_700_000_000_000, id: NoticeBatch.id)
  }

  private func tell(_ sender: BrokerSender, _ notice: Notice) -> Telling {
    sender.tell(notice, Array(#"{"delivery":"\#(notice.id)"}"#.utf8), at: Clock.date) { true }
  }

  @Test("A broker that asks for TLS and a password is told, and one that refuses has a reason")
  func secured() throws {
    let (broker, fixture) = (try Broker(isSecure: true), try DeliveryFixture(.embedded))
    let address = "mqtts://127.0.0.1:\(broker.port)"
    let good = try BrokerSender(target("\(address)#key=\(broker.key)"), fixture.library)
    #expect(tell(good, notice()).verdict == .taken)
    #expect(tell(good, notice()).verdict == .taken, "the session is kept")
    let cases: [(DeliveryTarget, String)] = [
      (target("\(address)#key=\(broker.key)", "ridley", "wrong"), "refuses the user or the password"),
      (target("\(address)#key=\(broker.key)", nil, nil), "refuses"),
      (target(address), "could not be verified"),
      (target("\(address)#key=sha256//\(Base64.encode(Array(repeating: 1, count: 32)))"), "another key"),
      (target("mqtt://127.0.0.1:\(broker.port)"), "broker"),
    ]
    for (target, words) in cases {
      let telling = tell(try BrokerSender(target, fixture.library, patience: 3), notice())
      guard case .again = telling.verdict else {
        Issue.record("\(words): \(telling)")
        continue
      }
      #expect(telling.reason?.contains(words) == true, "\(words): \(telling)")
    }
  }

  @Test("A server that ends, or a target that is paused, says that nobody tells any more")
  func farewell() throws {
    let (broker, fixture) = (try Broker(isSecure: false), try DeliveryFixture(.embedded))
    do {
      let sender = try BrokerSender(target("mqtt://127.0.0.1:\(broker.port)"), fixture.library)
      #expect(tell(sender, notice()).verdict == .taken)
      #expect(broker.kept("ridley/acme/status") == "online")
      sender.rest()
    }
    #expect(broker.kept("ridley/acme/status") == "offline")
  }

  @Test("What a broker keeps is told anew behind a new session; without a farewell it tells that nobody tells any more")
  func kept() throws {
    let (broker, fixture) = (try Broker(isSecure: false), try DeliveryFixture(.embedded))
    var wanted = target("mqtt://127.0.0.1:\(broker.port)")
    wanted.announces = true
    _ = try fixture.desk.put(wanted, scope: .all)
    let event = try fixture.begin("dock", client: "acme")
    try fixture.read()
    let noted = try #require(try fixture.notices("home", client: "acme").first)
    let sender = try BrokerSender(wanted, fixture.library)
    #expect(tell(sender, noted).verdict == .taken)
    let base = "ridley/acme"
    #expect(broker.kept("\(base)/dock/state").contains(#""open":1,"labels":{"person":1}"#))
    #expect(broker.kept("\(base)/status") == "online")
    #expect(broker.kept("homeassistant/#").contains(#""state_topic":"\#(base)/dock/state""#))
    // A broker that forgot everything, as one without a disk.
    try fixture.end(event)
    try broker.restart()
    #expect(broker.kept("\(base)/dock/state").isEmpty)
    _ = tell(sender, notice("yard"))
    #expect(tell(sender, notice("yard")).verdict == .taken)
    for _ in 0..<3 { sender.rest() }
    #expect(broker.kept("\(base)/dock/state").contains(#""open":0"#), "of the stream that nothing was told of")
    #expect(broker.kept("homeassistant/#").contains("dock") && broker.kept("\(base)/status") == "online")
  }
}

/// A mosquitto of its own, at a free port, ended with the value.
private final class Broker: Sendable {
  let port: Int
  /// As curl pins keys.
  let key: String
  private let folder = TemporaryFolder()
  private let process = Monitor<Process?>(nil)

  static let isThere = shell(["sh", "-c", "command -v mosquitto mosquitto_sub mosquitto_passwd openssl"]).status == 0

  init(isSecure: Bool) throws {
    let found = shell([
      "python3", "-c", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])",
    ])
    port = Int(found.output.split(separator: "\n").first ?? "") ?? 0
    var lines = [
      "listener \(port) 127.0.0.1", "allow_anonymous false", "password_file \(folder.file("passwords"))", "user root",
    ]
    _ = shell(["mosquitto_passwd", "-b", "-c", folder.file("passwords"), "ridley", "a word"])
    if isSecure {
      _ = shell([
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hub", "-keyout",
        folder.file("key.pem"), "-out", folder.file("cert.pem"),
      ])
      lines += ["certfile \(folder.file("cert.pem"))", "keyfile \(folder.file("key.pem"))"]
    }
    let digest =
      "openssl x509 -in \(folder.file("cert.pem")) -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64"
    key = isSecure ? "sha256//" + shell(["sh", "-c", digest]).output.split(separator: "\n").joined() : ""
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: folder.file("conf"))
    try start()
  }

  deinit { process.update { $0 }.map { _ = kill($0.processIdentifier, SIGKILL) } }

  private func start() throws {
    let broker = Process()
    broker.executableURL = URL(filePath: "/usr/bin/env")
    broker.arguments = ["mosquitto", "-c", folder.file("conf")]
    (broker.standardOutput, broker.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try broker.run()
    process.update { $0 = broker }
    let end = Clock.now + 10_000_000_000
    let asked = "import socket; socket.create_connection(('127.0.0.1', \(port)), 1)"
    while shell(["python3", "-c", asked]).status != 0, Clock.now < end {}
  }

  func restart() throws {
    process.update { $0 }.map { broker in
      _ = kill(broker.processIdentifier, SIGKILL)
      broker.waitUntilExit()
    }
    try start()
  }

  /// What it keeps under a topic.
  func kept(_ topic: String) -> String {
    // Whoever runs the tests may have blocked the signals by which it would end itself.
    shell([
      "timeout", "-s", "KILL", "1", "mosquitto_sub", "-h", "127.0.0.1", "-p", "\(port)", "-u", "ridley", "-P", "a word",
      "-t", topic,
      "--retained-only",
    ]).output.split(separator: "\n").joined(separator: "\n")
  }
}
