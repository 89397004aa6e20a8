import Foundation
import TestKit
import Testing

/// The dashboard as a person meets it: `Tests/Browser/dashboard.py` drives Chromium against `ridley serve`.
struct BrowserTests {
  static let isThere = ["chromium", "chromedriver", "ffmpeg"].allSatisfy { shell(["which", $0]).status == 0 }

  @Test(
    "The dashboard works in a real browser",
    .enabled(if: isThere, "no chromium with chromedriver here (Debian: apt-get install chromium chromium-driver)"))
  func dashboard() {
    let scratch = TemporaryFolder()
    let script = URL(filePath: Program.models).deletingLastPathComponent().path + "/Tests/Browser/dashboard.py"
    let result = shell(["/usr/bin/python3", script, Program.path, Program.models, scratch.path])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 16)
  }
}
