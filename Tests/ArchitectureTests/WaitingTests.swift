import TestKit
import Testing

/// A test that waits without an end hangs all tests when what it waits for is broken.
struct WaitingTests {
  /// Tests `Monitor` itself.
  private static let known = ["Tests/BaseTests/ThreadTests.swift"]

  @Test func `no test waits without an end`() {
    let endless = #"\.wait( \{|\(until:)|while [^,]*\{ *usleep"#
    let found = shell(["grep", "-rnE", "--include=*.swift", endless, "Tests"], in: Checkout.path)
    #expect(found.status == 0, "the test that is known to wait was not found: \(found.errors)")
    for line in found.output.split(separator: "\n") where !Self.known.contains(where: line.hasPrefix) {
      Issue.record("\(line): wait(for:) and waitUntil of TestKit have an end")
    }
  }
}
