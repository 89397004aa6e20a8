import Foundation
import TestKit
import Testing

/// The dashboard as a person meets it: the scripts of `Tests/Browser` drive Chromium against `ridley serve`.
@Suite(.serialized)
struct BrowserTests {
  static let isThere = ["chromium", "chromedriver", "ffmpeg"].allSatisfy { shell(["which", $0]).status == 0 }

  @Test(
    "The dashboard works in a real browser, its models, library and jobs",
    .enabled(if: isThere, "no chromium with chromedriver here (Debian: apt-get install chromium chromium-driver)"),
    arguments: [("dashboard.py", 16), ("library.py", 20), ("jobs.py", 22), ("live.py", 7)])
  func dashboard(_ name: String, checks: Int) {
    let scratch = TemporaryFolder()
    let script = URL(filePath: Program.models).deletingLastPathComponent().path + "/Tests/Browser/\(name)"
    let result = shell(["/usr/bin/python3", script, Program.path, Program.models, scratch.path])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == checks, "\(result.output)")
  }
}
