import Base
import Evaluation
import Execution
import ModelHub
import Predictions

/// What came of an evaluation: the figures, of what, and what should be known of them.
struct EvaluationResult {
  enum Report {
    case boxes(DetectionReport)
    case classes(ClassificationReport)
  }

  let model: String
  let digest: String
  let engine: String
  let precision: String
  let device: String
  /// The truth's place as it was named, and its SHA-256.
  let truth: String
  let truthDigest: String
  /// The field by which slices were made.
  let slice: String?
  let report: Report
  let notes: [String]
  let failures: [(file: String, reason: String)]

  /// `named` is the model as it is when it is not evaluated: with its own threshold.
  init(_ run: EvaluationRun, _ model: LoadedModel, named: NamedModel, _ file: TruthFile, truth: String, slice: String?)
  {
    (self.model, digest, engine) = (named.name, named.model.digest, model.engine)
    (precision, device) = (model.precision, model.device)
    (self.truth, truthDigest, self.slice) = (truth, file.digest, slice)
    report =
      file.truth.kind == .boxes
      ? .boxes(DetectionReport(run.boxes, labels: run.labels, threshold: run.threshold))
      : .classes(ClassificationReport(run.classes, labels: run.labels))
    var notes = run.notes
    if case .classes(let report) = report, report.calibration == nil {
      notes.append("Scores are no probabilities from 0 to 1, so nothing is said of calibration.")
    }
    (self.notes, failures) = (notes, run.failures)
  }

  /// By sample.
  var doubts: [Double] {
    switch report {
    case .boxes(let report): report.doubts
    case .classes(let report): report.doubts
    }
  }

  /// What is told in a list: the main figures.
  var summary: [UInt8] {
    JSONWriter.object { json in
      json.field("truth", truth)
      json.field("truth_digest", truthDigest)
      switch report {
      case .boxes(let report):
        json.field("task", ModelTask.detection.rawValue)
        json.field("pictures", report.all.pictures)
        json.field("objects", report.all.objects)
        for (name, value) in report.all.average.figures { json.field(.made(name), value, digits: 6) }
        json.field("precision", report.all.counts.precision, digits: 6)
        json.field("recall", report.all.counts.recall, digits: 6)
        json.field("f1", report.all.counts.f1, digits: 6)
        json.field("ece", report.calibration.error, digits: 6)
      case .classes(let report):
        json.field("task", ModelTask.classification.rawValue)
        json.field("pictures", report.all.pictures)
        json.field("top1", report.all.top1, digits: 6)
        json.field("top5", report.all.top5, digits: 6)
        json.field("macro_f1", report.all.macroF1, digits: 6)
        json.field("ece", report.calibration?.error, digits: 6)
      }
      json.field("failed", failures.count)
      writeRuntime(into: &json)
    }
  }

  private func writeRuntime(into json: inout JSONWriter) {
    json.field("digest", digest)
    json.field("engine", engine)
    json.field("compute", precision)
    json.field("device", device)
  }

  /// All of it.
  func write(into json: inout JSONWriter) {
    json.field("model", model)
    writeRuntime(into: &json)
    json.field("truth", truth)
    json.field("truth_digest", truthDigest)
    json.field("sliced_by", slice)
    switch report {
    case .boxes(let report):
      json.field("task", ModelTask.detection.rawValue)
      report.write(into: &json)
    case .classes(let report):
      json.field("task", ModelTask.classification.rawValue)
      report.write(into: &json)
    }
    json.field("notes", notes)
    json.array("failures") { json in
      for (file, reason) in failures {
        json.object { json in
          json.field("file", file)
          json.field("reason", reason)
        }
      }
    }
  }
}
