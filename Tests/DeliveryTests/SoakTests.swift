import TestKit
import Testing

/// A hundredth of `make soak-delivery`, with real receivers and a real broker.
@Suite(.timeLimit(.minutes(20)))
struct SoakTests {
  @Test(
    "Receivers and a broker that are away, fail, hang, redirect and lose answers hear everything once and in order, from a server that is killed",
    .enabled(if: isThere, "mosquitto is not installed"))
  func small() async {
    let folder = TemporaryFolder()
    let result = await shellAside([
      "timeout", "300", "python3", "\(Checkout.path)/bench/soak-delivery", Program.path, "--small",
      folder.path + "/work",
    ])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 13, "\(result.output)")
  }

  private static let isThere = shell(["sh", "-c", "command -v mosquitto mosquitto_sub mosquitto_passwd"]).status == 0
}
