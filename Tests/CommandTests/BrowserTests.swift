import Foundation
import TestKit
import Testing

/// The dashboard as a person meets it: the scripts of `Tests/Browser` drive Chromium against `ridley serve`.
@Suite(.timeLimit(.minutes(60)))
struct BrowserTests {
  static let isThere = ["chromium", "chromedriver", "ffmpeg"].allSatisfy { shell(["which", $0]).status == 0 }
  private static let checks = [
    "dashboard.py": 16, "library.py": 28, "jobs.py": 22, "live.py": 8, "recordings.py": 11, "rollouts.py": 10,
    "fleet.py": 6,
    "search.py": 24,
    "words.py": 9,
  ]
  private static let runs = LongRuns(
    checks.keys.sorted().map { name in
      (
        name,
        {
          let scratch = TemporaryFolder()
          let script = "\(Checkout.path)/Tests/Browser/\(name)"
          return shell(["/usr/bin/python3", script, Program.path, Program.models, scratch.path])
        }
      )
    })

  @Test(
    "The dashboard works in a real browser, its models, library, jobs and streams",
    .enabled(if: isThere, "no chromium with chromedriver here (Debian: apt-get install chromium chromium-driver)"),
    runs.early(), arguments: checks.keys.sorted())
  func dashboard(_ name: String) async {
    let result = await Self.runs.result(of: name)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == Self.checks[name], "\(result.output)")
  }
}
