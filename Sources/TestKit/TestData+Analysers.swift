import Foundation

extension TestData {
  /// The folder of networks and expected answers for analysers, `analysers` beside the test data; not part of the repository.
  public static let analysers: String? = {
    guard let folder else { return nil }
    let beside = URL(filePath: folder).deletingLastPathComponent().appending(path: "analysers").path
    return FileManager.default.fileExists(atPath: beside + "/SOURCES.tsv") ? beside : nil
  }()

  public static var hasAnalysers: Bool { analysers != nil }
  public static let whyNoAnalysers =
    "the folder 'analysers' is not beside the test data (set RIDLEY_TEST_DATA to run this test)"
}
