import TestKit
import Testing

/// A hundredth of `make soak-edge`: a node and a centre as processes, with a link that is cut, while both are killed.
@Suite(.timeLimit(.minutes(20)))
struct SoakTests {
  @Test("Over a link that is cut, from a node and a centre that are killed, every event arrives once, at its true time")
  func small() async {
    let folder = TemporaryFolder()
    let result = await shellAside([
      "timeout", "240", "python3", "\(Checkout.path)/bench/soak-edge", Program.path, "--small", folder.path + "/work",
    ])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 4, "\(result.output)")
  }
}
