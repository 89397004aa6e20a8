import Base
import Evaluation
import JSON
import Testing

/// What is said of a model beside average precision.
struct ReportTests {
  private func object(_ x: Double, _ category: Int) -> DetectionSample.Object {
    .init(category: category, box: Rect(x: x, y: 0, width: 50, height: 50), area: 2500)
  }

  private func found(_ x: Double, _ category: Int, _ score: Double) -> DetectionSample.Found {
    .init(category: category, box: Rect(x: x, y: 0, width: 50, height: 50), score: score)
  }

  @Test("Counts, confusion and doubts of boxes are those of the threshold, by label and by slice")
  func boxes() {
    let samples = [
      // A cat that is a dog to the model, a dog that was missed, and a cat where none is.
      DetectionSample(
        objects: [object(0, 0), object(100, 1)], found: [found(2, 1, 0.9), found(300, 0, 0.6), found(100, 1, 0.1)],
        slice: "night"),
      DetectionSample(objects: [object(0, 0)], found: [found(0, 0, 0.75)], slice: "day"),
      DetectionSample(objects: [], found: [], slice: "day"),
    ]
    let report = DetectionReport(samples, labels: ["cat", "dog"], threshold: 0.3)
    #expect(report.byLabel[0].right == 1 && report.byLabel[0].wrong == 1 && report.byLabel[0].missed == 1)
    #expect(report.byLabel[1].right == 0 && report.byLabel[1].wrong == 1 && report.byLabel[1].missed == 1)
    #expect(report.byLabel[0].precision == 0.5 && report.byLabel[0].recall == 0.5 && report.byLabel[0].f1 == 0.5)
    #expect(report.confusion[0, 1] == 1 && report.confusion[1, 2] == 1 && report.confusion[2, 0] == 1)
    #expect(report.confusion[0, 0] == 1)
    #expect(report.slices.map(\.name) == ["day", "night"])
    #expect(report.slices[0].part.average.ap == 1 && report.slices[0].part.pictures == 2)
    #expect(report.slices[1].part.counts.right == 0)
    // Two missed, and the scores of two wrong answers.
    #expect(abs(report.doubts[0] - 3.5) < 1e-12 && abs(report.doubts[1] - 0.25) < 1e-12 && report.doubts[2] == 0)
    #expect(report.calibration.count == 3)
  }

  @Test("Classes: shares, means by label, confusion, and calibration worked out by hand")
  func classes() throws {
    func sample(_ truth: Int, _ scores: [Double], _ slice: String? = nil) -> ClassificationSample {
      let answers = scores.enumerated().sorted { $0.element > $1.element }
      return ClassificationSample(
        truth: truth, answers: answers.map { .init(label: $0.offset, score: $0.element) }, slice: slice)
    }
    let samples = [sample(0, [0.9, 0.1]), sample(0, [0.4, 0.6]), sample(1, [0.2, 0.8]), sample(1, [0.3, 0.7])]
    let report = ClassificationReport(samples, labels: ["a", "b"])
    #expect(report.all.top1 == 0.75 && report.all.top5 == 1)
    #expect(report.byLabel[0].recall == 0.5 && report.byLabel[1].precision == 2.0 / 3)
    let f1 = (2.0 / 3 + 0.8) / 2
    #expect(abs((report.all.macroF1 ?? 0) - f1) < 1e-12)
    #expect(report.confusion[0, 1] == 1 && report.confusion.confusions.map(\.count) == [1])
    // Each answer has a bin of its own: |.9-1|, |.6-0|, |.8-1|, |.7-1|, over four.
    #expect(abs((report.calibration?.error ?? 0) - 1.2 / 4) < 1e-12)
    #expect(abs((report.brier ?? 0) - 2 * (0.01 + 0.36 + 0.04 + 0.09) / 4) < 1e-12)
    #expect(abs(report.doubts[1] - 0.6) < 1e-12)
    let raw = ClassificationReport([sample(0, [7.5, -2])], labels: ["a", "b"])
    #expect(raw.calibration == nil && raw.brier == nil && raw.all.top1 == 1)
    let cut = ClassificationReport([.init(truth: 0, answers: [.init(label: 0, score: 0.9)])], labels: ["a", "b"])
    #expect(cut.brier == nil, "the other label's probability is not known")
    let text = JSONWriter.object(report.write)
    let document = try JSONDocument(parsing: String(decoding: text, as: UTF8.self), name: "report")
    #expect(try document.root.members().contains { $0.key == "calibration" })
  }

  @Test("A score on the edge of two bins belongs to the lower one, 0 to the first and 1 to the last")
  func bins() {
    var calibration = Calibration()
    for score in [0, 1.0 / 15, 1] { calibration.add(score: score, isRight: true) }
    #expect(calibration.bins[0].count == 2 && calibration.bins[14].count == 1)
    calibration.add(score: .nan, isRight: true)
    #expect(calibration.count == 3)
  }
}
