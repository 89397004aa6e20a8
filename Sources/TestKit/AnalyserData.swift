import Foundation

/// The folder of networks and labelled material for analysers; it is not part of the repository.
///
/// Found by `RIDLEY_ANALYSER_DATA`, else as `shared/analysers` beside the checkout. Tests that need it are skipped without it.
public enum AnalyserData {
  public static let folder: String? = {
    let beside = URL(filePath: Checkout.path).deletingLastPathComponent().appending(path: "shared/analysers").path
    let named = ProcessInfo.processInfo.environment["RIDLEY_ANALYSER_DATA"] ?? beside
    return FileManager.default.fileExists(atPath: named + "/SOURCES.tsv") ? named : nil
  }()

  public static var isThere: Bool { folder != nil }
  public static let whyNot = "the analysers' material is not here (set RIDLEY_ANALYSER_DATA to run this test)"

  /// The path of one file of the folder; call it only where ``isThere`` holds.
  public static func path(_ name: String) -> String { folder! + "/" + name }
}
