import Foundation

/// The folder of real models, clips and expected answers; it is not part of the repository.
///
/// Found by `RIDLEY_TEST_DATA`, else as `shared/data` beside the checkout. Tests that need it are skipped without it.
public enum TestData {
  public static let folder: String? = {
    let beside = URL(filePath: Checkout.path).deletingLastPathComponent().appending(path: "shared/data").path
    let named = ProcessInfo.processInfo.environment["RIDLEY_TEST_DATA"] ?? beside
    return FileManager.default.fileExists(atPath: named + "/SOURCES.tsv") ? named : nil
  }()

  public static var isThere: Bool { folder != nil }
  public static let whyNot = "the folder of test data is not here (set RIDLEY_TEST_DATA to run this test)"

  /// The path of one file of the folder; call it only where ``isThere`` holds.
  public static func path(_ name: String) -> String { folder! + "/" + name }

  /// Every clip of the folder, as paths relative to it, sorted.
  public static var clips: [String] {
    guard let folder else { return [] }
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { name in [".mp4", ".mkv", ".mov", ".webm"].contains { name.hasSuffix($0) } }.sorted()
  }
}
