import Base
import Bus
import Catalog
import LibraryKit
import Objects
import TestKit
import Testing

@testable import Jobs

struct WebhookTests {
  private static func secret(_ count: Int) -> String { "whsec_" + Base64.encode(Array(repeating: 7, count: count)) }

  @Test("A secret is whsec_ and base 64 of 24 to 64 bytes, and the refusal does not show it", arguments: Parts.there)
  func secrets(parts: Parts) throws {
    for good in [Self.secret(24), Self.secret(25), Self.secret(64), SignedRequest.secret()] {
      try SignedRequest.check(secret: good)
    }
    let bad = [
      "", "whsec_", "geheim", Self.secret(23), Self.secret(65), String(Self.secret(24).dropFirst(6)),
      Self.secret(24) + "=", "whsec_" + String(repeating: "ü", count: 32), "WHSEC_" + Self.secret(24).dropFirst(6),
    ]
    for secret in bad {
      let fault = #expect(throws: Fault.self) { try SignedRequest.check(secret: secret) }
      #expect(fault?.kind == .badInput && fault?.message.contains("whsec_ and base 64 of 24 to 64 bytes") == true)
      #expect(!secret.hasPrefix("ge") || fault?.message.contains(secret) == false)
    }
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    var request = fixture.request()
    request.webhook = Job.Webhook(address: "http://127.0.0.1:1/x", secret: "geheim", reachesPrivate: true)
    #expect { try fixture.desk.start(request, scope: .all) } throws: { ($0 as? Fault)?.kind == .badInput }
  }

  @Test("A receiver that answers drop by drop is given up after ten seconds in all")
  func slow() throws {
    // What is sent has nothing to do with what the library stands on.
    let fixture = try JobFixture(.embedded)
    let server = try LocalServer(folder: fixture.folder.path)
    try fixture.add("a")
    var request = fixture.request()
    request.webhook = Job.Webhook(
      address: "\(server.address)/drip/hook", secret: SignedRequest.secret(), reachesPrivate: true)
    let job = try fixture.desk.start(request, scope: .all).job
    let watch = Stopwatch()
    let fault = #expect(throws: Fault.self) { try Webhook.send(job, at: 0) }
    #expect(fault?.kind == .unavailable && watch.seconds > 9 && watch.seconds < 15, "\(watch.seconds)")
  }

  @Test(
    "An address that may not be asked is not asked again, and the job says why it was not told", arguments: Parts.there)
  func local(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    try fixture.add("a")
    var request = fixture.request()
    request.webhook = Job.Webhook(
      address: "http://127.0.0.1:1/x", secret: SignedRequest.secret(), reachesPrivate: false)
    let job = try fixture.desk.start(request, scope: .all).job
    let keys = try fixture.drain(fixture.work(Fault(.badInput, "no")))
    #expect(keys.count == 3, "listed, looked at, told: \(keys)")
    #expect(try fixture.now(job).webhook?.trouble?.contains("local network") == true)
  }
}
