import Base
import Evaluation
import Predictions

/// A trial for people.
struct TrialText {
  private let report: TrialReport
  private let differences: [TrialDifference]
  private let shown: Int

  init(_ report: TrialReport, _ differences: [TrialDifference], shown: Int) {
    (self.report, self.differences, self.shown) = (report, differences, shown)
  }

  var text: String {
    var text = """
      older     \(report.older.name) (\(report.older.digest.prefix(19)))\(rate(report.older))
      newer     \(report.newer.name) (\(report.newer.digest.prefix(19)))\(rate(report.newer))
      compared  \(report.files) files, \(report.comparison.frames) frames, \(report.comparison.all.items) items\(kept)

      """
    if let speed = report.speed { text += "speed     \(NumberFormat.fixed(speed, 2)) times that of the older one\n" }
    text += "\n" + labels + shift
    if differences.isEmpty {
      text += "nothing is told otherwise\n"
    } else {
      text += "\n" + items
      let more = differences.count - shown
      if more > 0 { text += "and \(more) more: --limit N shows more, --json and --html too\n" }
    }
    for note in report.notes { text += note + "\n" }
    for (file, reason) in report.failures.prefix(20) { text += "not compared: \(file): \(reason)\n" }
    return text + verdict
  }

  private func rate(_ side: TrialReport.Side) -> String {
    side.framesPerSecond.map { ", \(NumberFormat.measure($0)) frames/s" } ?? ""
  }

  private var kept: String {
    report.filesKept > 0 ? "; of \(report.filesKept) files the older answers were kept in the library" : ""
  }

  private var labels: String {
    var table = Table(
      [("label", .left), ("items", .right), ("agreement", .right)]
        + TrialDifference.Kind.allCases.map { ($0.rawValue, .right) } + [("shift", .right)])
    let all = [(name: "all", label: report.comparison.all)]
    for (name, label) in (report.labels.count == 1 ? [] : all) + report.labels.prefix(40) {
      table.add(
        [name.isEmpty ? "-" : name, "\(label.items)", label.agreement.map { NumberFormat.fixed($0, 4) } ?? "–"]
          + TrialDifference.Kind.allCases.map { "\(label.kinds[$0, default: 0])" }
          + [label.shift.mean.map { NumberFormat.fixed($0, 4) } ?? "–"])
    }
    return table.isEmpty ? "neither version found anything\n" : table.text
  }

  private var shift: String {
    let shift = report.comparison.all.shift
    guard let mean = shift.mean, let distance = shift.meanDistance, let low = shift.quantile(0.05),
      let high = shift.quantile(0.95)
    else { return "" }
    let digits = { NumberFormat.fixed($0, 3) }
    return
      "scores of what both have: shifted by \(digits(mean)) on average, \(digits(distance)) apart, nine in ten from \(digits(low)) to \(digits(high))\n"
  }

  private var items: String {
    var table = Table([
      ("size", .right), ("what", .left), ("older", .left), ("newer", .left), ("overlap", .right), ("frame", .right),
      ("time", .right), ("file", .left),
    ])
    for difference in differences.prefix(shown) {
      table.add([
        NumberFormat.fixed(difference.size, 3), difference.kind.rawValue, Self.text(difference.older),
        Self.text(difference.newer), difference.overlap.map { NumberFormat.fixed($0, 2) } ?? "",
        "\(difference.frame)", NumberFormat.clock(difference.time, tenths: true), difference.file,
      ])
    }
    return table.text
  }

  private static func text(_ side: Prediction?) -> String {
    guard let side else { return "–" }
    return [side.label, side.score.map { NumberFormat.fixed(Double($0), 2) }].compactMap(\.self).joined(separator: " ")
  }

  private var verdict: String {
    var text = ""
    for (clause, value, holds) in report.verdict?.clauses ?? [] {
      let found = value.map { NumberFormat.short($0, 4) } ?? "not known"
      text += "\(holds ? "holds" : "does not hold"): \(clause.text) (\(found))\n"
    }
    guard report.verdict != nil else { return text }
    return text
      + (report.isPassed ? "passed\n" : "not passed\(report.failures.isEmpty ? "" : ": not every file was compared")\n")
  }
}
