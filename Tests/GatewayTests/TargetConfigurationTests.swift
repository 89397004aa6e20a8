import Base
import Catalog
import Delivery
import TestKit
import Testing

@testable import Gateway

struct TargetConfigurationTests {
  private func read(_ text: String, folder: String = ".") throws(Fault) -> ServeConfiguration {
    try ServeConfiguration.parse(Array(text.utf8), name: "ridley.yaml", folder: folder)
  }

  @Test("Targets have their secrets from files and the environment, and may be anywhere")
  func targets() throws {
    let folder = TemporaryFolder()
    let secret = "whsec_" + Base64.encode(Array(repeating: 1, count: 32))
    try FileSystem.write(Array("\(secret)\n".utf8), to: folder.file("s"))
    let text = """
      public-address: https://c.example/
      targets:
        alarm: {address: 'https://a.example/x', secret-file: s, streams: dock, labels: [person, car], phases: [start, update], kinds: event}
        home: {client: acme, address: mqtt://hub, user: u, password-environment: HOME, topic: cams, discovery: true}
      deliveries: {retry: 2s, longest: 1m, probe: 30s, patience: 2d, keep: 3d, links: 1h}
      incidents: {source: 30s, disk: 2GiB, queue: 1m}
      """
    let result = try read(text, folder: folder.path)
    let targets = try #require(result.targets)
    #expect(targets.map(\.name) == ["alarm", "home"] && targets.map(\.client) == ["local", "acme"])
    #expect(targets.allSatisfy { $0.isConfigured && $0.reachesPrivate })
    #expect(targets[0].credentials.secret == secret && targets[0].selection.streams == ["dock"])
    #expect(targets[0].selection.labels == ["person", "car"] && targets[0].selection.kinds == [.event])
    #expect(targets[0].selection.phases == [.start, .update] && targets[1].selection.phases == [.start, .end])
    #expect(targets[1].credentials.user == "u" && targets[1].credentials.password?.isEmpty == false)
    #expect(targets[1].topic == "cams" && targets[1].announces)
    #expect(result.publicAddress == "https://c.example" && result.linkSeconds == 3600)
    #expect((result.pace.first, result.pace.longest, result.pace.longestProbe) == (2, 60, 30))
    #expect((result.pace.patience, result.pace.kept) == (172_800, 259_200))
    #expect((result.sourcePatience, result.diskReserve, result.queuePatience) == (30, 2 << 30, 60))
    #expect(try read("targets: {}").targets == [] && read("log: {}").targets == nil)
  }

  @Test(
    "What is wrong in it is told with its place, and no secret is shown",
    arguments: [
      ("targets: [a]", "must be a group"), ("targets: {a: {secret-file: s}}", "address"),
      ("targets: {a: {address: 'https://a/'}}", "needs what its notices are signed with"),
      ("targets: {a: {address: 'mqtt://a', password-environment: RIDLEY_NO_SUCH}}", "no RIDLEY_NO_SUCH"),
      ("targets: {a: {address: 'mqtt://a', password-file: x, password-environment: HOME}}", "give one of them"),
      ("targets: {a: {address: 'mqtt://a', phases: [begin]}}", "'begin' is not allowed"),
      ("targets: {a: {address: 'mqtt://a', secret: x}}", "secret"),
      ("public-address: cameras.example", "expected e.g. https://"),
      ("public-address: 'https://a/?b'", "expected e.g."),
      ("deliveries: {patience: 0s}", "out of range"), ("incidents: {disk: 1}", "is not a size"),
    ])
  func mistakes(text: String, words: String) throws {
    let fault = #expect(throws: Fault.self) { try read(text) }
    #expect(fault?.message.contains(words) == true, "\(fault?.message ?? "")")
  }
}
