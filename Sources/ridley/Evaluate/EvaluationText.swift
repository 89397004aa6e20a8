import Base
import Evaluation

/// An evaluation for people.
struct EvaluationText {
  private let result: EvaluationResult

  init(_ result: EvaluationResult) { self.result = result }

  private static let mostLabels = 40

  var text: String {
    var text = "\(result.model) (\(result.digest.prefix(19))), \(result.engine), \(result.precision)\n"
    text += "truth     \(result.truth) (\(result.truthDigest.prefix(19)))\n"
    switch result.report {
    case .boxes(let report): text += self.text(report)
    case .classes(let report): text += self.text(report)
    }
    for note in result.notes { text += note + "\n" }
    for (file, reason) in result.failures.prefix(20) { text += "not counted: \(FileName.shown(file)): \(reason)\n" }
    if result.failures.count > 20 { text += "and \(result.failures.count - 20) more pictures that are not counted\n" }
    return text
  }

  private func text(_ report: DetectionReport) -> String {
    var text = "counted   \(report.all.pictures) pictures, \(report.all.objects) objects\n\n"
    text += parts(
      [("all", report.all)] + report.slices,
      [
        ("AP", { $0.average.ap }), ("AP50", { $0.average.ap50 }), ("AP75", { $0.average.ap75 }),
        ("small", { $0.average.small }), ("medium", { $0.average.medium }), ("large", { $0.average.large }),
        ("AR100", { $0.average.recall100 }), ("precision", { $0.counts.precision }), ("recall", { $0.counts.recall }),
        ("F1", { $0.counts.f1 }),
      ])
    text += "\nat the threshold \(NumberFormat.short(report.threshold, 4)) and an overlap of a half:\n"
    text += labels(report.labels, report.byLabel, ap: report.all.average.categories.map { $0?.ap })
    text += confusions(report.confusion)
    return text + self.text(report.calibration)
  }

  private func text(_ report: ClassificationReport) -> String {
    var text = "counted   \(report.all.pictures) pictures\n\n"
    text += parts(
      [("all", report.all)] + report.slices,
      [("top-1", { $0.top1 }), ("top-5", { $0.top5 }), ("macro F1", { $0.macroF1 })])
    text += "\n" + labels(report.labels, report.byLabel, ap: nil)
    text += confusions(report.confusion)
    if let brier = report.brier { text += "Brier score over all labels \(NumberFormat.fixed(brier, 4))\n" }
    return text + (report.calibration.map(self.text) ?? "")
  }

  private func parts<Part>(_ parts: [(name: String, part: Part)], _ columns: [(String, (Part) -> Double?)]) -> String {
    var table = Table([("", .left)] + columns.map { ($0.0, .right) })
    for (name, part) in parts { table.add([name] + columns.map { Self.text($0.1(part)) }) }
    return table.text
  }

  /// Those with most of the truth first.
  private func labels(_ names: [String], _ counts: [LabelCounts], ap: [Double?]?) -> String {
    let shown = names.indices.filter { counts[$0].support + counts[$0].wrong > 0 }
      .sorted { (counts[$1].support, $0) < (counts[$0].support, $1) }
    var table = Table(
      [("label", .left), ("truth", .right)] + (ap == nil ? [] : [("AP", .right)])
        + [("precision", .right), ("recall", .right), ("F1", .right)])
    for place in shown.prefix(Self.mostLabels) {
      let count = counts[place]
      table.add(
        [names[place], "\(count.support)"] + (ap.map { [Self.text($0[place])] } ?? [])
          + [Self.text(count.precision), Self.text(count.recall), Self.text(count.f1)])
    }
    let more = shown.count - Self.mostLabels
    return table.text + (more > 0 ? "and \(more) more labels: --json has all\n" : "")
  }

  private func confusions(_ matrix: ConfusionMatrix) -> String {
    let most = matrix.confusions.prefix(8)
    guard !most.isEmpty else { return "" }
    return "taken for something else: "
      + most.map { "\($0.truth) for \($0.said) \($0.count)" }.joined(separator: ", ") + "\n"
  }

  private func text(_ calibration: Calibration) -> String {
    guard let error = calibration.error, let brier = calibration.brier else { return "" }
    return
      "calibration error (ECE) \(NumberFormat.fixed(error, 4)), Brier score \(NumberFormat.fixed(brier, 4)), of \(calibration.count) answers\n"
  }

  private static func text(_ value: Double?) -> String { value.map { NumberFormat.fixed($0, 4) } ?? "–" }
}
