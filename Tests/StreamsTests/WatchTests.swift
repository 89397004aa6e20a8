import Foundation
import TestKit
import Testing

@Suite(.serialized)
struct WatchTests {
  @Test(
    "What 'ridley watch' promises holds with real cameras that are stopped, killed and changed",
    .timeLimit(.minutes(10)))
  func cameras() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/watch.py"
    let result = await shellAside(["/usr/bin/python3", script, Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 7, "\(result.output)")
  }

  @Test("Viewers get the picture of a stream as its camera sends it", .timeLimit(.minutes(5)))
  func seen() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/view.py"
    let result = await shellAside(["/usr/bin/python3", script, Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 5, "\(result.output)")
  }

  @Test("Cameras come over UDP, by TLS and from where they say that they have moved", .timeLimit(.minutes(5)))
  func wires() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/wires.py"
    let result = await shellAside(["/usr/bin/python3", script, Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count { $0.hasPrefix("ok") } == 7, "\(result.output)")
  }

  @Test("Streams come by HTTP, HLS, RTMP and in packets of MPEG-TS", .timeLimit(.minutes(5)))
  func web() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/web.py"
    let result = await shellAside(["/usr/bin/python3", script, Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count { $0.hasPrefix("ok") } == 4, "\(result.output)")
  }

  @Test(
    "Servers that hang, send nonsense or come back as something else are named, and tried again",
    .timeLimit(.minutes(5)))
  func hostile() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/hostile.py"
    let result = await shellAside(["/usr/bin/python3", script, Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count { $0.hasPrefix("ok") } == 2, "\(result.output)")
  }

  @Test("Cameras and servers with habits of real ones are watched, or told by what is wrong", .timeLimit(.minutes(5)))
  func odd() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/odd.py"
    let result = await shellAside(["/usr/bin/python3", script, Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count { $0.hasPrefix("ok") } == 5, "\(result.output)")
  }

  @Test(
    "No source leads a stranger to an address of this machine", .enabled(if: Self.hasNetworks), .timeLimit(.minutes(5)))
  func gate() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/gate.py"
    let words = ["unshare", "--user", "--map-root-user", "--net", "/usr/bin/python3", script]
    let result = await shellAside(words + [Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count { $0.hasPrefix("ok") } == 4, "\(result.output)")
  }

  /// The test makes an address of the open network its own.
  private static let hasNetworks =
    shell(["unshare", "--user", "--map-root-user", "--net", "ip", "link", "set", "lo", "up"]).status == 0

  @Test("Streams of a server come, change and go for its clients", .timeLimit(.minutes(5)))
  func served() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/serve.py"
    let result = await shellAside(["/usr/bin/python3", script, Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 6, "\(result.output)")
  }

  @Test(
    "Events of streams are kept, found, followed and shown, over changes of zones and a killed server",
    .timeLimit(.minutes(5)))
  func events() async {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/events.py"
    let result = await shellAside(["/usr/bin/python3", script, Program.path, Program.models, scratch.path + "/work"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 8, "\(result.output)")
  }
}
