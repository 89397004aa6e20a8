import Foundation
import TestKit
import Testing

/// `Tests/clients`: the public Triton and tus clients, the public tester of OpenAPI descriptions, and crashes, against the built program.
struct PublicClientTests {
  private static let checkout = URL(filePath: Program.models).deletingLastPathComponent().path
  private static let python = checkout + "/.deps/clients/bin/python"
  private static let isThere = FileManager.default.fileExists(atPath: python)

  @Test(
    "The public clients find nothing wrong with ridley serve",
    .enabled(if: isThere, "the public clients are not here: ./bootstrap fetches them"),
    arguments: [
      "test_client.py", "test_description.py", "test_crash.py", "test_media.py", "test_hostile.py", "test_manager.py",
      "test_uploads.py",
    ])
  func suite(_ file: String) {
    let result = shell(
      [
        Self.python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ridley", Program.path,
        "\(Self.checkout)/Tests/clients/\(file)",
      ], in: Self.checkout)
    #expect(result.status == 0, "\(result.output.suffix(6000)) \(result.errors.suffix(2000))")
    #expect(result.output.contains(" passed"), "\(result.output.suffix(2000))")
  }
}
