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
