import Foundation
import TestKit
import Testing

struct WatchTests {
  @Test(
    "What 'ridley watch' promises holds with real cameras that are stopped, killed and changed",
    .timeLimit(.minutes(10)))
  func cameras() {
    let scratch = TemporaryFolder()
    let script = Checkout.path + "/Tests/StreamsTests/watch.py"
    let result = shell(["/usr/bin/python3", script, Program.path, Program.models, scratch.path])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 7, "\(result.output)")
  }
}
