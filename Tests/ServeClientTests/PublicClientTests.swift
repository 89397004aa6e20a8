import Foundation
import TestKit
import Testing

/// `Tests/clients`: the public Triton and tus clients, our own for Python, the public tester of OpenAPI descriptions, and crashes, against the built program.
struct PublicClientTests {
  private static let checkout = URL(filePath: Program.models).deletingLastPathComponent().path
  private static let python = checkout + "/.deps/clients/bin/python"
  private static let isThere = FileManager.default.fileExists(atPath: python)

  private static let files = [
    "test_client.py", "test_rpc.py", "test_rpc_streams.py", "test_description.py", "test_crash.py", "test_media.py",
    "test_hostile.py", "test_manager.py", "test_uploads.py", "test_python.py", "test_python_faults.py",
  ]
  private static let runs = LongRuns(
    lane: .clients,
    files.map { file in
      let words = ["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ridley", Program.path]
      return (file, { shell([python] + words + ["\(checkout)/Tests/clients/\(file)"], in: checkout) })
    })

  @Test(
    "The public clients find nothing wrong with ridley serve",
    .enabled(if: isThere, "the public clients are not here: ./bootstrap fetches them"), runs.early(), arguments: files)
  func suite(_ file: String) async {
    let result = await Self.runs.result(of: file)
    #expect(result.status == 0, "\(result.output.suffix(6000)) \(result.errors.suffix(2000))")
    #expect(result.output.contains(" passed"), "\(result.output.suffix(2000))")
  }
}
