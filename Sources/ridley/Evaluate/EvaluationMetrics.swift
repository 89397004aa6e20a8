import Evaluation
import Registry

extension EvaluationResult {
  /// Labels or slices that have metrics of their own, at most; the evaluation itself has all.
  private static let mostParts = 200

  /// The main figures as metrics of a version: of all pictures, of each label (`label:cup`) and of each slice (`camera:left`).
  var metrics: [ModelMetric] {
    switch report {
    case .boxes(let report):
      Self.metrics(report.all) + Self.known([("ece", report.calibration.error)], nil)
        + report.slices.prefix(most(report.slices.count)).flatMap { Self.metrics($0.part, named($0.name)) }
        + zip(report.labels, report.byLabel).enumerated().prefix(most(report.labels.count)).flatMap { place, label in
          let ap = report.all.average.categories[place]?.ap
          return Self.known([("ap", ap), ("f1", label.1.f1)], "label:\(label.0)")
        }
    case .classes(let report):
      Self.metrics(report.all) + Self.known([("ece", report.calibration?.error)], nil)
        + report.slices.prefix(most(report.slices.count)).flatMap { Self.metrics($0.part, named($0.name)) }
        + zip(report.labels, report.byLabel).prefix(most(report.labels.count)).filter { $0.1.support > 0 }.flatMap {
          label, counts in
          Self.known([("f1", counts.f1)], "label:\(label)")
        }
    }
  }

  /// All of them, or none where they are too many: a part of them would look like all.
  private func most(_ count: Int) -> Int { count <= Self.mostParts ? count : 0 }

  private func named(_ value: String) -> String { "\(slice ?? "slice"):\(value)" }

  private static func metrics(_ part: DetectionReport.Part, _ slice: String? = nil) -> [ModelMetric] {
    known(
      [
        ("ap", part.average.ap), ("ap50", part.average.ap50), ("ap75", part.average.ap75),
        ("precision", part.counts.precision), ("recall", part.counts.recall), ("f1", part.counts.f1),
      ], slice)
  }

  private static func metrics(_ part: ClassificationReport.Part, _ slice: String? = nil) -> [ModelMetric] {
    known([("top1", part.top1), ("top5", part.top5), ("macro_f1", part.macroF1)], slice)
  }

  private static func known(_ figures: [(name: String, value: Double?)], _ slice: String?) -> [ModelMetric] {
    figures.compactMap { figure in figure.value.map { ModelMetric(name: figure.name, value: $0, slice: slice) } }
  }
}
