import Base
import Evaluation
import Foundation
import Predictions
import Testing

@testable import Reports

struct TrialPageTests {
  private let hostile = #"</style></script><script>alert("1")</script><img src=x onerror='a'> &"#

  private func report(_ label: String) -> TrialReport {
    let box = Rect(x: 0.1, y: 0.2, width: 0.3, height: 0.4)
    var comparison = TrialComparison()
    comparison.add(
      file: hostile, frame: 3, time: 1.5,
      older: [Prediction(kind: .detection, label: label, score: 0.9, box: box)], newer: [])
    var report = TrialReport(
      older: TrialReport.Side(name: hostile, digest: "sha256:0"),
      newer: TrialReport.Side(name: "m@2", digest: "sha256:1"), comparison)
    (report.files, report.notes, report.failures) = (1, [hostile], [(hostile, hostile)])
    return report
  }

  @Test("Names, labels and reasons cannot break out of the page or of its data")
  func hostileText() throws {
    let report = report(hostile)
    let items = report.comparison.differences.map { TrialPage.Item($0, file: hostile, picture: [255, 216], size: nil) }
    let page = String(decoding: TrialPage.page(report, items, of: 1, version: hostile), as: UTF8.self)
    for piece in ["<img src=x", "<script>alert", "</style></script>"] { #expect(!page.contains(piece)) }
    #expect(page.components(separatedBy: "<script").count == 3, "its data, and its own script")
    #expect(page.contains("default-src 'none'") && page.contains("data:image/jpeg;base64,/9g="))
    // The data is read again as it was.
    let start = try #require(page.range(of: "id=\"items\">")?.upperBound)
    let end = try #require(page.range(of: "</script>", range: start..<page.endIndex)?.lowerBound)
    let data = try JSONSerialization.jsonObject(with: Data(page[start..<end].utf8)) as? [String: Any]
    let item = try #require((data?["items"] as? [[String: Any]])?.first)
    #expect((item["older"] as? [String: Any])?["label"] as? String == hostile && item["frame"] as? Int == 3)
  }

  @Test("A page says whether the rule holds, and that nothing passed where not every file was compared")
  func verdict() throws {
    var report = report("person")
    report.verdict = try TrialRule("gone.person <= 3", labels: ["person"]).judge(report.comparison, speed: nil)
    let page = { String(decoding: TrialPage.page($0, [], of: 1, version: "1"), as: UTF8.self) }
    #expect(page(report).contains("Not passed.") && page(report).contains("holds: gone.person &lt;= 3 (1)"))
    report.failures = []
    #expect(page(report).contains("Passed.") && !page(report).contains("Not passed."))
  }

  @Test("No other page runs a script")
  func others() {
    let page = String(decoding: HTMLReport.document("t", "b"), as: UTF8.self)
    #expect(!page.contains("script-src") && page.contains("default-src 'none'"))
  }
}
