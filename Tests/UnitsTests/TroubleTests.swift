import Foundation
import TestKit
import Testing

/// Units that are killed, cut off and stopped while pictures come: `bench/units`, a hundredth of it.
@Suite(.enabled(if: RedisServer.isThere, "no redis-server here"), .timeLimit(.minutes(30)))
struct TroubleTests {
  private static let runs = LongRuns([
    (
      "faults",
      {
        let scratch = TemporaryFolder()
        let bench = "\(Checkout.path)/bench/units"
        return shell([
          "timeout", "600", "/usr/bin/python3", bench, Program.path, "--small", scratch.path, "--seed", "2",
        ])
      }
    )
  ])

  @Test(
    "Every picture is in one count, whatever units and Redis do, and what is told is young, in order and told once",
    Self.runs.early("faults"))
  func faults() async {
    let result = await Self.runs.result(of: "faults")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("faults: 1 "), "\(result.output)")
  }
}
