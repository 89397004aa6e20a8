import Foundation
import TestKit
import Testing

/// A test that waits without an end hangs all tests when what it waits for is broken.
struct WaitingTests {
  /// Tests `Monitor` itself.
  private static let known = ["BaseTests/ThreadTests.swift"]

  @Test func `no test waits without an end`() throws {
    let files = try #require(FileManager.default.enumerator(atPath: "\(Checkout.path)/Tests"))
    for case let file as String in files where file.hasSuffix(".swift") && !Self.known.contains(file) {
      let text = try String(contentsOfFile: "\(Checkout.path)/Tests/\(file)", encoding: .utf8)
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let isEndless = line.contains(/\.wait( \{|\(until:)/) || line.contains(/while [^,]*\{ *usleep/)
        #expect(!isEndless, "\(file):\(number + 1): wait(for:) and waitUntil of TestKit have an end")
      }
    }
  }
}
